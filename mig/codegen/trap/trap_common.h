// mig/codegen/trap/trap_common.h
//
// Traps are called with up to six arguments in registers; what is in memory is named by pointer_to.
#pragma once

#include "codegen/writer.h"
#include "ir/ir.h"

namespace migc::trap {

inline bool returns_nothing(const ir::Routine& routine) { return routine.result == nullptr; }

inline void print_banner(Writer& out, const ir::Interface& interface, const char* what, bool cxx)
{
    const std::string file = interface.file.substr(interface.file.rfind('/') + 1);
    out.comment(what + (" of " + interface.name) + ", made by mig from " + file +
                    ".  Changes here will be lost.",
                cxx);
}

}  // namespace migc::trap
