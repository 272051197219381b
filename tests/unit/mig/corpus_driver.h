// tests/unit/mig/corpus_driver.h
//
// Writes, for an interface in the GNU dialect, a C program that calls every routine with generated arguments and serves it
// with generated results.  It works with stubs of either compiler, because both have the same prototypes.
#pragma once

#include "ir/ir.h"

namespace migc {

// Without a server only the requests are made.
std::string corpus_driver(const ir::Interface& interface, bool with_server);
// Renames the user's functions, so that user and server of one interface fit into one program.
std::string corpus_renames(const ir::Interface& interface);

}  // namespace migc
