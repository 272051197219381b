// mig/codegen/cpp/cpp_descriptors.cpp
//
// Descriptors in services: what must be so, what is taken, what is put.
#include "codegen/cpp/cpp_common.h"

namespace migc::cpp {

using ir::Argument;
using ir::Slot;
using ir::Type;

namespace {

std::string disposition_name(ir::Disposition received)
{
    switch (received) {
    case ir::Disposition::MoveReceive:
        return "MACH_MSG_TYPE_MOVE_RECEIVE";
    case ir::Disposition::MoveSendOnce:
        return "MACH_MSG_TYPE_MOVE_SEND_ONCE";
    default:
        return "MACH_MSG_TYPE_MOVE_SEND";
    }
}

}  // namespace

std::string descriptor_fault(const ir::Message& message)
{
    std::vector<std::string> wrong{
        filled("mig_parts.count() != $", std::to_string(message.descriptors.size()))};
    for (const ir::Descriptor& descriptor : message.descriptors) {
        const Type& type = *descriptor.argument->type;
        const std::string place = std::to_string(descriptor.offset);
        if (type.kind == Type::Port && type.received == ir::Disposition::Polymorphic)
            wrong.push_back(filled("!mig_parts.is_any_right($)", place));
        else if (type.kind == Type::Port)
            wrong.push_back(filled("!mig_parts.is_right($, $)", place, disposition_name(type.received)));
        else if (type.kind == Type::Memory)
            wrong.push_back(filled("!mig_parts.is_memory($, $, $)", place,
                                   std::to_string(uint64_t{type.count} * type.element_size),
                                   std::to_string(std::max(1u, type.element_size))));
        else
            wrong.push_back(filled("!mig_parts.is_ports($, $, $)", place, std::to_string(type.count),
                                   disposition_name(type.received)));
    }
    return join(wrong, " || ");
}

void print_count_requirements(Writer& out, const ir::Message& message)
{
    for (const Slot& slot : message.slots) {
        if (slot.kind != Slot::Count || slot.argument->type->is_inline())
            continue;
        const Type& type = *slot.argument->type;
        for (const ir::Descriptor& descriptor : message.descriptors) {
            if (descriptor.argument != slot.argument)
                continue;
            const bool memory = type.kind == Type::Memory;
            const std::string unit =
                memory && type.element_size > 1 ? " / " + std::to_string(type.element_size) : "";
            out("mig_in.require($_count == mig_parts.$($)$);", slot.argument->name,
                memory ? "memory_size" : "ports_count", descriptor.offset, unit);
        }
    }
}

void print_takes(Writer& out, const ir::Message& message, const std::string& inout_prefix)
{
    for (const ir::Descriptor& descriptor : message.descriptors) {
        const Argument& argument = *descriptor.argument;
        const Type& type = *argument.type;
        const std::string value = value_type(argument, World::Service);
        std::string take = type.kind == Type::Memory  ? "take_memory"
                           : type.kind == Type::Ports ? "take_ports"
                                                      : "take_any";
        if (type.kind == Type::Port && type.received != ir::Disposition::Polymorphic)
            take = "take<" + value + ">";
        out("$ $ = mig_parts.$($);", value, variable_name(argument, inout_prefix), take, descriptor.offset);
    }
}

void print_puts(Writer& out, const ir::Message& message, const std::string& buffer, const std::string& fail,
                const Values& values)
{
    if (!message.is_complex())
        return;
    out("mig::DescriptorWriter mig_sent{$, $};", buffer, message.descriptors.size());
    for (const ir::Descriptor& descriptor : message.descriptors) {
        if (descriptor.argument->type->kind != Type::Ports)
            continue;
        out("if (const mach::Result<void> mig_ports = mig_sent.put_ports($, std::move($)); !mig_ports)",
            descriptor.offset, values.value(*descriptor.argument));
        out("    $;", fail);
    }
    for (const ir::Descriptor& descriptor : message.descriptors) {
        const Type& type = *descriptor.argument->type;
        const std::string value = values.value(*descriptor.argument);
        if (type.kind == Type::Memory)
            out("mig_sent.put_memory($, std::move($));", descriptor.offset, value);
        else if (type.kind == Type::Port && type.received == ir::Disposition::Polymorphic)
            out("mig_sent.put_any($, std::move($));", descriptor.offset, value);
        else if (type.kind == Type::Port)
            out("mig_sent.put($, std::move($), $);", descriptor.offset, value,
                disposition_name(type.received));
    }
}

}  // namespace migc::cpp
