#include "codegen/gnu/gnu_pack.h"

namespace migc::gnu {

using ir::Argument;
using ir::Message;
using ir::Slot;
using ir::Type;

std::string Cursor::here(uint32_t further) const
{
    const uint32_t sum = offset_ + further;
    if (!moving_)
        return std::to_string(sum);
    return sum == 0 ? variable_ : variable_ + " + " + std::to_string(sum);
}

void Cursor::move_by(Writer& out, uint32_t further, const std::string& bytes)
{
    out("$ = $ + mig_padded($);", variable_, here(further), bytes);
    moved();
}

void Cursor::moved()
{
    moving_ = true;
    offset_ = 0;
}

std::string times(const std::string& count, uint32_t factor)
{
    return factor == 1 ? count : count + " * " + std::to_string(factor);
}

std::string Packer::size() const
{
    return message_.varies() ? "mig_size" : std::to_string(message_.maximum_size);
}

void Packer::print_locals()
{
    if (message_.varies())
        out_("mach_msg_size_t mig_size;");
    if (message_.typed_complexity == Message::Depends)
        out_("boolean_t mig_simple = TRUE;");
}

void Packer::print()
{
    for (size_t at = 0; at + 1 < message_.slots.size(); at += 2) {
        const Slot& slot = message_.slots[at + 1];
        if (slot.kind == Slot::RetCode)
            pack_word("KERN_SUCCESS");
        else if (slot.kind == Slot::Capacity)
            pack_word(filled("*$Cnt < $ ? *$Cnt : $", slot.argument->name,
                             std::to_string(slot.argument->type->count), slot.argument->name,
                             std::to_string(slot.argument->type->count)));
        else
            pack(*slot.argument, slot);
    }
    if (message_.varies() && cursor_.here() != cursor_.variable())
        out_("mig_size = $;", cursor_.here());
}

void Packer::pack(const Argument& argument, const Slot& slot)
{
    const Type& type = *argument.type;
    if (slot.kind == Slot::Address)
        pack_address(argument);
    else if (slot.kind == Slot::Value)
        pack_value(argument);
    else if (type.kind == Type::String)
        pack_string(argument);
    else if (type.indefinite)
        pack_indefinite(argument);
    else
        pack_varying(argument);
}

std::string Packer::value(const Argument& argument) const
{
    return (by_pointer(argument) && (!is_by_address(*argument.type) || argument.type->indefinite) ? "*"
                                                                                                  : "") +
           argument.name;
}

std::string Packer::count(const Argument& argument) const
{
    return (by_pointer(argument) ? "*" : "") + argument.name + "Cnt";
}

std::string Packer::poly(const Argument& argument) const
{
    return (by_pointer(argument) ? "*" : "") + argument.name + "Poly";
}

std::string Packer::deallocate(const Argument& argument) const
{
    if (argument.dealloc_by_caller && argument.in() == (side_ == Side::User))
        return argument.name + "Dealloc";
    return argument.dealloc ? "TRUE" : "FALSE";
}

void Packer::pack_word(const std::string& value)
{
    out_("mig_put_type($, $, MACH_MSG_TYPE_INTEGER_32, 32, 1, TRUE, FALSE);", buffer_, cursor_.here());
    out_("mig_put($, $, &(const uint32_t){$}, 4);", buffer_, cursor_.here(4), value);
    cursor_.step(8);
}

void Packer::print_type(const Argument& argument, const std::string& number, const char* is_inline,
                        const std::string& deallocate)
{
    const Type& type = *argument.type;
    out_("mig_put_$($, $, $, $, $, $, $);", type.typed.is_long ? "long_type" : "type", buffer_,
         cursor_.here(), sent_name(argument, poly(argument)), type.typed.bits, number, is_inline, deallocate);
}

// A polymorphic right makes the message complex only if it is one.
void Packer::note_rights(const Argument& argument)
{
    if (message_.typed_complexity != Message::Depends || !argument.type->carries_rights())
        return;
    out_("if (MACH_MSG_TYPE_PORT_ANY($))", poly(argument));
    out_("    mig_simple = FALSE;");
}

void Packer::pack_value(const Argument& argument)
{
    const Type& type = *argument.type;
    const uint32_t description = description_size(type);
    print_type(argument, std::to_string(type.typed.units), "TRUE", "FALSE");
    if (type.kind == Type::String) {
        out_("mig_put_string($, $, $, $);", buffer_, cursor_.here(description), argument.name, type.size);
    } else {
        const bool is_address = is_by_address(type) || by_pointer(argument);
        std::string name = argument.name;
        if (side_ == Side::Server && type.out_translation && !is_by_address(type))
            out_("const $ mig_sent_$ = $($);", message_type(type, side_), name,
                 type.out_translation->function, name);
        if (side_ == Side::Server && type.out_translation && !is_by_address(type))
            name = "mig_sent_" + name;
        out_("mig_put($, $, $$, $);", buffer_, cursor_.here(description), is_address ? "" : "&", name,
             type.size);
    }
    note_rights(argument);
    cursor_.step(description);
    cursor_.step(type.size);
}

void Packer::pack_address(const Argument& argument)
{
    const Type& type = *argument.type;
    const uint32_t description = description_size(type);
    const std::string number =
        type.has_count ? times(count(argument), type.typed.units) : std::to_string(type.typed.units);
    print_type(argument, number, "FALSE", deallocate(argument));
    out_("mig_put_address($, $, (uintptr_t)$);", buffer_, cursor_.here(description), value(argument));
    cursor_.step(description);
    cursor_.step(8);
}

void Packer::pack_varying(const Argument& argument)
{
    const Type& type = *argument.type;
    const uint32_t description = description_size(type);
    print_type(argument, times(count(argument), type.typed.units), "TRUE", "FALSE");
    out_("mig_size = mig_put($, $, $, $);", buffer_, cursor_.here(description), value(argument),
         times(count(argument), type.element_size));
    cursor_.moved();
    note_rights(argument);
}

// The user's stub sends out of line what is too much; a server's routine decides by giving other memory than it was offered.
void Packer::pack_indefinite(const Argument& argument)
{
    const Type& type = *argument.type;
    const uint32_t description = description_size(type);
    const std::string number = times(count(argument), type.typed.units);
    if (side_ == Side::User)
        out_("if ($ > $) {", count(argument), type.count);
    else
        out_("if ((uintptr_t)$ != (uintptr_t)mig_buffer_$) {", argument.name, argument.name);
    print_type(argument, number, "FALSE", deallocate(argument));
    out_("mig_size = mig_put_address($, $, (uintptr_t)$);", buffer_, cursor_.here(description),
         value(argument));
    if (message_.typed_complexity == Message::Depends)
        out_("mig_simple = FALSE;");
    out_("} else {");
    print_type(argument, number, "TRUE", "FALSE");
    out_("mig_size = mig_put($, $, $, $);", buffer_, cursor_.here(description),
         side_ == Side::User ? value(argument) : "mig_buffer_" + argument.name,
         times(count(argument), type.element_size));
    out_("}");
    cursor_.moved();
    note_rights(argument);
}

void Packer::pack_string(const Argument& argument)
{
    const Type& type = *argument.type;
    const uint32_t description = description_size(type);
    out_("const mach_msg_size_t mig_size_$ = mig_copy_string(mig_at($, $), $, $);", argument.name, buffer_,
         cursor_.here(description), argument.name, type.size);
    print_type(argument, "mig_size_" + argument.name, "TRUE", "FALSE");
    out_("mig_size = mig_end_data($, $, mig_size_$);", buffer_, cursor_.here(description), argument.name);
    cursor_.moved();
}

}  // namespace migc::gnu
