/* tests/unit/mig/stub_cost_user.c: the user's stubs, in a section of their own, so that their instructions can be told. */
#pragma clang section text = "mig_user_stubs"
/* NOLINTNEXTLINE(bugprone-suspicious-include): the stubs themselves are wanted. */
#include <everythingUser.c>
