// mig/codegen/gnu/gnu_check.cpp
//
// The check of a whole received message: its kind and size, every description exactly, every count within its limit, every
// string with its NUL, and that nothing is left over.
#include "codegen/gnu/gnu_pack.h"

namespace migc::gnu {

namespace {

using ir::Argument;
using ir::Message;
using ir::Slot;
using ir::Type;

class Checker {
public:
    Checker(Writer& out, const Message& message, bool is_reply)
        : out_{out}, message_{message}, is_reply_{is_reply}
    {
    }

    void print()
    {
        print_size();
        for (size_t at = is_reply_ ? 2 : 0; at + 1 < message_.slots.size(); at += 2)
            print_item(message_.slots[at + 1]);
        if (message_.varies())
            fail_if("$ != size", cursor_.here());
        out_("return 1;");
    }

private:
    template <class... Arguments>
    void fail_if(const std::string& condition, const Arguments&... arguments)
    {
        out_("if (" + condition + ")", arguments...);
        out_("    return 0;");
    }

    static bool is_counted(const Slot& slot)
    {
        return slot.kind == Slot::Data || (slot.kind == Slot::Address && slot.argument->type->has_count);
    }

    // Otherwise there is but one right description, and the words are compared.
    static bool needs_description(const Slot& slot)
    {
        const Type& type = *slot.argument->type;
        return is_counted(slot) || type.typed.is_long || is_poly(type);
    }

    static bool is_poly(const Type& type) { return type.typed.received_name == ir::TypedForm::polymorphic; }

    void print_size()
    {
        out_("const mach_msg_size_t size = Head->msgh_size;");
        bool described = false, rights = false;
        for (const Slot& slot : message_.slots) {
            if (slot.argument == nullptr || slot.kind == Slot::Description || slot.kind == Slot::Capacity)
                continue;
            const Type& type = *slot.argument->type;
            described |= needs_description(slot);
            rights |= type.carries_rights() || type.indefinite || slot.kind == Slot::Address;
        }
        if (rights)
            out_("const boolean_t simple = !(Head->msgh_bits & MACH_MSGH_BITS_COMPLEX);");
        if (message_.varies())
            out_("mach_msg_size_t at, bytes;");
        if (described)
            out_("mig_description_t type;");
        out_.blank();
        if (!rights)
            fail_if("Head->msgh_bits & MACH_MSGH_BITS_COMPLEX");
        if (message_.varies())
            fail_if("size < $ || size > $", message_.minimum_size, message_.maximum_size);
        else
            fail_if("size != $", message_.maximum_size);
    }

    void print_item(const Slot& slot)
    {
        if (slot.kind == Slot::Capacity) {
            require_room("8");
            fail_if("!mig_is_type(Head, $, MACH_MSG_TYPE_INTEGER_32, 32, 1, TRUE, FALSE)", cursor_.here());
            cursor_.step(8);
            return;
        }
        const Argument& argument = *slot.argument;
        const Type& type = *argument.type;
        const uint32_t description = description_size(type);
        require_room(slot.kind == Slot::Data ? std::to_string(description)
                                             : std::to_string(description + ir::pad(slot.size)));
        print_description(slot);
        if (slot.kind == Slot::Data) {
            print_data(argument);
            return;
        }
        if (type.kind == Type::String)
            fail_if("!mig_is_string(mig_at_const(Head, $), $)", cursor_.here(description), type.size);
        cursor_.step(description);
        cursor_.step(slot.size);
    }

    void require_room(const std::string& bytes)
    {
        if (moving_)
            fail_if("size - $ < $", parenthesized(cursor_.here()), bytes);
    }

    static std::string parenthesized(const std::string& text)
    {
        return text.find(' ') == std::string::npos ? text : "(" + text + ")";
    }

    void print_description(const Slot& slot)
    {
        const Type& type = *slot.argument->type;
        const bool in_line = slot.kind != Slot::Address;
        if (type.carries_rights() && !is_poly(type))
            fail_if("simple");
        else if (!in_line)
            fail_if("simple");
        if (!needs_description(slot)) {
            // What comes out of line is always the receiver's, and the kernel says so.
            fail_if("!mig_is_type(Head, $, $, $, $, $, $)", cursor_.here(),
                    type_name(type.typed.received_name), type.typed.bits, type.typed.units,
                    in_line ? "TRUE" : "FALSE", in_line ? "FALSE" : "TRUE");
            return;
        }
        out_("type = mig_get_description(Head, $, $);", cursor_.here(),
             type.typed.is_long ? "TRUE" : "FALSE");
        fail_if("type.is_long != $ || type.bits != $", type.typed.is_long ? "TRUE" : "FALSE",
                type.typed.bits);
        if (!type.indefinite)
            fail_if("type.is_inline != $", in_line ? "TRUE" : "FALSE");
        if (is_poly(type))
            fail_if("MACH_MSG_TYPE_PORT_ANY(type.name) && simple");
        else
            fail_if("type.name != $", type_name(type.typed.received_name));
        if (!is_counted(slot))
            fail_if("type.number != $", type.typed.units);
        else if (type.typed.units > 1)
            fail_if("type.number % $ != 0", type.typed.units);
        if (slot.kind == Slot::Address && type.has_count && type.count != 0)
            fail_if("type.number > $", uint64_t{type.count} * type.typed.units);
    }

    void print_data(const Argument& argument)
    {
        const Type& type = *argument.type;
        const uint32_t description = description_size(type);
        const std::string count =
            type.typed.units > 1 ? "type.number / " + std::to_string(type.typed.units) : "type.number";
        if (type.indefinite) {
            fail_if("!type.is_inline && simple");
            fail_if("type.is_inline && $ > $", count, type.count);
            out_("bytes = type.is_inline ? $ : 8;", times(count, type.element_size));
        } else {
            fail_if(type.kind == Type::String ? "type.number == 0 || type.number > $" : count + " > $",
                    type.count);
            out_("bytes = $;", times(count, type.element_size));
        }
        fail_if("size - $ < mig_padded(bytes)", parenthesized(cursor_.here(description)));
        if (type.kind == Type::String)
            fail_if("!mig_is_string(mig_at_const(Head, $), bytes)", cursor_.here(description));
        out_("at = $ + mig_padded(bytes);", cursor_.here(description));
        cursor_.moved();
        moving_ = true;
    }

    Writer& out_;
    const Message& message_;
    const bool is_reply_;
    bool moving_ = false;
    Cursor cursor_{"at", is_reply_ ? ir::typed_header_size + 8 : ir::typed_header_size};
};

}  // namespace

void print_check(Writer& out, const Message& message, const std::string& name, bool is_reply)
{
    out("static int $(const mach_msg_header_t *Head)", name);
    out("{");
    Checker{out, message, is_reply}.print();
    out("}").blank();
}

}  // namespace migc::gnu
