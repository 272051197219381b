// mig/codegen/cpp/cpp_common.h
//
// What the parts of the C++ form for services share.  Not for use outside codegen/cpp.
#pragma once

#include "codegen/cpp/cpp_types.h"

namespace migc::cpp {

// Parameters of a method of the interface, with or without names.
std::string method_parameters(const ir::Routine& routine);
// `virtual` is not part of it.
std::string method_return(const ir::Interface& interface, const ir::Routine& routine,
                          const std::string& scope);
// The class of the right that a Remote holds.
std::string port_class(const ir::Interface& interface);

// "bad descriptor" conditions, for `mig_parts`, a mig::Descriptors.
std::string descriptor_fault(const ir::Message& message);
// mig_in.require(count == what the descriptor says).
void print_count_requirements(Writer& out, const ir::Message& message);
// A variable for what each descriptor carries.
void print_takes(Writer& out, const ir::Message& message, const std::string& inout_prefix = {});
// Ports out of line can fail, so they come first; `fail` is what is returned with the code in mig_ports.error().
void print_puts(Writer& out, const ir::Message& message, const std::string& buffer, const std::string& fail,
                const Values& values);

std::string remote_source(const ir::Interface& interface);
std::string server_source(const ir::Interface& interface);

}  // namespace migc::cpp
