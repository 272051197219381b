// mig/codegen/c/c_names.h
//
// How the things of an interface are spelled in C.  Not for use outside codegen/c.
#pragma once

#include "codegen/writer.h"
#include "ir/ir.h"

#include <span>

namespace migc::c {

enum class Side { User, Server };

std::string request_type(const ir::Routine& routine);
std::string reply_type(const ir::Routine& routine);
std::string user_name(const ir::Interface& interface, const ir::Routine& routine);
std::string server_name(const ir::Interface& interface, const ir::Routine& routine);

// Of an array's elements or a string's characters.
std::string element_type(const ir::Type& type, Side side = Side::User);
// Passed as the address of its elements.
bool is_by_reference(const ir::Type& type);
// A part of the trailer that an argument tells: its name in C, and the trailer that ends with it.
struct TrailerPart {
    ir::Role role;
    const char* type;
    const char* name;
    const char* elements;  // What a receiver asks for.
};
// The farthest that this side is told; null if it is told none.
const TrailerPart* farthest_trailer_part(const ir::Routine& routine, Side side);
// Of one of these roles.
const TrailerPart& trailer_part(ir::Role role);
// How many elements a received message has of a counted argument.  `message` points to it; `suffix` ends the name of the
// variable that holds a count which moves.
std::string received_count(const ir::Message& message, const ir::Argument& argument, const char* pointer,
                           const char* suffix);
// `count` elements in bytes.
std::string bytes_of(const ir::Type& type, const std::string& count);
// The elements may ask for more than the four bytes that a message aligns to.
bool is_overaligned(const ir::Type& type);
// Parameters of the user's stub, or of the routine that the server's stub calls.
std::vector<std::string> parameters(const ir::Routine& routine, Side side);
// What it returns: a code, unless it is a procedure or a function.
std::string result_type(const ir::Routine& routine, Side side);
// Whom procedures and functions tell their failures.
std::string error_function(const ir::Interface& interface);
std::string parameter_list(const ir::Routine& routine, Side side);

// The name of a slot's field in the message's structure.
std::string field(const ir::Slot& slot);
// The slots up to the last that holds more than the count of out-of-line data, which its descriptor tells as well.
std::span<const ir::Slot> slots_to_unpack(const ir::Message& message);
// The structure of a message, as large as it can be.
void print_structure(Writer& out, const ir::Message& message, const std::string& name);
// Sizes that the C types must have.
void print_size_checks(Writer& out, const ir::Interface& interface);
void print_banner(Writer& out, const ir::Interface& interface, const char* what);
const char* disposition_name(ir::Disposition disposition);

// A function that checks a received message whole: kind, size, descriptors, representation, counts, strings.
// `size_error` is what it answers if the size is wrong.
void print_verify(Writer& out, const ir::Message& message, const std::string& structure,
                  const std::string& function, const char* size_error);

}  // namespace migc::c
