// mig/ir/layout.h
#pragma once

#include "ir/ir.h"

namespace migc::ir {

// The message that carries the routine's `in` arguments, or those that are `out` and the return code.
Message lay_out_request(const Routine& routine);
Message lay_out_reply(const Routine& routine);

}  // namespace migc::ir
