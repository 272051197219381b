// mig/codegen/description/description.cpp
//
// The interface as a constant table of mig/description.h.
#include "codegen/backend.h"
#include "codegen/writer.h"
#include "ir/meaning.h"

#include <algorithm>

namespace migc {

namespace {

using ir::Argument;
using ir::Type;

const char* flag(bool value) { return value ? "true" : "false"; }

// The enumerators of mig/description.h have the same order as ours; they are written out, so that a table can be read.
const char* enumerator(Type::Kind kind)
{
    constexpr const char* names[] = {"Scalar", "Structure", "Array", "Varying", "String",
                                     "Port",   "Memory",    "Ports", "Pointer", "Rights"};
    return names[kind];
}

const char* enumerator(ir::Format format)
{
    constexpr const char* names[] = {"Signed",  "Unsigned", "Boolean",    "Character", "Real",
                                     "Address", "Size",     "ReturnCode", "PortName",  "Bytes"};
    return names[static_cast<int>(format)];
}

const char* enumerator(ir::Role role)
{
    constexpr const char* names[] = {"Data",       "RequestPort",   "ReplyPort",   "WaitTime",
                                     "SendTime",   "MsgOption",     "MsgSeqno",    "ReturnCode",
                                     "AuditToken", "SecurityToken", "ContextToken"};
    return names[static_cast<int>(role)];
}

const char* enumerator(ir::Slot::Kind kind)
{
    constexpr const char* names[] = {"Ndr",          "ReturnCode",  "Value",    "Count",
                                     "StringOffset", "StringCount", "Capacity", "Data"};
    return names[kind];
}

std::string disposition(ir::Disposition disposition)
{
    return disposition == ir::Disposition::Polymorphic ? "polymorphic"
                                                       : std::to_string(static_cast<uint32_t>(disposition));
}

std::string index_of(const ir::Routine& routine, const Argument* argument)
{
    for (size_t at = 0; at < routine.arguments.size(); ++at) {
        if (routine.arguments[at].get() == argument)
            return std::to_string(at);
    }
    return "no_argument";
}

std::string extent_of(const ir::Routine& routine, const Type& type)
{
    const auto found = std::find_if(routine.arguments.begin(), routine.arguments.end(),
                                    [&](const auto& each) { return each->name == type.extent; });
    return found == routine.arguments.end() ? "no_argument" : index_of(routine, found->get());
}

void print_arguments(Writer& out, const ir::Routine& routine)
{
    if (routine.arguments.empty())
        return;
    out("constexpr Argument $_arguments[] = {", routine.name);
    for (const auto& argument : routine.arguments) {
        const Type& type = *argument->type;
        out("{\"$\", \"$\", Kind::$, Format::$, Role::$, $, $, $, $, $, $, $, $, $, $, $, $, $},",
            argument->name, type.user_type, enumerator(type.kind), enumerator(format_of(type)),
            enumerator(argument->role), flag(argument->in()), flag(argument->out()), flag(type.varying),
            flag(!type.has_count), flag(argument->dealloc), flag(argument->dealloc_by_caller),
            disposition(type.sent), disposition(type.received), extent_of(routine, type), type.size,
            type.element_size, type.count, index_of(routine, &argument->counted_by()));
    }
    out("};");
}

// `which` is "request" or "reply".
void print_parts(Writer& out, const ir::Routine& routine, const ir::Message& message, const char* which)
{
    if (message.is_complex()) {
        std::vector<std::string> indices;
        for (const ir::Descriptor& each : message.descriptors)
            indices.push_back(index_of(routine, each.argument));
        out("constexpr uint8_t $_$_descriptors[] = {$};", routine.name, which, join(indices, ", "));
    }
    if (message.slots.empty())
        return;
    out("constexpr Slot $_$_slots[] = {", routine.name, which);
    for (const ir::Slot& slot : message.slots)
        out("{Part::$, $, $, $, $},", enumerator(slot.kind), index_of(routine, slot.argument),
            flag(!slot.fixed), slot.offset, slot.size);
    out("};");
}

std::string message(const ir::Routine& routine, const ir::Message& message, uint32_t id, const char* which)
{
    const std::string name = routine.name + "_" + which;
    return filled("{$, $, $, $, $}", std::to_string(id), std::to_string(message.minimum_size),
                  std::to_string(message.maximum_size), message.is_complex() ? name + "_descriptors" : "{}",
                  message.slots.empty() ? "{}" : name + "_slots");
}

std::string routine_entry(const ir::Interface& interface, const ir::Routine& routine)
{
    std::string request = "{}", reply = "{}";
    if (!interface.is_traps)
        request = message(routine, routine.request, routine.id, "request");
    if (!interface.is_traps && !routine.simple)
        reply = message(routine, routine.reply, routine.id + ir::reply_id_offset, "reply");
    return filled("{\"$\", $, $, $, $, $},", routine.name, std::to_string(routine.id), flag(routine.simple),
                  routine.arguments.empty() ? "{}" : routine.name + "_arguments", request, reply);
}

}  // namespace

GeneratedFiles generate_description(const ir::Interface& interface)
{
    Writer header;
    header("// The table of $, made by mig.  Changes here will be lost.", interface.name)
        .raw("#pragma once")
        .blank();
    header("#include <mig/description.h>").blank();
    header.raw("namespace mig::description {").blank();
    header("extern const Interface $_description;", interface.name).blank();
    header.raw("}");

    Writer out;
    out("// The table of $, made by mig.  Changes here will be lost.", interface.name);
    out("#include \"$_description.h\"", interface.name).blank();
    out.raw("namespace mig::description {").blank().raw("namespace {").blank();
    std::vector<std::string> entries;
    for (const auto& routine : interface.routines) {
        if (!routine)
            continue;
        print_arguments(out, *routine);
        print_parts(out, *routine, routine->request, "request");
        print_parts(out, *routine, routine->reply, "reply");
        out.blank();
        entries.push_back(routine_entry(interface, *routine));
    }
    if (!entries.empty()) {
        out("constexpr Routine routines[] = {");
        for (const std::string& entry : entries)
            out.raw("    " + entry);
        out("};").blank();
    }
    out.raw("}  // namespace").blank();
    out("constinit const Interface $_description{\"$\", $, $, $, $};", interface.name, interface.name,
        flag(interface.is_traps), interface.base, uint64_t{interface.base} + interface.routines.size(),
        entries.empty() ? "{}" : "routines");
    out.blank().raw("}  // namespace mig::description");
    return {{interface.name + "_description.h", header.str()},
            {interface.name + "_description.cpp", out.str()}};
}

}  // namespace migc
