// mig/codegen/gnu/gnu_user.cpp
//
// User stubs in the typed format: write the request, call mach_msg(), check the reply, take it apart.
#include "codegen/gnu/gnu_pack.h"
#include "codegen/gnu/gnu_sources.h"

#include <algorithm>

namespace migc::gnu {

namespace {

using ir::Argument;
using ir::Message;
using ir::Role;
using ir::Slot;
using ir::Type;

constexpr uint32_t error_reply_size = ir::typed_header_size + 8;

class UserStub {
public:
    UserStub(Writer& out, const ir::Interface& interface, const ir::Routine& routine)
        : out_{out},
          interface_{interface},
          routine_{routine},
          packer_{out, routine.request, Side::User, "&mig_message"}
    {
    }

    void print()
    {
        if (!routine_.simple)
            print_check(out_, routine_.reply, "mig_check_reply_" + routine_.name, true);
        if (!routine_.comment.empty())
            out_.comment(routine_.comment, false);
        out_("mig_external");
        print_function(out_, user_name(interface_, routine_), parameters(routine_, Side::User), "");
        out_("{");
        print_locals();
        print_limits();
        packer_.print();
        print_header();
        print_call();
        if (!routine_.simple) {
            print_reply_checks();
            print_reply();
            out_("return KERN_SUCCESS;");
        }
        out_("}").blank();
    }

private:
    void print_locals()
    {
        const uint32_t reply = routine_.simple ? 0 : std::max(routine_.reply.maximum_size, error_reply_size);
        out_("union {");
        out_("mach_msg_header_t Head;");
        out_("char Bytes[$];", std::max(routine_.request.maximum_size, reply));
        out_("} mig_message;");
        if (!routine_.simple) {
            out_("mach_msg_return_t mig_result;");
            out_("kern_return_t mig_code;");
        }
        packer_.print_locals();
        out_.blank();
    }

    void print_limits()
    {
        for (const auto& argument : routine_.arguments) {
            const Type& type = *argument->type;
            if (argument->role != Role::Data || !argument->in() || type.kind != Type::Varying ||
                type.indefinite)
                continue;
            out_("if ($Cnt > $)", argument->name, type.count);
            out_("    return MIG_ARRAY_TOO_LARGE;");
        }
    }

    static std::string disposition_of(const Argument& port) { return sent_name(port, port.name + "Poly"); }

    void print_header()
    {
        const Argument& target = *routine_.request_port;
        const Argument* reply = routine_.reply_port;
        const bool replies = !routine_.simple;
        // Without a polymorphic type of its own a reply port is one that this task makes a send-once right from.
        const std::string reply_disposition = reply != nullptr ? disposition_of(*reply)
                                              : replies        ? "MACH_MSG_TYPE_MAKE_SEND_ONCE"
                                                               : "0";
        const std::string bits = "MACH_MSGH_BITS(" + disposition_of(target) + ", " + reply_disposition + ")";
        out_.blank();
        out_("__builtin_memset(&mig_message.Head, 0, sizeof mig_message.Head);");
        if (routine_.request.typed_complexity == Message::Depends)
            out_("mig_message.Head.msgh_bits = $ | (mig_simple ? 0 : MACH_MSGH_BITS_COMPLEX);", bits);
        else if (routine_.request.typed_complexity == Message::Always)
            out_("mig_message.Head.msgh_bits = $ | MACH_MSGH_BITS_COMPLEX;", bits);
        else
            out_("mig_message.Head.msgh_bits = $;", bits);
        out_("mig_message.Head.msgh_size = $;", packer_.size());
        out_("mig_message.Head.msgh_remote_port = $;", target.name);
        out_("mig_message.Head.msgh_local_port = $;", reply != nullptr ? reply->name
                                                      : replies
                                                          ? interface_.library_prefix + "mig_get_reply_port()"
                                                          : "MACH_PORT_NULL");
        out_("mig_message.Head.msgh_id = $;", routine_.id);
    }

    std::string options(std::string& time) const
    {
        std::string options = routine_.simple ? "MACH_SEND_MSG" : "MACH_SEND_MSG | MACH_RCV_MSG";
        if (const Argument* argument = special(routine_, Role::MsgOption, Side::User))
            options += " | " + argument->name;
        else if (!routine_.message_option.empty())
            options += " | " + routine_.message_option;
        time = "MACH_MSG_TIMEOUT_NONE";
        const Argument* wait = special(routine_, Role::WaitTime, Side::User);
        if (wait != nullptr || (!routine_.wait_time.empty() && !routine_.simple)) {
            time = wait != nullptr ? wait->name : routine_.wait_time;
            options += routine_.simple ? " | MACH_SEND_TIMEOUT" : " | MACH_RCV_TIMEOUT";
        }
        return options;
    }

    std::string failure(const std::string& code) const
    {
        if (interface_.error_function.empty())
            return "return " + code + ";";
        return "{ " + interface_.error_function + "(" + code + "); return " + code + "; }";
    }

    void print_call()
    {
        out_.blank();
        std::string time;
        const std::string flags = options(time);
        if (routine_.simple) {
            out_("return $mach_msg(&mig_message.Head, $, $, 0, MACH_PORT_NULL, $, MACH_PORT_NULL);",
                 interface_.library_prefix, flags, packer_.size(), time);
            return;
        }
        out_("const mach_port_t mig_reply_port = mig_message.Head.msgh_local_port;");
        out_("mig_result = $mach_msg(&mig_message.Head, $, $, sizeof mig_message, mig_reply_port, $, "
             "MACH_PORT_NULL);",
             interface_.library_prefix, flags, packer_.size(), time);
        out_("if (mig_result != MACH_MSG_SUCCESS) {");
        if (routine_.reply_port == nullptr)
            out_("$mig_dealloc_reply_port(mig_reply_port);", interface_.library_prefix);
        out_("$", failure("mig_result"));
        out_("}");
        if (routine_.reply_port == nullptr)
            out_("$mig_put_reply_port(mig_reply_port);", interface_.library_prefix);
    }

    void fail_with(const char* code)
    {
        out_("MIG_DESTROY_MESSAGE(&mig_message.Head);");
        out_("$", failure(code));
        out_("}");
    }

    void print_reply_checks()
    {
        out_.blank();
        out_("if (mig_message.Head.msgh_id != $) {", routine_.id + ir::reply_id_offset);
        out_("if (mig_message.Head.msgh_id == MACH_NOTIFY_SEND_ONCE)");
        out_("    $", failure("MIG_SERVER_DIED"));
        if (routine_.reply_port == nullptr)
            out_("$mig_dealloc_reply_port(mig_reply_port);", interface_.library_prefix);
        fail_with("MIG_REPLY_MISMATCH");
        out_("if (mig_message.Head.msgh_size < $ ||", error_reply_size);
        out_("    !mig_is_type(&mig_message, $, MACH_MSG_TYPE_INTEGER_32, 32, 1, TRUE, FALSE)) {",
             ir::typed_header_size);
        fail_with("MIG_TYPE_ERROR");
        out_("__builtin_memcpy(&mig_code, mig_at(&mig_message, $), sizeof mig_code);",
             ir::typed_header_size + 4);
        out_("if (mig_code != KERN_SUCCESS) {");
        out_("MIG_DESTROY_MESSAGE(&mig_message.Head);");
        out_("return mig_code;");
        out_("}");
        out_("if (!mig_check_reply_$(&mig_message.Head)) {", routine_.name);
        fail_with("MIG_TYPE_ERROR");
    }

    void print_reply()
    {
        const std::vector<Slot>& slots = routine_.reply.slots;
        if (slots.size() <= 2)
            return;
        out_.blank();
        if (moves())
            out_("mach_msg_size_t mig_offset;");
        if (describes())
            out_("mig_description_t mig_description;");
        for (size_t at = 2; at + 1 < slots.size(); at += 2)
            unpack(slots[at + 1], at + 2 == slots.size());
    }

    // Is anything behind a varying item?
    bool moves() const
    {
        const std::vector<Slot>& slots = routine_.reply.slots;
        return std::any_of(slots.begin(), slots.end(), [&](const Slot& slot) { return !slot.fixed; });
    }

    bool needs_description(const Slot& slot) const
    {
        if (slot.kind != Slot::Data && slot.kind != Slot::Address && slot.kind != Slot::Value)
            return false;
        const Argument& argument = *slot.argument;
        if (slot.kind == Slot::Data && argument.type->kind == Type::String)
            return &slot != &routine_.reply.slots.back();  // Its length only says where the next item is.
        const bool counted =
            slot.kind == Slot::Data || (slot.kind == Slot::Address && argument.type->has_count);
        return counted || has_poly(argument, Side::User);
    }

    bool describes() const
    {
        const std::vector<Slot>& slots = routine_.reply.slots;
        return std::any_of(slots.begin() + 2, slots.end(),
                           [this](const Slot& slot) { return needs_description(slot); });
    }

    void unpack(const Slot& slot, bool is_last)
    {
        const Argument& argument = *slot.argument;
        const Type& type = *argument.type;
        const std::string& name = argument.name;
        const uint32_t description = description_size(type);
        if (needs_description(slot))
            out_("mig_description = mig_get_description(&mig_message, $, $);", cursor_.here(),
                 type.typed.is_long ? "TRUE" : "FALSE");
        if (has_poly(argument, Side::User))
            out_("*$Poly = mig_description.name;", name);
        const std::string source = filled("mig_at(&mig_message, $)", cursor_.here(description));
        if (slot.kind == Slot::Data) {
            unpack_data(argument, source, is_last);
            return;
        }
        if (slot.kind == Slot::Address) {
            out_("*$ = ($)mig_address_at(&mig_message, $);", name, message_type(type, Side::User),
                 cursor_.here(description));
            if (type.has_count)
                out_("*$Cnt = $;", name, number(type));
        } else if (type.kind == Type::String) {
            out_("mig_copy_string($, $, $);", name, source, type.size);
        } else {
            out_("__builtin_memcpy($, $, $);", name, source, type.size);
        }
        cursor_.step(description);
        cursor_.step(slot.size);
    }

    static std::string number(const Type& type)
    {
        return type.typed.units > 1 ? "mig_description.number / " + std::to_string(type.typed.units)
                                    : "mig_description.number";
    }

    void unpack_data(const Argument& argument, const std::string& source, bool is_last)
    {
        const Type& type = *argument.type;
        const std::string& name = argument.name;
        const std::string bytes = type.element_size == type.typed.units
                                      ? "mig_description.number"
                                      : times(number(type), type.element_size);
        if (type.kind == Type::String)
            out_("mig_copy_string($, $, $);", name, source, type.size);
        else if (type.indefinite)
            unpack_indefinite(argument, source, bytes);
        else
            unpack_varying(argument, source, bytes);
        if (type.kind == Type::Varying)
            out_("*$Cnt = $;", name, number(type));
        if (is_last)
            return;
        const std::string size = type.indefinite ? "mig_description.is_inline ? " + bytes + " : 8" : bytes;
        out_("mig_offset = $ + mig_padded($);", cursor_.here(description_size(type)), size);
        cursor_.moved();
    }

    void unpack_varying(const Argument& argument, const std::string& source, const std::string& bytes)
    {
        const std::string& name = argument.name;
        const Type& type = *argument.type;
        out_("if ($ > *$Cnt) {", number(type), name);
        out_("__builtin_memcpy($, $, $);", name, source, times("*" + name + "Cnt", type.element_size));
        out_("*$Cnt = $;", name, number(type));
        fail_with("MIG_ARRAY_TOO_LARGE");
        out_("__builtin_memcpy($, $, $);", name, source, bytes);
    }

    // In the caller's memory if it has room, else in memory of its own.
    void unpack_indefinite(const Argument& argument, const std::string& source, const std::string& bytes)
    {
        const std::string& name = argument.name;
        const Type& type = *argument.type;
        out_("if (!mig_description.is_inline) {");
        out_("*$ = ($)mig_address_at(&mig_message, $);", name, message_type(type, Side::User),
             cursor_.here(description_size(type)));
        out_("} else {");
        out_("if ($ > *$Cnt)", number(type), name);
        out_("    $mig_allocate((vm_offset_t *)$, $);", interface_.library_prefix, name, bytes);
        out_("if (mig_description.number != 0)");
        out_("    __builtin_memcpy((void *)*$, $, $);", name, source, bytes);
        out_("}");
    }

    Writer& out_;
    const ir::Interface& interface_;
    const ir::Routine& routine_;
    Packer packer_;
    Cursor cursor_{"mig_offset", error_reply_size};
};

}  // namespace

std::string user_source(const ir::Interface& interface, const ir::Routine* only)
{
    Writer out;
    print_banner(out, interface, "User stubs");
    out("#ifndef _GNU_SOURCE");
    out("#define _GNU_SOURCE 1");
    out("#endif").blank();
    out("#include \"$.h\"", interface.name);
    out("#define EXPORT_BOOLEAN");
    for (const char* header :
         {"boolean", "kern_return", "message", "notify", "mach_types", "mig_errors", "mig_support"})
        out("#include <mach/$.h>", header);
    out("#include <stdint.h>");
    print_imports(out, interface, Side::User);
    out("#ifndef mig_external");
    out("#define mig_external");
    out("#endif").blank();
    print_prelude(out);
    print_size_checks(out, interface, Side::User);
    for (const auto& routine : interface.routines) {
        if (routine && (only == nullptr || routine.get() == only))
            UserStub{out, interface, *routine}.print();
    }
    return out.str();
}

}  // namespace migc::gnu
