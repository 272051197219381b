// mig/codegen/cpp/cpp_types.cpp
#include "codegen/cpp/cpp_types.h"

#include <map>
#include <set>

namespace migc::cpp {

using ir::Argument;
using ir::Role;
using ir::Slot;
using ir::Type;

bool is_out_array(const Argument& argument)
{
    return argument.role == Role::Data && argument.out() &&
           (argument.type->kind == Type::Varying || argument.type->kind == Type::String);
}

bool is_result_part(const Argument& argument)
{
    return argument.role == Role::Data && argument.out() && !is_out_array(argument);
}

std::vector<const Argument*> result_parts(const ir::Routine& routine)
{
    std::vector<const Argument*> parts;
    for (const auto& argument : routine.arguments) {
        if (is_result_part(*argument))
            parts.push_back(argument.get());
    }
    return parts;
}

bool is_viewed(const Argument& argument)
{
    return argument.type->kind == Type::Varying || argument.type->kind == Type::String;
}

std::string right_class(ir::Disposition received, World world)
{
    const std::string prefix = world == World::Service ? "mach::" : "";
    switch (received) {
    case ir::Disposition::MoveReceive:
        return prefix + "ReceiveRight";
    case ir::Disposition::MoveSendOnce:
    case ir::Disposition::MakeSendOnce:
        return prefix + "SendOnceRight";
    case ir::Disposition::Polymorphic:
        return world == World::Service ? "mig::AnyRight" : "IpcRight";
    default:
        return prefix + "SendRight";
    }
}

std::string element_type(const Type& type)
{
    return type.kind == Type::String ? "char" : type.element->user_type;
}

std::string value_type(const Argument& argument, World world)
{
    const Type& type = *argument.type;
    switch (type.kind) {
    case Type::Scalar:
    case Type::Structure:
        return type.user_type;
    case Type::Array:
        return filled("std::array<$, $>", element_type(type), std::to_string(type.count));
    case Type::Port:
        return right_class(type.received, world);
    case Type::Memory:
        return world == World::Service ? "mach::Memory" : "VmMapCopy";
    case Type::Ports:
        return world == World::Service ? "mach::PortArray" : "IpcPortArray";
    default:
        return "void";  // Views and user pointers are never held.
    }
}

std::string parameter_type(const Argument& argument, World world)
{
    const Type& type = *argument.type;
    if (argument.role == Role::ContextToken)
        return type.user_type;
    if (argument.is_token())
        return "const " + type.user_type + "&";
    if (world == World::Kernel && type.in_translation)
        return type.server_type;
    switch (type.kind) {
    case Type::Structure:
        return "const " + type.user_type + "&";
    case Type::Array:
        return filled("std::span<const $, $>", element_type(type), std::to_string(type.count));
    case Type::Varying:
        return filled("std::span<const $>", element_type(type));
    case Type::String:
        return "std::string_view";
    default:
        return value_type(argument, world);
    }
}

std::string pascal_case(const std::string& name)
{
    std::string result;
    bool start = true;
    for (const char letter : name) {
        if (letter == '_') {
            start = true;
            continue;
        }
        result += start && letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
        start = false;
    }
    return result;
}

std::string safe_name(const std::string& name)
{
    static const std::set<std::string> keywords{
        "alignas",  "and",    "asm",      "auto",     "bool",     "break",     "case",     "catch",
        "char",     "class",  "const",    "continue", "default",  "delete",    "do",       "double",
        "else",     "enum",   "explicit", "export",   "extern",   "false",     "float",    "for",
        "friend",   "goto",   "if",       "inline",   "int",      "long",      "mutable",  "namespace",
        "new",      "not",    "operator", "or",       "private",  "protected", "public",   "register",
        "requires", "return", "short",    "signed",   "sizeof",   "static",    "struct",   "switch",
        "template", "this",   "throw",    "true",     "try",      "typedef",   "typename", "union",
        "unsigned", "using",  "virtual",  "void",     "volatile", "while",     "xor"};
    return keywords.contains(name) ? name + "_" : name;
}

std::string method_name(const ir::Interface& interface, const ir::Routine& routine)
{
    const std::string prefix = interface.name + "_";
    const bool has_prefix = routine.name.starts_with(prefix) && routine.name.size() > prefix.size();
    return safe_name(has_prefix ? routine.name.substr(prefix.size()) : routine.name);
}

std::string reply_struct_name(const std::string& method)
{
    return pascal_case(method.ends_with('_') ? method.substr(0, method.size() - 1) : method) + "Reply";
}

std::string result_type(const ir::Routine& routine, const std::string& method, World world)
{
    const std::vector<const Argument*> parts = result_parts(routine);
    if (parts.empty())
        return "mach::Result<void>";
    if (parts.size() == 1)
        return "mach::Result<" + value_type(*parts[0], world) + ">";
    return "mach::Result<" + reply_struct_name(method) + ">";
}

void print_reply_struct(Writer& out, const ir::Routine& routine, const std::string& method, World world)
{
    const std::vector<const Argument*> parts = result_parts(routine);
    if (parts.size() < 2)
        return;
    out("struct $ {", reply_struct_name(method));
    for (const Argument* part : parts)
        out("$ $;", value_type(*part, world), safe_name(part->name));
    out("};").blank();
}

void print_banner(Writer& out, const ir::Interface& interface, const char* what)
{
    const std::string file = interface.file.substr(interface.file.rfind('/') + 1);
    out.comment(what + (" of " + interface.name) + ", made by mig from " + file +
                    ".  Changes here will be lost.",
                true);
}

void print_size_checks(Writer& out, const ir::Interface& interface)
{
    std::map<std::string, uint32_t> sizes;
    for (const auto& routine : interface.routines) {
        if (!routine)
            continue;
        for (const auto& argument : routine->arguments) {
            const Type& type = *argument->type;
            const bool is_array =
                type.kind == Type::Array || type.kind == Type::Varying || type.kind == Type::Memory;
            const Type& checked = is_array ? *type.element : type;
            if (argument->role == Role::Data &&
                (checked.kind == Type::Scalar || checked.kind == Type::Structure))
                sizes.try_emplace(checked.user_type, checked.size);
        }
    }
    out.comment("The interface and its headers must mean the same bytes.", true);
    for (const auto& [name, size] : sizes)
        out("static_assert(sizeof($) == $);", name, size);
    out.blank();
}

std::string variable_name(const Argument& argument, const std::string& inout_prefix)
{
    const bool prefixed = !inout_prefix.empty() && argument.direction == ir::Direction::InOut;
    return prefixed ? inout_prefix + argument.name : safe_name(argument.name);
}

void print_reads(Writer& out, const ir::Message& message, const std::string& inout_prefix)
{
    for (const Slot& slot : message.slots) {
        if (slot.kind == Slot::RetCode)
            out("mig_in.require(mig_in.get<kern_return_t>() == KERN_SUCCESS);");
        if (slot.argument == nullptr)
            continue;
        const Type& type = *slot.argument->type;
        const std::string name = variable_name(*slot.argument, inout_prefix);
        const std::string in_name = is_out_array(*slot.argument) ? "in_" + slot.argument->name : name;
        switch (slot.kind) {
        case Slot::Value:
            if (type.kind == Type::Array)
                out("const auto $ = mig_in.get<std::array<$, $>>();", name, element_type(type), type.count);
            else if (type.kind == Type::String)
                out("const std::string_view $ = mig_in.fixed_string($);", in_name, type.count);
            else
                out("const auto $ = mig_in.get<$>();", name, type.user_type);
            break;
        case Slot::Count:
            if (!type.is_inline())
                out("const auto $_count = mig_in.get<uint32_t>();", slot.argument->name);
            break;
        case Slot::Capacity:
            out("const auto $_capacity = mig_in.get<uint32_t>();", slot.argument->name);
            break;
        case Slot::Data:
            if (type.kind == Type::String)
                out("const std::string_view $ = mig_in.string($);", in_name, type.count);
            else
                out("const mig::InArray<$, $> $_array{mig_in};", element_type(type), type.count,
                    slot.argument->name);
            break;
        default:
            break;  // Part of what reads the data.
        }
    }
}

void print_writes(Writer& out, const ir::Message& message, const Values& values)
{
    for (const Slot& slot : message.slots) {
        if (slot.kind == Slot::Ndr)
            out("mig_out.put_native();");
        if (slot.kind == Slot::RetCode)
            out("mig_out.put(kern_return_t{KERN_SUCCESS});");
        if (slot.argument == nullptr)
            continue;
        const Argument& argument = *slot.argument;
        const Type& type = *argument.type;
        switch (slot.kind) {
        case Slot::Value:
            if (type.kind == Type::Array)
                out("mig_out.put_bytes($.data(), $);", values.value(argument), type.size);
            else if (type.kind == Type::String)
                out("mig_out.put_fixed_string($, $);", values.value(argument), type.count);
            else
                out("mig_out.put<$>($);", type.user_type, values.value(argument));
            break;
        case Slot::Count:
            if (!type.is_inline())
                out("mig_out.put(static_cast<uint32_t>($));", values.count(argument));
            break;
        case Slot::Capacity:
            out("mig_out.put(static_cast<uint32_t>($));", values.capacity(argument));
            break;
        case Slot::Data:
            if (type.kind == Type::String)
                out("mig_out.put_string($, $);", values.value(argument), type.count);
            else
                out("mig_out.put_array($);", values.value(argument));
            break;
        default:
            break;
        }
    }
}

}  // namespace migc::cpp
