// mig/diff/compare.h
//
// Two states of one interface: what breaks between programs that were built with the one and with the other.
#pragma once

#include "ir/ir.h"

namespace migc {

// Errors are messages that the other side refuses or misreads, whichever of the two is the client; warnings are what it
// takes and may take for something else.  Positions are in the newer file, or in the older one for what is gone.
void compare(const ir::Interface& older, const ir::Interface& newer, Reporter& reporter);

}  // namespace migc
