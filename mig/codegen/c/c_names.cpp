// mig/codegen/c/c_names.cpp
#include "codegen/c/c_names.h"

#include <algorithm>
#include <map>

namespace migc::c {

using ir::Argument;
using ir::Role;
using ir::Slot;
using ir::Type;

std::string request_type(const ir::Routine& routine) { return "__Request__" + routine.name + "_t"; }
std::string reply_type(const ir::Routine& routine) { return "__Reply__" + routine.name + "_t"; }

std::string user_name(const ir::Interface& interface, const ir::Routine& routine)
{
    return interface.user_prefix + routine.name;
}

std::string server_name(const ir::Interface& interface, const ir::Routine& routine)
{
    return interface.server_prefix + routine.name;
}

std::string element_type(const Type& type, Side side)
{
    if (type.kind == Type::String)
        return "char";
    return side == Side::User ? type.element->user_type : type.element->server_type;
}

bool is_by_reference(const Type& type)
{
    return type.kind == Type::Array || type.kind == Type::String || type.kind == Type::Varying ||
           type.kind == Type::Rights;
}

std::string bytes_of(const Type& type, const std::string& count)
{
    return type.element_size > 1 ? count + " * " + std::to_string(type.element_size) : count;
}

namespace {

// A trailer goes as far as one of these and has all that stand behind it here.
constexpr TrailerPart trailer_parts[] = {
    {Role::ContextToken, "mach_msg_context_trailer_t", "msgh_context", "MACH_RCV_TRAILER_CTX"},
    {Role::AuditToken, "mach_msg_audit_trailer_t", "msgh_audit", "MACH_RCV_TRAILER_AUDIT"},
    {Role::SecurityToken, "mach_msg_security_trailer_t", "msgh_sender", "MACH_RCV_TRAILER_SENDER"},
    {Role::MsgSeqno, "mach_msg_seqno_trailer_t", "msgh_seqno", "MACH_RCV_TRAILER_SEQNO"},
};

}  // namespace

const TrailerPart* farthest_trailer_part(const ir::Routine& routine, Side side)
{
    const auto* const farthest = std::ranges::find_if(trailer_parts, [&](const TrailerPart& part) {
        return std::ranges::any_of(routine.arguments, [&](const auto& each) {
            return each->role == part.role && (side == Side::User ? each->user_side : each->server_side);
        });
    });
    return farthest != std::end(trailer_parts) ? farthest : nullptr;
}

const TrailerPart& trailer_part(Role role)
{
    return *std::ranges::find(trailer_parts, role, &TrailerPart::role);
}

std::string received_count(const ir::Message& message, const Argument& argument, const char* pointer,
                           const char* suffix)
{
    const Argument& owner = argument.counted_by();
    const Type& type = *owner.type;
    if (!type.has_count)
        return std::to_string(type.count);
    if (type.kind == Type::Ports)
        return filled("$->$.count", pointer, owner.name);
    if (type.kind == Type::Memory)
        return filled("$->$.size", pointer, owner.name) +
               (type.element_size > 1 ? " / " + std::to_string(type.element_size) : "");
    for (const Slot& slot : message.slots) {
        if (slot.argument == &owner && slot.kind == Slot::Count && slot.fixed)
            return filled("$->$Cnt", pointer, owner.name);
    }
    return owner.name + suffix;
}

bool is_overaligned(const Type& type)
{
    if (type.kind == Type::String)
        return false;
    const Type& element = *type.element;
    return element.kind != Type::Scalar || element.size > ir::alignment;
}

namespace {

bool is_polymorphic(const Argument& argument, Side side)
{
    // Whoever sends chooses a polymorphic disposition; whoever receives is told it.
    const bool sends = (side == Side::User) == (argument.direction != ir::Direction::Out);
    return (sends ? argument.type->sent : argument.type->received) == ir::Disposition::Polymorphic;
}

void add_data(std::vector<std::string>& list, const Argument& argument, Side side)
{
    const Type& type = *argument.type;
    std::string c_type = side == Side::User ? type.user_type : type.server_type;
    const std::string& name = argument.name;
    const bool by_reference = is_by_reference(type);
    // Without a C type of its own an array is passed as the address of its elements: no typedef is needed then.
    if (by_reference && (type.name.empty() || c_type == type.name))
        c_type = element_type(type, type.kind == Type::Rights ? side : Side::User) + " *";
    const std::string space = c_type.ends_with('*') ? "" : " ";
    if (by_reference) {
        // The user's data is only read; a server routine may have been written without const.
        const bool is_const = !argument.out() && (side == Side::User || argument.is_const);
        list.push_back((is_const ? "const " : "") + c_type + space + name);
    } else {
        const bool is_const = type.by_pointer && !argument.out() && side == Side::User;
        const bool is_address = argument.out() || type.by_pointer;
        list.push_back((is_const ? "const " : "") + c_type + space + (is_address ? "*" : "") + name);
    }
    if (argument.has_own_count())
        list.push_back(std::string{"mach_msg_type_number_t "} + (argument.out() ? "*" : "") + name + "Cnt");
    if (argument.dealloc_by_caller && argument.in() == (side == Side::User))
        list.push_back(std::string{"boolean_t "} + (side == Side::Server ? "*" : "") + name + "Dealloc");
    if (type.carries_rights() && is_polymorphic(argument, side))
        list.push_back(std::string{"mach_msg_type_name_t "} + (argument.out() ? "*" : "") + name + "Poly");
}

}  // namespace

std::vector<std::string> parameters(const ir::Routine& routine, Side side)
{
    std::vector<std::string> list;
    for (const auto& argument : routine.arguments) {
        if (!(side == Side::User ? argument->user_side : argument->server_side) ||
            argument.get() == routine.value)
            continue;
        const std::string& c_type =
            side == Side::User ? argument->type->user_type : argument->type->server_type;
        if (argument->role == Role::Data) {
            add_data(list, *argument, side);
            continue;
        }
        const bool is_told = side == Side::User && argument->is_user_token();
        list.push_back(c_type + (is_told ? " *" : " ") + argument->name);
        const bool is_port = argument->role == Role::RequestPort || argument->role == Role::ReplyPort;
        if (is_port && side == Side::User && argument->type->sent == ir::Disposition::Polymorphic)
            list.push_back("mach_msg_type_name_t " + argument->name + "Poly");
    }
    return list;
}

std::string result_type(const ir::Routine& routine, Side side)
{
    if (routine.style == ir::Routine::Ordinary)
        return "kern_return_t";
    if (routine.value == nullptr)
        return "void";
    return side == Side::User ? routine.value->type->user_type : routine.value->type->server_type;
}

std::string error_function(const ir::Interface& interface)
{
    return interface.error_function.empty() ? "MsgError" : interface.error_function;
}

std::string parameter_list(const ir::Routine& routine, Side side)
{
    const std::vector<std::string> list = parameters(routine, side);
    return list.empty() ? "void" : join(list, ", ");
}

std::string field(const Slot& slot)
{
    switch (slot.kind) {
    case Slot::Ndr:
        return "NDR";
    case Slot::RetCode:
        return "RetCode";
    case Slot::StringOffset:
        return slot.argument->name + "Offset";
    case Slot::Count:
    case Slot::StringCount:
    case Slot::Capacity:
        return slot.argument->name + "Cnt";
    case Slot::Description:  // Of the typed format alone, which has a back end of its own.
    case Slot::Address:
    case Slot::Value:
    case Slot::Data:
        break;
    }
    return slot.argument->name;
}

namespace {

void print_field(Writer& out, const Slot& slot)
{
    const std::string name = field(slot);
    const uint32_t padding = ir::pad(slot.size) - slot.size;
    switch (slot.kind) {
    case Slot::Ndr:
        out("NDR_record_t NDR;");
        return;
    case Slot::RetCode:
        out("kern_return_t RetCode;");
        return;
    case Slot::Value:
    case Slot::Data:
        break;
    default:
        out("mach_msg_type_number_t $;", name);
        return;
    }
    const Type& type = *slot.argument->type;
    if (type.kind == Type::Scalar || type.kind == Type::Structure)
        out("$ $;", type.user_type, name);
    else
        out("$ $[$];", element_type(type), name, type.count);
    if (padding != 0)
        out("char $Pad[$];", name, padding);
}

}  // namespace

std::span<const Slot> slots_to_unpack(const ir::Message& message)
{
    std::span<const Slot> slots{message.slots};
    while (!slots.empty() && slots.back().kind == Slot::Count &&
           slots.back().argument->type->is_out_of_line())
        slots = slots.first(slots.size() - 1);
    return slots;
}

void print_structure(Writer& out, const ir::Message& message, const std::string& name)
{
    out("typedef struct MIG_MESSAGE {");
    out("mach_msg_header_t Head;");
    if (message.is_complex())
        out("mach_msg_body_t msgh_body;");
    for (const ir::Descriptor& descriptor : message.descriptors) {
        const Type& type = *descriptor.argument->type;
        const char* c_type = type.kind == Type::Memory  ? "mach_msg_ool_descriptor_t"
                             : type.kind == Type::Ports ? "mach_msg_ool_ports_descriptor_t"
                                                        : "mach_msg_port_descriptor_t";
        if (type.kind != Type::Rights)
            out("$ $;", c_type, descriptor.argument->name);
        else if (descriptor.element == 0)
            out("$ $[$];", c_type, descriptor.argument->name, type.count);
    }
    for (const Slot& slot : message.slots)
        print_field(out, slot);
    out("} $;", name);
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
                (checked.kind == Type::Scalar || checked.kind == Type::Structure) && checked.size != 0)
                sizes.try_emplace(checked.user_type, checked.size);
        }
    }
    out.blank().comment("The interface and its headers must mean the same bytes.", false);
    for (const auto& [name, size] : sizes)
        out("_Static_assert(sizeof($) == $, \"$ in $\");", name, size, name, interface.name);
}

void print_banner(Writer& out, const ir::Interface& interface, const char* what)
{
    const std::string file = interface.file.substr(interface.file.rfind('/') + 1);
    out.comment(what + (" of " + interface.name) + ", made by mig from " + file +
                    ".  Changes here will be lost.",
                false);
}

const char* disposition_name(ir::Disposition disposition)
{
    switch (disposition) {
    case ir::Disposition::MoveReceive:
        return "MACH_MSG_TYPE_MOVE_RECEIVE";
    case ir::Disposition::MoveSend:
        return "MACH_MSG_TYPE_MOVE_SEND";
    case ir::Disposition::MoveSendOnce:
        return "MACH_MSG_TYPE_MOVE_SEND_ONCE";
    case ir::Disposition::CopySend:
        return "MACH_MSG_TYPE_COPY_SEND";
    case ir::Disposition::MakeSend:
        return "MACH_MSG_TYPE_MAKE_SEND";
    case ir::Disposition::MakeSendOnce:
        return "MACH_MSG_TYPE_MAKE_SEND_ONCE";
    case ir::Disposition::Polymorphic:
    case ir::Disposition::None:
        break;
    }
    return "0";
}

}  // namespace migc::c
