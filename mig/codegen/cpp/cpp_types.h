// mig/codegen/cpp/cpp_types.h
//
// How arguments look in C++, in services and in the kernel: the same rules, other classes for rights and memory.
#pragma once

#include "codegen/writer.h"
#include "ir/ir.h"

namespace migc::cpp {

enum class World { Service, Kernel };

// What arrives and leaves as parts of a Result: fixed values, rights and memory.  Varying arrays and strings are OutArray
// parameters instead.
bool is_result_part(const ir::Argument& argument);
bool is_out_array(const ir::Argument& argument);
std::vector<const ir::Argument*> result_parts(const ir::Routine& routine);

// The class of a right with this disposition on arrival.
std::string right_class(ir::Disposition received, World world);
// A value as it is held: in variables, in a Result.
std::string value_type(const ir::Argument& argument, World world);
// An `in` parameter.
std::string parameter_type(const ir::Argument& argument, World world);
// An array's elements, a string's characters.
std::string element_type(const ir::Type& type);
// Void, the one part, or the structure named after the routine.
std::string result_type(const ir::Routine& routine, const std::string& method, World world);
std::string reply_struct_name(const std::string& method);
// Prints the structure, if the routine needs one.
void print_reply_struct(Writer& out, const ir::Routine& routine, const std::string& method, World world);

// `read_all` to `ReadAll`; a keyword gets an underscore.
std::string pascal_case(const std::string& name);
std::string safe_name(const std::string& name);
// The routine's name without the subsystem's.
std::string method_name(const ir::Interface& interface, const ir::Routine& routine);

void print_banner(Writer& out, const ir::Interface& interface, const char* what);
// static_assert(sizeof...) for every C type whose size the interface fixes.
void print_size_checks(Writer& out, const ir::Interface& interface);

// `auto x = in.get<T>()` and so on for each inline argument of a message, in wire order.  `in` is the reader.
// Arguments that are also `out` arrays are read as in_<name>; capacities as <name>_capacity.
// `inout_prefix` goes before fixed arguments that are `inout`, where a parameter has the plain name.
void print_reads(Writer& out, const ir::Message& message, const std::string& inout_prefix = {});
std::string variable_name(const ir::Argument& argument, const std::string& inout_prefix);
// The same the other way; `out` is the writer, and `value` gives the expression for an argument.
class Values {
public:
    virtual ~Values() = default;
    virtual std::string value(const ir::Argument& argument) const = 0;  // Fixed values, spans, string views.
    virtual std::string count(const ir::Argument& argument) const = 0;  // Of out-of-line data.
    virtual std::string capacity(const ir::Argument& argument) const = 0;  // countInOut.
};
void print_writes(Writer& out, const ir::Message& message, const Values& values);

// Does a variable exist for it that needs no room (a view into the message)?
bool is_viewed(const ir::Argument& argument);

}  // namespace migc::cpp
