// mig/codegen/c/c_user.cpp
//
// User stubs: pack the request, call mach_msg().  c_user_reply.cpp unpacks the reply.
#include "codegen/c/c_sources.h"

namespace migc::c {

namespace {

using ir::Argument;
using ir::Role;
using ir::Slot;
using ir::Type;

class UserStub {
public:
    UserStub(Writer& out, const ir::Interface& interface, const ir::Routine& routine)
        : out_{out}, interface_{interface}, routine_{routine}
    {
    }

    void print()
    {
        if (!routine_.simple)
            print_verify(out_, routine_.reply, reply_type(routine_), "verify_reply_" + routine_.name,
                         "MIG_TYPE_ERROR");
        if (!routine_.comment.empty())
            out_.comment(routine_.comment, false);
        if (is_ordinary())
            out_("kern_return_t $($)", user_name(interface_, routine_), parameter_list(routine_, Side::User));
        else
            out_("static kern_return_t mig_call_$($)", routine_.name, inner_parameters());
        out_("{");
        print_locals();
        print_limits();
        for (const ir::Descriptor& descriptor : routine_.request.descriptors) {
            if (descriptor.element == 0)
                pack_descriptor(*descriptor.argument);
        }
        for (const Slot& slot : routine_.request.slots)
            pack(slot);
        print_call();
        if (!routine_.simple)
            print_unpacking(out_, routine_);
        out_("return KERN_SUCCESS;");
        out_("}").blank();
        if (!is_ordinary())
            print_outer();
    }

private:
    // ---- Procedures and functions: around the call that can fail, one that cannot

    bool is_ordinary() const { return routine_.style == ir::Routine::Ordinary; }

    std::string inner_parameters() const
    {
        std::string list = parameter_list(routine_, Side::User);
        if (routine_.value != nullptr)
            list += filled(", $ *$", routine_.value->type->user_type, routine_.value->name);
        return list;
    }

    void print_outer()
    {
        std::vector<std::string> names;
        for (const std::string& parameter : parameters(routine_, Side::User))
            names.push_back(parameter.substr(parameter.find_last_of(" *") + 1));
        if (routine_.value != nullptr)
            names.push_back("&mig_value");
        out_("$ $($)", result_type(routine_, Side::User), user_name(interface_, routine_),
             parameter_list(routine_, Side::User));
        out_("{");
        if (routine_.value != nullptr) {
            out_("$ mig_value;", routine_.value->type->user_type);
            out_("__builtin_memset(&mig_value, 0, sizeof mig_value);");
        }
        out_("const kern_return_t mig_code = mig_call_$($);", routine_.name, join(names, ", "));
        out_("if (mig_code != KERN_SUCCESS)");
        out_("    $(mig_code);", error_function(interface_));
        if (routine_.value != nullptr)
            out_("return mig_value;");
        out_("}").blank();
    }

    // ---- The request

    void print_locals()
    {
        out_("union {");
        out_("$ In;", request_type(routine_));
        if (!routine_.simple) {
            out_("struct MIG_MESSAGE {");
            out_("$ Message;", reply_type(routine_));
            out_("mach_msg_max_trailer_t Trailer;");
            out_("} Out;");
            out_("mig_reply_error_t Error;");
        }
        out_("} Mess;");
        out_("$ *const InP = &Mess.In;", request_type(routine_));
        if (!routine_.simple)
            out_("$ *const Out0P = &Mess.Out.Message;", reply_type(routine_));
        if (routine_.request.varies())
            out_("mach_msg_size_t msgh_size;");
        out_("mach_msg_return_t msg_result;").blank();
    }

    void print_limits()
    {
        for (const auto& argument : routine_.arguments) {
            const Type& type = *argument->type;
            if (argument->role != Role::Data || !argument->in() || !argument->has_own_count() ||
                type.count == 0)
                continue;
            out_("if ($ > $)", count_of(*argument), type.count);
            out_("    return MIG_ARRAY_TOO_LARGE;");
        }
    }

    static std::string value_of(const Argument& argument)
    {
        return (argument.out() || argument.type->by_pointer ? "*" : "") + argument.name;
    }
    static std::string count_of(const Argument& argument)
    {
        if (!argument.type->has_count)
            return std::to_string(argument.type->count);
        const Argument& owner = argument.counted_by();
        return (owner.out() ? "*" : "") + owner.name + "Cnt";
    }

    void pack_descriptor(const Argument& argument)
    {
        const Type& type = *argument.type;
        const std::string disposition = type.sent == ir::Disposition::Polymorphic
                                            ? (argument.out() ? "*" : "") + argument.name + "Poly"
                                            : disposition_name(type.sent);
        if (type.kind == Type::Port) {
            out_("InP->$ = (mach_msg_port_descriptor_t){.name = $, .disposition = $ & 0xff, "
                 ".type = MACH_MSG_PORT_DESCRIPTOR};",
                 argument.name, value_of(argument), disposition);
            return;
        }
        if (type.kind == Type::Rights) {
            out_("mig_put_rights(InP->$, $, $, $, $);", argument.name, argument.name, count_of(argument),
                 type.count, disposition);
            return;
        }
        const std::string deallocate = argument.dealloc_by_caller ? argument.name + "Dealloc != 0"
                                       : argument.dealloc         ? "1"
                                                                  : "0";
        const char* copy = argument.physical_copy ? "MACH_MSG_PHYSICAL_COPY" : "MACH_MSG_VIRTUAL_COPY";
        if (type.kind == Type::Memory)
            out_("InP->$ = (mach_msg_ool_descriptor_t){.address = (uint64_t)(uintptr_t)($), .deallocate = $, "
                 ".copy = $, .type = MACH_MSG_OOL_DESCRIPTOR, .size = $};",
                 argument.name, value_of(argument), deallocate, copy, bytes_of(type, count_of(argument)));
        else
            out_("InP->$ = (mach_msg_ool_ports_descriptor_t){.address = (uint64_t)(uintptr_t)($), "
                 ".deallocate = $, "
                 ".copy = $, .disposition = $ & 0xff, .type = MACH_MSG_OOL_PORTS_DESCRIPTOR, .count = $};",
                 argument.name, value_of(argument), deallocate, copy, disposition, count_of(argument));
    }

    void pack(const Slot& slot)
    {
        switch (slot.kind) {
        case Slot::Ndr:
            out_("InP->NDR = NDR_record;");
            return;
        case Slot::Value:
            pack_value(slot);
            return;
        case Slot::Data:
            pack_data(slot);
            return;
        case Slot::StringOffset:
            pack_word(slot, "0");
            return;
        case Slot::Count:
            pack_word(slot, count_of(*slot.argument));
            return;
        case Slot::Capacity:
            pack_word(slot, filled("*$Cnt < $ ? *$Cnt : $", slot.argument->name,
                                   std::to_string(slot.argument->type->count), slot.argument->name,
                                   std::to_string(slot.argument->type->count)));
            return;
        case Slot::StringCount:  // Known when the string has been copied.
        case Slot::Description:  // Of the typed format alone.
        case Slot::Address:
        case Slot::RetCode:
            return;
        }
    }

    void pack_word(const Slot& slot, const std::string& word)
    {
        if (slot.fixed)
            out_("InP->$ = $;", field(slot), word);
        else
            out_("msgh_size = mig_append_word(InP, msgh_size, $);", word);
    }

    void pack_value(const Slot& slot)
    {
        const Type& type = *slot.argument->type;
        const std::string& name = slot.argument->name;
        const bool is_string = type.kind == Type::String;
        const bool is_array = type.kind == Type::Array;
        const std::string address = is_array || slot.argument->out() || type.by_pointer ? name : "&" + name;
        if (slot.fixed && is_string) {
            out_("mig_fill_string(InP->$, $, $);", name, name, type.count);
        } else if (slot.fixed && is_array) {
            out_("__builtin_memcpy(InP->$, $, $);", name, name, type.size);
        } else if (slot.fixed) {
            out_("InP->$ = $;", name, value_of(*slot.argument));
        } else if (is_string) {
            out_("mig_fill_string(mig_at(InP, msgh_size), $, $);", name, type.count);
            out_("msgh_size = mig_end_data(InP, msgh_size, $);", type.count);
        } else {
            out_("msgh_size = mig_append(InP, msgh_size, $, $);", address, type.size);
        }
        if (slot.fixed && ir::pad(slot.size) != slot.size)
            out_("__builtin_memset(InP->$Pad, 0, $);", name, ir::pad(slot.size) - slot.size);
    }

    void pack_data(const Slot& slot)
    {
        const Type& type = *slot.argument->type;
        const std::string& name = slot.argument->name;
        if (type.kind == Type::Varying) {
            const std::string at = slot.fixed ? std::to_string(slot.offset) : "msgh_size";
            out_("msgh_size = mig_append(InP, $, $, $);", at, name, bytes_of(type, count_of(*slot.argument)));
        } else if (slot.fixed) {
            out_("InP->$Cnt = mig_copy_string(InP->$, $, $);", name, name, name, type.count);
            out_("msgh_size = mig_end_data(InP, $, InP->$Cnt);", slot.offset, name);
        } else {
            out_("const mach_msg_size_t $Size = mig_copy_string(mig_at(InP, msgh_size + 4), $, $);", name,
                 name, type.count);
            out_("msgh_size = mig_append_word(InP, msgh_size, $Size);", name);
            out_("msgh_size = mig_end_data(InP, msgh_size, $Size);", name);
        }
    }

    // ---- The call

    const Argument* special(Role role) const
    {
        for (const auto& argument : routine_.arguments) {
            if (argument->role == role && argument->user_side)
                return argument.get();
        }
        return nullptr;
    }

    static std::string disposition_of(const Argument& port)
    {
        return port.type->sent == ir::Disposition::Polymorphic ? port.name + "Poly"
                                                               : disposition_name(port.type->sent);
    }

    void print_header()
    {
        const Argument& target = *routine_.request_port;
        const Argument* reply = routine_.reply_port;
        std::string reply_port = reply != nullptr  ? reply->name
                                 : routine_.simple ? "MACH_PORT_NULL"
                                                   : "mig_get_reply_port()";
        std::string reply_disposition = reply != nullptr  ? disposition_of(*reply)
                                        : routine_.simple ? "0"
                                                          : "MACH_MSG_TYPE_MAKE_SEND_ONCE";
        out_("InP->Head.msgh_bits = $MACH_MSGH_BITS($, $);",
             routine_.request.is_complex() ? "MACH_MSGH_BITS_COMPLEX | " : "", disposition_of(target),
             reply_disposition);
        out_("InP->Head.msgh_size = $;", size());
        out_("InP->Head.msgh_remote_port = $;", target.name);
        out_("InP->Head.msgh_local_port = $;", reply_port);
        out_("InP->Head.msgh_voucher_port = MACH_PORT_NULL;");
        out_("InP->Head.msgh_id = $;", routine_.id);
        if (routine_.request.is_complex())
            out_("InP->msgh_body.msgh_descriptor_count = $;", routine_.request.descriptors.size());
        out_.blank();
    }

    std::string size() const
    {
        return routine_.request.varies() ? "msgh_size" : std::to_string(routine_.request.maximum_size);
    }

    void print_call()
    {
        out_.blank();
        print_header();
        std::string options = routine_.simple ? "MACH_SEND_MSG" : "MACH_SEND_MSG | MACH_RCV_MSG";
        std::string time = "MACH_MSG_TIMEOUT_NONE";
        const auto add_time = [&](Role role, const std::string& statement, const char* option) {
            const Argument* argument = special(role);
            if (argument == nullptr && statement.empty())
                return;
            time = argument != nullptr ? argument->name : statement;
            options += std::string{" | "} + option;
        };
        add_time(Role::SendTime, routine_.send_time, "MACH_SEND_TIMEOUT");
        add_time(Role::WaitTime, routine_.wait_time,
                 routine_.simple ? "MACH_SEND_TIMEOUT" : "MACH_RCV_TIMEOUT");
        if (const Argument* argument = special(Role::MsgOption))
            options += " | " + argument->name;
        if (const TrailerPart* farthest = farthest_trailer_part(routine_, Side::User))
            options += filled(" | MACH_RCV_TRAILER_TYPE(MACH_MSG_TRAILER_FORMAT_0) | "
                              "MACH_RCV_TRAILER_ELEMENTS($)",
                              farthest->elements);
        if (!routine_.message_option.empty())
            options += " | (" + routine_.message_option + ")";

        if (routine_.simple) {
            out_("msg_result = MIG_MACH_MSG(&InP->Head, $, $, 0, MACH_PORT_NULL, $, MACH_PORT_NULL);",
                 options, size(), time);
        } else {
            out_("const mach_port_t mig_reply_port = InP->Head.msgh_local_port;");
            out_("msg_result = MIG_MACH_MSG(&InP->Head, $, $, (mach_msg_size_t)sizeof Mess.Out, "
                 "mig_reply_port, $, "
                 "MACH_PORT_NULL);",
                 options, size(), time);
        }
        const bool own_reply_port = !routine_.simple && routine_.reply_port == nullptr;
        if (own_reply_port) {
            out_("if (msg_result != MACH_MSG_SUCCESS) {");
            out_("if (msg_result == MACH_SEND_INVALID_DEST)");
            out_("    mig_put_reply_port(mig_reply_port); /* Nothing was sent: nothing can come. */");
            out_("else");
            out_("    mig_dealloc_reply_port(mig_reply_port);");
            report_error("msg_result");
            out_("}");
            out_("mig_put_reply_port(mig_reply_port);");
        } else {
            out_("if (msg_result != MACH_MSG_SUCCESS)");
            report_error("    msg_result");
        }
    }

    void report_error(const std::string& code)
    {
        const std::string indent = code.starts_with("    ") ? "    " : "";
        const std::string value = code.substr(indent.size());
        if (interface_.error_function.empty() || !is_ordinary())
            out_("$return $;", indent, value);
        else
            out_("$return $($), $;", indent, interface_.error_function, value, value);
    }

    Writer& out_;
    const ir::Interface& interface_;
    const ir::Routine& routine_;
};

}  // namespace

std::string user_source(const ir::Interface& interface, const ir::Routine* only)
{
    Writer out;
    print_banner(out, interface, "User stubs");
    out("#include \"$.h\"", interface.name).blank();
    print_size_checks(out, interface);
    out.blank();
    for (const auto& routine : interface.routines) {
        if (routine && (only == nullptr || routine.get() == only))
            UserStub{out, interface, *routine}.print();
    }
    return out.str();
}

}  // namespace migc::c
