// mig/codegen/c/c_server.cpp
//
// Server stubs: check the request, unpack it, call the routine.  c_server_reply.cpp packs the answer.
#include "codegen/c/c_sources.h"

#include <algorithm>

namespace migc::c {

namespace {

using ir::Argument;
using ir::Role;
using ir::Slot;
using ir::Type;

class ServerStub {
public:
    ServerStub(Writer& out, const ir::Interface& interface, const ir::Routine& routine)
        : out_{out}, interface_{interface}, routine_{routine}
    {
    }

    void print()
    {
        print_verify(out_, routine_.request, request_type(routine_), "verify_" + routine_.name,
                     "MIG_BAD_ARGUMENTS");
        out_("static void _X$(mach_msg_header_t *InHeadP, mach_msg_header_t *OutHeadP)", routine_.name);
        out_("{");
        out_("$ *const In0P = ($ *)InHeadP;", request_type(routine_), request_type(routine_));
        if (!routine_.simple)
            out_("$ *const OutP = ($ *)OutHeadP;", reply_type(routine_), reply_type(routine_));
        out_("kern_return_t RetCode = verify_$(In0P);", routine_.name);
        fail_unless_success();
        print_trailer_check();
        if (!routine_.simple)
            print_reply_locals(out_, routine_);
        unpack();
        print_translations();
        print_call();
        print_destructors();
        print_automatic();
        if (routine_.simple) {
            out_("mig_set_error(OutHeadP, RetCode == KERN_SUCCESS ? MIG_NO_REPLY : RetCode);");
        } else {
            if (routine_.style == ir::Routine::Ordinary)
                fail_unless_success();
            print_reply(out_, routine_);
        }
        out_("}").blank();
    }

private:
    void fail_unless_success()
    {
        out_("if (RetCode != KERN_SUCCESS) {");
        out_("mig_refuse(OutHeadP, RetCode);");
        out_("return;");
        out_("}");
    }

    // The trailer is the kernel's, but how much of it there is the receiver chose.
    void print_trailer_check()
    {
        const TrailerPart* farthest = farthest_trailer_part(routine_, Side::Server);
        if (farthest == nullptr)
            return;
        out_("$ Trailer;", farthest->type);
        out_("__builtin_memcpy(&Trailer, mig_at(In0P, round_msg(In0P->Head.msgh_size)), "
             "sizeof(mach_msg_trailer_t));");
        out_("if (Trailer.msgh_trailer_size < sizeof Trailer) {");
        out_("mig_set_error(OutHeadP, MIG_TRAILER_ERROR);");
        out_("return;");
        out_("}");
        out_("__builtin_memcpy(&Trailer, mig_at(In0P, round_msg(In0P->Head.msgh_size)), sizeof Trailer);");
    }

    // Data that the routine must not find at an odd address, or that has moved, goes into variables of its own.
    void unpack()
    {
        bool moving = false;
        std::string start;
        for (const Slot& slot : slots_to_unpack(routine_.request)) {
            if (slot.argument == nullptr)
                continue;
            if (!slot.fixed && !moving) {
                moving = true;
                out_("mach_msg_size_t mig_offset = $;", start);
            }
            const bool is_data = slot.kind == Slot::Data;
            const std::string bytes = is_data ? bytes_of_data(slot) : std::string{};
            if (is_data && slot.fixed)
                start = std::to_string(slot.offset) + " + mig_padded(" + bytes + ")";
            unpack(slot, bytes);
            if (!slot.fixed) {
                if (is_data)
                    out_("mig_offset += mig_padded($);", bytes);
                else
                    out_("mig_offset += $;", ir::pad(slot.size));
            }
        }
        for (const ir::Descriptor& descriptor : routine_.request.descriptors) {
            if (descriptor.argument->type->kind == Type::Rights && descriptor.element == 0)
                unpack_rights(*descriptor.argument);
        }
    }

    std::string bytes_of_data(const Slot& slot) const
    {
        const Argument& argument = *slot.argument;
        if (argument.type->kind == Type::String)
            return slot.fixed ? "In0P->" + argument.name + "Cnt" : argument.name + "Count";
        return bytes_of(*argument.type, received_count(routine_.request, argument, "In0P", "Count"));
    }

    void unpack_rights(const Argument& argument)
    {
        const Type& type = *argument.type;
        const std::string& name = argument.name;
        const std::string count = received_count(routine_.request, argument, "In0P", "Count");
        if (!argument.out())
            out_("$ $[$];", element_type(type, Side::Server), name, type.count);
        if (type.element->in_translation) {
            out_("for (mach_msg_type_number_t mig_right = 0; mig_right < $; ++mig_right)", count);
            out_("    $[mig_right] = $(In0P->$[mig_right].name);", name,
                 type.element->in_translation->function, name);
        } else {
            out_("mig_get_rights($, In0P->$, $);", name, name, count);
        }
        if (argument.out() && argument.has_own_count())
            out_("$Cnt = $;", name, count);
    }

    void unpack(const Slot& slot, const std::string& bytes)
    {
        const Argument& argument = *slot.argument;
        const Type& type = *argument.type;
        const std::string& name = argument.name;
        const std::string source =
            slot.fixed ? "(const char *)In0P + " + std::to_string(slot.offset) : "mig_at(In0P, mig_offset)";
        const bool scalar = type.kind == Type::Scalar || type.kind == Type::Structure;
        switch (slot.kind) {
        case Slot::Value:
            if (argument.out()) {
                // The reply's variable, or its place in the reply, is what the routine changes.
                out_("__builtin_memcpy($$, $, $);", scalar ? "&" : "", name, source, type.size);
            } else if (scalar) {
                out_("$ $;", type.user_type, name);
                out_("__builtin_memcpy(&$, $, $);", name, source, type.size);
            } else {
                out_("$ $[$];", element_type(type), name, type.count);
                out_("__builtin_memcpy($, $, $);", name, source, type.size);
            }
            return;
        case Slot::Count:
        case Slot::StringCount:
            if (!slot.fixed && !type.is_out_of_line())
                out_("const mach_msg_type_number_t $Count = mig_word_at(In0P, mig_offset);", name);
            if (argument.out() && type.kind == Type::Varying)
                out_("$Cnt = $;", name, slot.fixed ? "In0P->" + name + "Cnt" : name + "Count");
            return;
        case Slot::Capacity:
            if (slot.fixed)
                out_("if (In0P->$Cnt < $Cnt)", name, name);
            else
                out_("if (mig_word_at(In0P, mig_offset) < $Cnt)", name);
            out_("    $Cnt = $;", name,
                 slot.fixed ? "In0P->" + name + "Cnt" : "mig_word_at(In0P, mig_offset)");
            return;
        case Slot::Data:
            if (argument.out()) {
                out_("__builtin_memcpy($, $, $);", name, source, bytes);
            } else if (is_overaligned(type)) {
                out_("$ $[$];", element_type(type), name, type.count);
                out_("__builtin_memcpy($, $, $);", name, source, bytes);
            } else {
                out_("$ *const $ = ($ *)($);", element_type(type), name, element_type(type),
                     slot.fixed ? "mig_at(In0P, " + std::to_string(slot.offset) + ")"
                                : "mig_at(In0P, mig_offset)");
            }
            return;
        default:
            return;
        }
    }

    std::string passed_count(const Argument& argument) const
    {
        if (argument.out())
            return "&" + argument.name + "Cnt";
        return received_count(routine_.request, argument, "In0P", "Count");
    }

    // ---- intran: what the routine is given instead, and gives back to the type's destructor

    static bool is_translated(const Argument& argument)
    {
        return argument.type->in_translation && !argument.out() && argument.server_side;
    }
    static std::string translated(const Argument& argument) { return argument.name + "Tran"; }

    std::string received(const Argument& argument) const
    {
        if (argument.role == Role::RequestPort)
            return "In0P->Head.msgh_local_port";
        if (argument.role == Role::ReplyPort)
            return "In0P->Head.msgh_remote_port";
        if (argument.type->kind == Type::Port)
            return filled("In0P->$.name", argument.name);
        return argument.name;
    }

    void print_translations()
    {
        for (const auto& argument : routine_.arguments) {
            if (is_translated(*argument))
                out_("const $ $ = $($);", argument->type->server_type, translated(*argument),
                     argument->type->in_translation->function, received(*argument));
        }
    }

    void add_data(std::vector<std::string>& list, const Argument& argument) const
    {
        const Type& type = *argument.type;
        const std::string& name = argument.name;
        const bool by_reference = is_by_reference(type);
        std::string value = name;
        if (argument.out())
            value = by_reference ? name : "&" + name;
        else if (type.by_pointer)
            value = "&" + name;
        else if (type.kind == Type::Port)
            value = filled("In0P->$.name", name);
        else if (type.is_out_of_line())
            value = filled("($)(uintptr_t)In0P->$.address", type.user_type, name);
        list.push_back(is_translated(argument) ? translated(argument) : value);
        if (argument.has_own_count())
            list.push_back(passed_count(argument));
        if (argument.dealloc_by_caller && argument.out())
            list.push_back("&" + name + "Dealloc");
        if (!argument.out() && type.received == ir::Disposition::Polymorphic)
            list.push_back(
                filled("In0P->$$.disposition", name, std::string{type.kind == Type::Rights ? "[0]" : ""}));
        if (argument.out() && type.sent == ir::Disposition::Polymorphic)
            list.push_back("&" + name + "Poly");
    }

    void print_call()
    {
        std::vector<std::string> list;
        for (const auto& argument : routine_.arguments) {
            if (!argument->server_side || argument.get() == routine_.value)
                continue;
            std::string value;
            switch (argument->role) {
            case Role::Data:
                add_data(list, *argument);
                continue;
            case Role::RequestPort:
                value = "In0P->Head.msgh_local_port";
                break;
            case Role::ReplyPort:
                value = "In0P->Head.msgh_remote_port";
                break;
            case Role::MsgSeqno:
            case Role::AuditToken:
            case Role::SecurityToken:
            case Role::ContextToken:
                value = filled("Trailer.$", trailer_part(argument->role).name);
                break;
            default:
                continue;
            }
            list.push_back(is_translated(*argument) ? translated(*argument) : value);
        }
        const std::string taken = routine_.value != nullptr                  ? routine_.value->name + " = "
                                  : routine_.style == ir::Routine::Procedure ? ""
                                                                             : "RetCode = ";
        out_("$$($);", taken, server_name(interface_, routine_), join(list, ", "));
    }

    void print_destructors()
    {
        for (const auto& argument : routine_.arguments) {
            const Type& type = *argument->type;
            if (!argument->server_side || argument->out() || type.is_out_of_line())
                continue;
            if (type.kind == Type::Rights && !type.element->destructor.empty())
                out_("for (mach_msg_type_number_t mig_right = 0; mig_right < $; ++mig_right)",
                     received_count(routine_.request, *argument, "In0P", "Count"))
                    .indented([&] { out_("$($[mig_right]);", type.element->destructor, argument->name); });
            else if (!type.destructor.empty())
                out_("$($);", type.destructor,
                     is_translated(*argument) ? translated(*argument) : received(*argument));
        }
    }

    // auto: the memory goes with the request.  After a failure it is whoever runs the loop that destroys what the request carried.
    void print_automatic()
    {
        for (const auto& argument : routine_.arguments) {
            if (!argument->automatic)
                continue;
            const Type& type = *argument->type;
            const std::string& name = argument->name;
            const char* extent = type.kind == Type::Memory ? "size" : "count * sizeof(mach_port_t)";
            out_("if (RetCode == KERN_SUCCESS)");
            out_("    mig_deallocate(In0P->$.address, In0P->$.$);", name, name, extent);
        }
    }

    Writer& out_;
    const ir::Interface& interface_;
    const ir::Routine& routine_;
};

void print_table(Writer& out, const ir::Interface& interface)
{
    const std::string demux = demux_name(interface);
    const size_t count = interface.routines.size();
    out("const struct $_subsystem $_subsystem = {", interface.name, interface.name);
    out(".server = $_routine,", demux);
    out(".start = $,", interface.base);
    out(".end = $,", uint64_t{interface.base} + count);
    out(".maxsize = (mach_msg_size_t)sizeof(union __ReplyUnion__$_subsystem),", interface.name);
    out(".routine = {");
    for (size_t at = 0; at < count; ++at) {
        const ir::Routine* routine = interface.routines[at].get();
        if (routine != nullptr)
            out("[$] = {.stub_routine = _X$, .max_reply_msg = (mach_msg_size_t)sizeof($)},", at,
                routine->name, reply_type(*routine));
    }
    out("},");
    out("};").blank();
}

void print_demux(Writer& out, const ir::Interface& interface)
{
    const std::string demux = demux_name(interface);
    out("mig_routine_t $_routine(mach_msg_header_t *InHeadP)", demux);
    out("{");
    out("const mach_msg_id_t index = InHeadP->msgh_id - $_subsystem.start;", interface.name);
    out("if (InHeadP->msgh_id < $_subsystem.start || InHeadP->msgh_id >= $_subsystem.end)", interface.name,
        interface.name);
    out("    return 0;");
    out("return $_subsystem.routine[index].stub_routine;", interface.name);
    out("}").blank();

    out("boolean_t $(mach_msg_header_t *InHeadP, mach_msg_header_t *OutHeadP)", demux);
    out("{");
    out("const uint32_t index = mig_begin_reply(InHeadP, OutHeadP, $, $);", interface.base,
        ir::reply_id_offset);
    const bool has_gaps =
        std::ranges::any_of(interface.routines, [](const auto& each) { return each == nullptr; });
    out("if (index >= $$) {", interface.routines.size(),
        has_gaps ? filled(" || $_subsystem.routine[index].stub_routine == 0", interface.name)
                 : std::string{});
    out("mig_refuse(OutHeadP, MIG_BAD_ID);");
    out("return FALSE;");
    out("}");
    out("$_subsystem.routine[index].stub_routine(InHeadP, OutHeadP);", interface.name);
    out("return TRUE;");
    out("}");
}

}  // namespace

std::string server_source(const ir::Interface& interface)
{
    Writer out;
    print_banner(out, interface, "Server stubs");
    out("#include \"$_server.h\"", interface.name).blank();
    print_size_checks(out, interface);
    out.blank();
    for (const auto& routine : interface.routines) {
        if (routine)
            ServerStub{out, interface, *routine}.print();
    }
    print_table(out, interface);
    print_demux(out, interface);
    return out.str();
}

}  // namespace migc::c
