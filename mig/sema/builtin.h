// mig/sema/builtin.h
//
// The types that need no declaration: MACH_MSG_TYPE_*, the older MSG_TYPE_* and their numbers.
#pragma once

#include "ir/ir.h"

#include <string_view>

namespace migc {

struct Builtin {
    const char* name;
    uint32_t number;  // Of the typed format; also accepted in place of the name.
    uint32_t bits;    // 0: must be given.
    bool is_port, is_signed, is_real, is_string;
    ir::Disposition sent, received;
};

const Builtin* find_builtin(std::string_view name);

}  // namespace migc
