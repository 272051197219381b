// mig/codegen/kernel/kernel_descriptors.cpp
//
// Descriptors: what must be so, what is taken, what is put.
#include "codegen/kernel/kernel_common.h"

namespace migc::kernel {

using ir::Argument;
using ir::Slot;
using ir::Type;

namespace {

const char* right_word(ir::Disposition received)
{
    switch (received) {
    case ir::Disposition::MoveReceive:
        return "receive";
    case ir::Disposition::MoveSendOnce:
        return "send_once";
    case ir::Disposition::Polymorphic:
        return "right";
    default:
        return "send";
    }
}

std::string disposition_name(ir::Disposition received)
{
    switch (received) {
    case ir::Disposition::MoveReceive:
        return "MACH_MSG_TYPE_PORT_RECEIVE";
    case ir::Disposition::MoveSendOnce:
        return "MACH_MSG_TYPE_PORT_SEND_ONCE";
    default:
        return "MACH_MSG_TYPE_PORT_SEND";
    }
}

}  // namespace

void print_descriptor_checks(Writer& out, const ir::Message& message, const std::string& source,
                             const std::string& fail)
{
    if (!message.is_complex())
        return;
    const std::string count = source + (source == "mig_call" ? ".descriptor_count()" : ".count()");
    std::vector<std::string> wrong{filled("$ != $", count, std::to_string(message.descriptors.size()))};
    for (size_t i = 0; i < message.descriptors.size(); ++i) {
        const Type& type = *message.descriptors[i].argument->type;
        const std::string place = std::to_string(i);
        if (type.kind == Type::Port) {
            const bool any = type.received == ir::Disposition::Polymorphic;
            wrong.push_back(
                filled("!$.is_$($)", source, any ? "any_right" : right_word(type.received), place));
        } else if (type.kind == Type::Memory) {
            wrong.push_back(filled("!$.is_memory($)", source, place));
            if (type.element_size > 1)
                wrong.push_back(
                    filled("$.memory_size($) % $ != 0", source, place, std::to_string(type.element_size)));
            if (type.count != 0)
                wrong.push_back(filled("$.memory_size($) > $", source, place,
                                       std::to_string(uint64_t{type.count} * type.element_size)));
        } else {
            wrong.push_back(filled("!$.is_ports($, $)", source, place, disposition_name(type.received)));
            if (type.count != 0)
                wrong.push_back(filled("$.ports_count($) > $", source, place, std::to_string(type.count)));
        }
    }
    out("if ($)", join(wrong, " || "));
    out("    return $(MIG_TYPE_ERROR);", fail);
}

void print_takes(Writer& out, const ir::Message& message, const std::string& source,
                 const std::string& suffix)
{
    for (size_t i = 0; i < message.descriptors.size(); ++i) {
        const Argument& argument = *message.descriptors[i].argument;
        const Type& type = *argument.type;
        const std::string name = suffix.empty() ? cpp::safe_name(argument.name) : argument.name + suffix;
        const std::string what = type.kind == Type::Port     ? right_word(type.received)
                                 : type.kind == Type::Memory ? "memory"
                                                             : "ports";
        out("$ $ = $.take_$($);", cpp::value_type(argument, cpp::World::Kernel), name, source, what, i);
    }
}

void print_count_requirements(Writer& out, const ir::Message& message, const std::string& source)
{
    for (const Slot& slot : message.slots) {
        if (slot.kind != Slot::Count || slot.argument->type->is_inline())
            continue;
        const Type& type = *slot.argument->type;
        for (size_t i = 0; i < message.descriptors.size(); ++i) {
            if (message.descriptors[i].argument != slot.argument)
                continue;
            const std::string unit = type.kind == Type::Memory && type.element_size > 1
                                         ? " / " + std::to_string(type.element_size)
                                         : "";
            out("mig_in.require($_count == $.$($)$);", slot.argument->name, source,
                type.kind == Type::Memory ? "memory_size" : "ports_count", i, unit);
        }
    }
}

void print_puts(Writer& out, const ir::Message& message, const std::string& target, const cpp::Values& values)
{
    for (size_t i = 0; i < message.descriptors.size(); ++i) {
        const Argument& argument = *message.descriptors[i].argument;
        const Type& type = *argument.type;
        const std::string value = values.value(argument);
        if (type.kind == Type::Port)
            out("$.put_$($, std::move($));", target, right_word(type.received), i, value);
        else if (type.kind == Type::Memory)
            out("$.put_memory($, std::move($), $_size);", target, i, value, argument.name);
        else
            out("$.put_ports($, std::move($), $);", target, i, value, disposition_name(type.received));
    }
}

}  // namespace migc::kernel
