#include "codegen/gnu/gnu_names.h"

#include <map>

namespace migc::gnu {

using ir::Argument;
using ir::Role;
using ir::Type;

std::string user_name(const ir::Interface& interface, const ir::Routine& routine)
{
    return interface.user_prefix + routine.name;
}

std::string server_name(const ir::Interface& interface, const ir::Routine& routine)
{
    return interface.server_prefix + routine.name;
}

std::string demux_name(const ir::Interface& interface)
{
    return interface.server_demux.empty() ? interface.name + "_server" : interface.server_demux;
}

std::string message_type(const Type& type, Side side)
{
    return side == Side::Server && type.names_server_type ? type.server_type : type.user_type;
}

std::string parameter_type(const Type& type, Side side)
{
    if (side == Side::Server && type.in_translation)
        return type.in_translation->result;
    if (side == Side::Server && type.out_translation)
        return type.out_translation->argument;
    return message_type(type, side);
}

bool is_by_address(const Type& type)
{
    return type.kind == Type::Array || type.kind == Type::String || type.kind == Type::Varying;
}

bool has_poly(const Argument& argument, Side side)
{
    const Type& type = *argument.type;
    if (!type.carries_rights())
        return false;
    const bool sends = (side == Side::User) == (argument.direction != ir::Direction::Out);
    if (argument.direction == ir::Direction::InOut)
        return type.sent == ir::Disposition::Polymorphic || type.received == ir::Disposition::Polymorphic;
    return (sends ? type.sent : type.received) == ir::Disposition::Polymorphic;
}

namespace {

std::string data_parameter(const Argument& argument, Side side)
{
    const Type& type = *argument.type;
    const std::string c_type = parameter_type(type, side);
    if (is_by_address(type) && !argument.out()) {
        // For these the Mach headers declare a type const_<name>; an array's name can be made const itself.
        const bool has_const_name = type.kind == Type::String || type.indefinite;
        return (has_const_name ? "const_" : "const ") + c_type + " " + argument.name;
    }
    const bool by_reference = argument.out() && (!is_by_address(type) || type.indefinite);
    return c_type + (by_reference ? " *" : " ") + argument.name;
}

void add_data(std::vector<std::string>& list, const Argument& argument, Side side)
{
    const std::string star = argument.out() ? "*" : "";
    list.push_back(data_parameter(argument, side));
    if (has_poly(argument, side))
        list.push_back("mach_msg_type_name_t " + star + argument.name + "Poly");
    if (argument.type->is_counted() && argument.type->has_count)
        list.push_back("mach_msg_type_number_t " + star + argument.name + "Cnt");
    const bool sends = (side == Side::User) == argument.in();
    if (argument.dealloc_by_caller && sends)
        list.push_back("boolean_t " + star + argument.name + "Dealloc");
    if (argument.server_copy && argument.in() && side == Side::Server)
        list.push_back("boolean_t " + argument.name + "SCopy");
}

}  // namespace

std::vector<std::string> parameters(const ir::Routine& routine, Side side)
{
    std::vector<std::string> list;
    for (const auto& argument : routine.arguments) {
        if (!(side == Side::User ? argument->user_side : argument->server_side))
            continue;
        if (argument->role == Role::Data) {
            add_data(list, *argument, side);
            continue;
        }
        list.push_back(parameter_type(*argument->type, side) + " " + argument->name);
        const bool is_port = argument->role == Role::RequestPort || argument->role == Role::ReplyPort;
        if (is_port && has_poly(*argument, side))
            list.push_back("mach_msg_type_name_t " + argument->name + "Poly");
    }
    return list;
}

std::string parameter_list(const ir::Routine& routine, Side side)
{
    const std::vector<std::string> list = parameters(routine, side);
    return list.empty() ? "void" : join(list, ", ");
}

std::string type_name(uint32_t number)
{
    static const std::map<uint32_t, const char*> names{
        {0, "BOOLEAN"},    {1, "INTEGER_16"},    {2, "INTEGER_32"},     {8, "CHAR"},
        {9, "BYTE"},       {10, "REAL"},         {11, "INTEGER_64"},    {12, "STRING_C"},
        {15, "PORT_NAME"}, {16, "MOVE_RECEIVE"}, {17, "MOVE_SEND"},     {18, "MOVE_SEND_ONCE"},
        {19, "COPY_SEND"}, {20, "MAKE_SEND"},    {21, "MAKE_SEND_ONCE"}};
    const auto found = names.find(number);
    return found == names.end() ? std::to_string(number) : std::string{"MACH_MSG_TYPE_"} + found->second;
}

std::string sent_name(const Argument& argument, const std::string& poly)
{
    const uint32_t number = argument.type->typed.sent_name;
    return number == ir::TypedForm::polymorphic ? poly : type_name(number);
}

const Argument* special(const ir::Routine& routine, Role role, Side side)
{
    for (const auto& argument : routine.arguments) {
        if (argument->role == role && (side == Side::User ? argument->user_side : argument->server_side))
            return argument.get();
    }
    return nullptr;
}

void print_banner(Writer& out, const ir::Interface& interface, const char* what)
{
    const std::string file = interface.file.substr(interface.file.rfind('/') + 1);
    out.comment(what + (" of " + interface.name) + ", made by mig from " + file +
                    ".  Changes here will be lost.",
                false);
}

void print_imports(Writer& out, const ir::Interface& interface, Side side)
{
    for (const ir::Import& import : interface.imports) {
        if (side == Side::User ? import.user : import.server)
            out("#include $", import.file);
    }
    out.blank();
}

void print_function(Writer& out, const std::string& name, const std::vector<std::string>& parameters,
                    const char* end)
{
    out("kern_return_t $", name);
    out("(");
    if (parameters.empty())
        out("    void");
    for (size_t at = 0; at < parameters.size(); ++at)
        out("    $$", parameters[at], at + 1 < parameters.size() ? "," : "");
    out(")$", end);
}

void print_size_checks(Writer& out, const ir::Interface& interface, Side side)
{
    std::map<std::string, std::pair<uint32_t, bool>>
        sizes;  // By type: how many bytes, and whether it is sent.
    for (const auto& routine : interface.routines) {
        if (!routine)
            continue;
        for (const auto& argument : routine->arguments) {
            const Type& type = *argument->type;
            const bool passed_by_value =
                type.kind == Type::Scalar || type.kind == Type::Structure || type.kind == Type::Port;
            if (argument->role != Role::Data || !passed_by_value)
                continue;
            const bool is_sent = side == Side::User ? argument->in() : argument->out();
            auto& entry = sizes.try_emplace(message_type(type, side), type.size, false).first->second;
            entry.second |= is_sent;
        }
    }
    out.comment(
        "The interface and its headers must mean the same bytes; what is only received must have room.",
        false);
    out("_Static_assert(sizeof(mach_msg_header_t) == $, \"mach_msg_header_t\");", ir::typed_header_size);
    out("_Static_assert(sizeof(mach_msg_type_t) == 4, \"mach_msg_type_t\");");
    for (const auto& [name, entry] : sizes)
        out("_Static_assert(sizeof($) $ $, \"$ in $\");", name, entry.second ? "==" : ">=", entry.first, name,
            interface.name);
    out.blank();
}

}  // namespace migc::gnu
