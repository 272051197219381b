// mig/codegen/c/c_server_reply.cpp
//
// How a server stub answers.  The first varying array is filled by the routine where it travels; whatever comes after it
// is not at its final place until that array's length is known, and so goes by way of a variable.
#include "codegen/c/c_sources.h"

namespace migc::c {

namespace {

using ir::Argument;
using ir::Role;
using ir::Slot;
using ir::Type;

bool is_in_place(const Slot& slot)
{
    const bool scalar =
        slot.argument->type->kind == Type::Scalar || slot.argument->type->kind == Type::Structure;
    return slot.fixed && !scalar && !is_overaligned(*slot.argument->type);
}

std::string bytes_of_answer(const Argument& argument)
{
    return bytes_of(*argument.type, argument.counted_by().name + "Cnt");
}

void print_value(Writer& out, const Slot& slot)
{
    const Type& type = *slot.argument->type;
    const std::string& name = slot.argument->name;
    const bool scalar = type.kind == Type::Scalar || type.kind == Type::Structure;
    const std::string value =
        type.out_translation && scalar ? type.out_translation->function + "(" + name + ")" : name;
    if (type.kind == Type::String)
        out("__builtin_memset($ + mig_string_size($, $), 0, $ - mig_string_size($, $));", name, name,
            type.count, type.count, name, type.count);
    if (!slot.fixed)
        out("mig_size = mig_append(OutP, mig_size, $$, $);", scalar ? "&" : "", name, type.size);
    else if (scalar)
        out("OutP->$ = $;", name, value);
    else if (!is_in_place(slot))
        out("__builtin_memcpy(OutP->$, $, $);", name, name, type.size);
    if (slot.fixed && ir::pad(slot.size) != slot.size)
        out("__builtin_memset(OutP->$Pad, 0, $);", name, ir::pad(slot.size) - slot.size);
}

void print_data(Writer& out, const Slot& slot)
{
    const std::string& name = slot.argument->name;
    if (is_in_place(slot))
        out("mig_size = mig_end_data(OutP, $, $);", slot.offset, bytes_of_answer(*slot.argument));
    else if (slot.fixed)
        out("mig_size = mig_append(OutP, $, $, $);", slot.offset, name, bytes_of_answer(*slot.argument));
    else
        out("mig_size = mig_append(OutP, mig_size, $, $);", name, bytes_of_answer(*slot.argument));
}

void print_slot(Writer& out, const Slot& slot)
{
    switch (slot.kind) {
    case Slot::Ndr:
        out("OutP->NDR = NDR_record;");
        return;
    case Slot::RetCode:
        out("OutP->RetCode = KERN_SUCCESS;");
        return;
    case Slot::Value:
        print_value(out, slot);
        return;
    case Slot::Data:
        print_data(out, slot);
        return;
    default:
        break;
    }
    const std::string word = slot.kind == Slot::StringOffset ? "0" : slot.argument->name + "Cnt";
    if (slot.fixed)
        out("OutP->$ = $;", field(slot), word);
    else
        out("mig_size = mig_append_word(OutP, mig_size, $);", word);
}

void print_rights(Writer& out, const Argument& argument, const std::string& count,
                  const std::string& disposition)
{
    const Type& type = *argument.type;
    const std::string& name = argument.name;
    std::string names = name;
    if (type.element->out_translation) {
        names += "Names";
        out("mach_port_t $[$];", names, type.count);
        out("for (mach_msg_type_number_t mig_right = 0; mig_right < $; ++mig_right)", count);
        out("    $[mig_right] = $($[mig_right]);", names, type.element->out_translation->function, name);
    }
    out("mig_put_rights(OutP->$, $, $, $, $);", name, names, count, type.count, disposition);
}

void print_descriptor(Writer& out, const Argument& argument)
{
    const Type& type = *argument.type;
    const std::string& name = argument.name;
    const std::string disposition =
        type.sent == ir::Disposition::Polymorphic ? name + "Poly" : disposition_name(type.sent);
    if (type.kind == Type::Port) {
        const std::string value =
            type.out_translation ? type.out_translation->function + "(" + name + ")" : name;
        out("OutP->$ = (mach_msg_port_descriptor_t){.name = $, .disposition = $ & 0xff, "
            ".type = MACH_MSG_PORT_DESCRIPTOR};",
            name, value, disposition);
        return;
    }
    const std::string count =
        type.has_count ? argument.counted_by().name + "Cnt" : std::to_string(type.count);
    if (type.kind == Type::Rights) {
        print_rights(out, argument, count, disposition);
        return;
    }
    const std::string deallocate = argument.dealloc_by_caller ? name + "Dealloc != 0"
                                   : argument.dealloc         ? "1"
                                                              : "0";
    const char* copy = argument.physical_copy ? "MACH_MSG_PHYSICAL_COPY" : "MACH_MSG_VIRTUAL_COPY";
    if (type.kind == Type::Memory)
        out("OutP->$ = (mach_msg_ool_descriptor_t){.address = (uint64_t)(uintptr_t)$, .deallocate = $, .copy "
            "= $, "
            ".type = MACH_MSG_OOL_DESCRIPTOR, .size = $};",
            name, name, deallocate, copy, bytes_of(type, count));
    else
        out("OutP->$ = (mach_msg_ool_ports_descriptor_t){.address = (uint64_t)(uintptr_t)$, .deallocate = $, "
            ".copy = $, .disposition = $ & 0xff, .type = MACH_MSG_OOL_PORTS_DESCRIPTOR, .count = $};",
            name, name, deallocate, copy, disposition, count);
}

void print_local(Writer& out, const ir::Routine& routine, const Argument& argument)
{
    const Type& type = *argument.type;
    const std::string& name = argument.name;
    const bool inout = argument.direction == ir::Direction::InOut;
    if (type.kind == Type::Port) {
        const std::string none = type.out_translation ? "0" : "MACH_PORT_NULL";
        const std::string start = inout ? filled("In0P->$.name", name) : none;
        out("$ $ = $;", type.out_translation ? type.server_type : type.user_type, name, start);
        if (type.sent == ir::Disposition::Polymorphic)
            out("mach_msg_type_name_t $Poly = 0;", name);
        return;
    }
    if (type.kind == Type::Rights) {
        out("$ $[$];", element_type(type, Side::Server), name, type.count);
        if (argument.has_own_count())
            out("mach_msg_type_number_t $Cnt = $;", name, type.count);
        else if (!type.has_count && !inout)
            out("__builtin_memset($, 0, sizeof $);", name, name);
        if (type.sent == ir::Disposition::Polymorphic)
            out("mach_msg_type_name_t $Poly = 0;", name);
        return;
    }
    if (!type.is_inline()) {
        const std::string start = inout ? filled("($)(uintptr_t)In0P->$.address", type.user_type, name) : "0";
        out("$ $ = $;", type.user_type, name, start);
        const char* extent = type.kind == Type::Memory ? "size" : "count";
        const std::string unit = type.kind == Type::Memory && type.element_size > 1
                                     ? " / " + std::to_string(type.element_size)
                                     : "";
        if (argument.has_own_count())
            out("mach_msg_type_number_t $Cnt = $;", name,
                inout ? filled("In0P->$.$$", name, std::string{extent}, unit) : "0");
        if (argument.dealloc_by_caller)
            out("boolean_t $Dealloc = FALSE;", name);
        if (type.kind == Type::Ports && type.sent == ir::Disposition::Polymorphic)
            out("mach_msg_type_name_t $Poly = 0;", name);
        return;
    }
    if (type.kind == Type::Scalar || type.kind == Type::Structure) {
        out("$ $;", type.out_translation ? type.server_type : type.user_type, name);
        out("__builtin_memset(&$, 0, sizeof $);", name, name);
        return;
    }
    for (const Slot& slot : routine.reply.slots) {
        if (slot.argument != &argument || (slot.kind != Slot::Value && slot.kind != Slot::Data))
            continue;
        if (is_in_place(slot))
            out("$ *const $ = OutP->$;", element_type(type), name, name);
        else
            out("$ $[$];", element_type(type), name, type.count);
    }
    if (type.kind == Type::String)
        out("$[0] = '\\0';", name);
    else if (type.kind == Type::Array)
        out("__builtin_memset($, 0, $);", name, type.size);
    else if (argument.has_own_count())
        out("mach_msg_type_number_t $Cnt = $;", name, type.count);
}

// A routine that says it has given more than there was room for has overrun its buffer already: this only keeps the
// damage from travelling.
void print_count_check(Writer& out, const Argument& argument)
{
    const Type& type = *argument.type;
    if (type.kind == Type::String && type.varying) {
        out("const mach_msg_size_t $Cnt = mig_string_size($, $);", argument.name, argument.name, type.count);
    } else if (argument.has_own_count() && type.count != 0) {
        out("if ($Cnt > $) {", argument.name, type.count);
        out("mig_set_error(OutHeadP, MIG_ARRAY_TOO_LARGE);");
        out("return;");
        out("}");
    }
}

}  // namespace

void print_reply_locals(Writer& out, const ir::Routine& routine)
{
    for (const auto& argument : routine.arguments) {
        if (argument->role == Role::Data && argument->out())
            print_local(out, routine, *argument);
    }
}

void print_reply(Writer& out, const ir::Routine& routine)
{
    const ir::Message& reply = routine.reply;
    for (const auto& argument : routine.arguments) {
        if (argument->role == Role::Data && argument->out())
            print_count_check(out, *argument);
    }
    out.blank();
    if (reply.varies())
        out("mach_msg_size_t mig_size;");
    if (reply.is_complex()) {
        out("OutP->Head.msgh_bits |= MACH_MSGH_BITS_COMPLEX;");
        out("OutP->msgh_body.msgh_descriptor_count = $;", reply.descriptors.size());
    }
    for (const ir::Descriptor& descriptor : reply.descriptors) {
        if (descriptor.element == 0)
            print_descriptor(out, *descriptor.argument);
    }
    for (const Slot& slot : reply.slots)
        print_slot(out, slot);
    if (reply.varies())
        out("OutP->Head.msgh_size = mig_size;");
    else
        out("OutP->Head.msgh_size = $;", reply.maximum_size);
}

}  // namespace migc::c
