#pragma once

#include "codegen/gnu/gnu_names.h"

namespace migc::gnu {

// Of all routines, or of one.
std::string user_source(const ir::Interface& interface, const ir::Routine* only = nullptr);
std::string server_source(const ir::Interface& interface);

}  // namespace migc::gnu
