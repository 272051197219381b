// mig/codegen/kernel/kernel_common.h
//
// What the kernel's server and client stubs share.  Not for use outside codegen/kernel.
#pragma once

#include "codegen/cpp/cpp_types.h"

namespace migc::kernel {

std::string calls_namespace(const ir::Interface& interface);
// The function that the kernel implements, without its semicolon; `qualifier` goes before its name.
std::string call_signature(const ir::Routine& routine, const std::string& qualifier);
std::string encode_signature(const ir::Routine& routine);
std::string decode_signature(const ir::Routine& routine);

// Conditions on the descriptors of a message that arrived; `source` gives is_send() and the others.
void print_descriptor_checks(Writer& out, const ir::Message& message, const std::string& source,
                             const std::string& fail);
// `auto <name>_carried = source.take_...` for each descriptor.
void print_takes(Writer& out, const ir::Message& message, const std::string& source,
                 const std::string& suffix);
// Conditions that bind counts in the data to descriptors.
void print_count_requirements(Writer& out, const ir::Message& message, const std::string& source);
// Puts what `values` gives into the descriptors of a message that leaves.
void print_puts(Writer& out, const ir::Message& message, const std::string& target,
                const cpp::Values& values);

void print_server(Writer& out, const ir::Interface& interface);
void print_client(Writer& out, const ir::Interface& interface);

}  // namespace migc::kernel
