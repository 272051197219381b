// mig/codegen/gnu/gnu_names.h
//
// How the things of an interface are spelled in the C of the GNU compiler.  Not for use outside codegen/gnu.
#pragma once

#include "codegen/writer.h"
#include "ir/ir.h"

namespace migc::gnu {

enum class Side { User, Server };

std::string user_name(const ir::Interface& interface, const ir::Routine& routine);
std::string server_name(const ir::Interface& interface, const ir::Routine& routine);
std::string demux_name(const ir::Interface& interface);

// The C type of what travels, and on the server's side of what it is translated to.
std::string message_type(const ir::Type& type, Side side);
std::string parameter_type(const ir::Type& type, Side side);

// The routine's parameters as they are declared.
std::vector<std::string> parameters(const ir::Routine& routine, Side side);
std::string parameter_list(const ir::Routine& routine, Side side);

// Passed as the address of its elements, in the caller's memory.
bool is_by_address(const ir::Type& type);
// Whoever sends says which right it is, and whoever receives is told.
bool has_poly(const ir::Argument& argument, Side side);

// MACH_MSG_TYPE_... for a number of the typed format.
std::string type_name(uint32_t number);
// The constant part of a description: name, bits.
std::string sent_name(const ir::Argument& argument, const std::string& poly);

const ir::Argument* special(const ir::Routine& routine, ir::Role role, Side side);

void print_banner(Writer& out, const ir::Interface& interface, const char* what);
void print_imports(Writer& out, const ir::Interface& interface, Side side);
// A prototype, or the head of a definition.
void print_function(Writer& out, const std::string& name, const std::vector<std::string>& parameters,
                    const char* end);
// Functions that the stubs of a file share (gnu_prelude.cpp).
void print_prelude(Writer& out);
void print_size_checks(Writer& out, const ir::Interface& interface, Side side);

}  // namespace migc::gnu
