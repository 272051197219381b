// mig/ir/layout.h
#pragma once

#include "ir/ir.h"

namespace migc::ir {

// The message that carries the routine's `in` arguments, or those that are `out` and the return code.
Message lay_out_request(const Routine& routine);
Message lay_out_reply(const Routine& routine);

// The same in the typed format (typed_layout.cpp).
Message lay_out_typed_request(const Routine& routine);
Message lay_out_typed_reply(const Routine& routine);

}  // namespace migc::ir
