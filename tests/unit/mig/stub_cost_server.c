/* tests/unit/mig/stub_cost_server.c: the server's stubs, in a section of their own, so that their instructions can be told. */
#pragma clang section text = "mig_server_stubs"
/* NOLINTNEXTLINE(bugprone-suspicious-include): the stubs themselves are wanted. */
#include <everythingServer.c>
