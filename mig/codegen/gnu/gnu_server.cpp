// mig/codegen/gnu/gnu_server.cpp
//
// Server stubs in the typed format: check the request, take it apart, call the routine, write the reply.  On failure the reply
// carries the code, and whoever runs the loop destroys the request.
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

bool is_value(const Type& type)
{
    return !is_by_address(type) && (type.is_inline() || type.kind == Type::Port);
}

class ServerStub {
public:
    ServerStub(Writer& out, const ir::Interface& interface, const ir::Routine& routine)
        : out_{out},
          interface_{interface},
          routine_{routine},
          packer_{out, routine.reply, Side::Server, "OutHeadP"}
    {
    }

    void print()
    {
        print_check(out_, routine_.request, "mig_check_request_" + routine_.name, false);
        out_("mig_internal void _X$(mach_msg_header_t *InHeadP, mach_msg_header_t *OutHeadP)", routine_.name);
        out_("{");
        out_("mig_reply_header_t *const OutP = (mig_reply_header_t *)OutHeadP;");
        for (const auto& argument : routine_.arguments) {
            if (argument->role == Role::Data)
                print_local(*argument);
        }
        out_.blank();
        out_("if (!mig_check_request_$(InHeadP)) {", routine_.name);
        fail("MIG_BAD_ARGUMENTS");
        unpack();
        translate_ports();
        out_("OutP->RetCode = $($);", server_name(interface_, routine_), join(call_arguments(), ", "));
        release();
        if (!routine_.simple)
            print_reply();
        out_("}").blank();
    }

private:
    void fail(const char* code)
    {
        out_("OutP->RetCode = $;", code);
        out_("return;");
        out_("}");
    }

    // Arrays have a buffer where the routine needs memory of its own, or the message's is not aligned for their elements.
    bool has_buffer(const Argument& argument) const
    {
        const Type& type = *argument.type;
        return is_by_address(type) && (argument.out() || type.alignment > ir::alignment);
    }

    void print_local(const Argument& argument)
    {
        const Type& type = *argument.type;
        const std::string& name = argument.name;
        if (has_buffer(argument))
            out_("_Alignas(8) char mig_buffer_$[$];", name, type.size);
        if (type.indefinite && argument.out())
            out_("$ $ = ($)(uintptr_t)mig_buffer_$;", message_type(type, Side::Server), name,
                 message_type(type, Side::Server), name);
        else if (is_by_address(type))
            out_("void *$$;", name, has_buffer(argument) ? " = mig_buffer_" + name : "");
        else
            out_("$ $;", parameter_type(type, Side::Server), name);
        if (is_value(type) && argument.out())
            out_("__builtin_memset(&$, 0, sizeof $);", name, name);
        else if (!type.is_inline() && type.kind != Type::Port && argument.out())
            out_("$ = 0;", name);
        if (has_buffer(argument) && argument.out() && type.kind != Type::Varying)
            out_("__builtin_memset(mig_buffer_$, 0, sizeof mig_buffer_$);", name, name);
        if (type.is_counted() && type.has_count)
            out_("mach_msg_type_number_t $Cnt = $;", name, argument.out() ? type.count : 0);
        if (has_poly(argument, Side::Server))
            out_("mach_msg_type_name_t $Poly = 0;", name);
        if (argument.dealloc_by_caller && argument.out() && !argument.in())
            out_("boolean_t $Dealloc = FALSE;", name);
        if (argument.server_copy && argument.in())
            out_("boolean_t $SCopy = FALSE;", name);
        if (type.indefinite && argument.in() && !argument.server_copy)
            out_("boolean_t mig_inline_$ = TRUE;", name);
    }

    bool needs_description(const Slot& slot) const
    {
        if (slot.kind == Slot::Capacity)
            return false;
        const Argument& argument = *slot.argument;
        if (slot.kind == Slot::Data && argument.type->kind == Type::String)
            return &slot != &routine_.request.slots.back();  // Its length only says where the next item is.
        return slot.kind == Slot::Data || (slot.kind == Slot::Address && argument.type->has_count) ||
               has_poly(argument, Side::Server);
    }

    void unpack()
    {
        const std::vector<Slot>& slots = routine_.request.slots;
        bool described = false, moves = false;
        for (size_t at = 1; at < slots.size(); at += 2) {
            described |= needs_description(slots[at]);
            moves |= !slots[at].fixed;
        }
        if (described)
            out_("mig_description_t mig_description;");
        if (moves)
            out_("mach_msg_size_t mig_offset;");
        for (size_t at = 1; at < slots.size(); at += 2)
            unpack(slots[at], at + 1 == slots.size());
    }

    void unpack(const Slot& slot, bool is_last)
    {
        const Argument& argument = *slot.argument;
        const Type& type = *argument.type;
        const std::string& name = argument.name;
        if (slot.kind == Slot::Capacity) {
            out_("__builtin_memcpy(&$Cnt, mig_at(InHeadP, $), sizeof $Cnt);", name, cursor_.here(4), name);
            out_("if ($Cnt > $)", name, type.count);
            out_("    $Cnt = $;", name, type.count);
            cursor_.step(8);
            return;
        }
        const uint32_t description = description_size(type);
        if (needs_description(slot))
            out_("mig_description = mig_get_description(InHeadP, $, $);", cursor_.here(),
                 type.typed.is_long ? "TRUE" : "FALSE");
        if (has_poly(argument, Side::Server))
            out_("$Poly = mig_description.name;", name);
        if (slot.kind == Slot::Data) {
            unpack_data(argument, is_last);
            return;
        }
        const std::string source = filled("mig_at(InHeadP, $)", cursor_.here(description));
        if (slot.kind == Slot::Address) {
            out_("$ = ($)mig_address_at(InHeadP, $);", name, message_type(type, Side::Server),
                 cursor_.here(description));
            if (type.has_count)
                out_("$Cnt = $;", name, number(type));
        } else if (is_by_address(type)) {
            take_array(argument, source, std::to_string(type.size));
        } else {
            take_value(argument, source);
        }
        cursor_.step(description);
        cursor_.step(slot.size);
    }

    static std::string number(const Type& type)
    {
        return type.typed.units > 1 ? "mig_description.number / " + std::to_string(type.typed.units)
                                    : "mig_description.number";
    }

    void take_array(const Argument& argument, const std::string& source, const std::string& bytes)
    {
        if (has_buffer(argument))
            out_("__builtin_memcpy(mig_buffer_$, $, $);", argument.name, source, bytes);
        else
            out_("$ = $;", argument.name, source);
    }

    void take_value(const Argument& argument, const std::string& source)
    {
        const Type& type = *argument.type;
        const std::string& name = argument.name;
        if (!type.in_translation) {
            out_("__builtin_memcpy(&$, $, $);", name, source, type.size);
            return;
        }
        out_("$ mig_received_$;", message_type(type, Side::Server), name);
        out_("__builtin_memcpy(&mig_received_$, $, $);", name, source, type.size);
        out_("$ = $(mig_received_$);", name, type.in_translation->function, name);
    }

    void unpack_data(const Argument& argument, bool is_last)
    {
        const Type& type = *argument.type;
        const std::string& name = argument.name;
        const std::string bytes = type.element_size == type.typed.units
                                      ? "mig_description.number"
                                      : times(number(type), type.element_size);
        const std::string source = filled("mig_at(InHeadP, $)", cursor_.here(description_size(type)));
        if (type.kind == Type::Varying)
            out_("$Cnt = $;", name, number(type));
        if (type.indefinite) {
            out_(argument.server_copy ? "$SCopy = mig_description.is_inline;"
                                      : "mig_inline_$ = mig_description.is_inline;",
                 name);
            out_("if (!mig_description.is_inline)");
            out_("    $ = (void *)mig_address_at(InHeadP, $);", name, cursor_.here(description_size(type)));
            out_("else");
            out_.indented([&] { take_array(argument, source, bytes); });
        } else {
            take_array(argument, source, bytes);
        }
        if (is_last)
            return;
        const std::string size = type.indefinite ? "mig_description.is_inline ? " + bytes + " : 8" : bytes;
        out_("mig_offset = $ + mig_padded($);", cursor_.here(description_size(type)), size);
        cursor_.moved();
    }

    // A port whose receiver put a payload in it has no name in the message.
    void translate_ports()
    {
        for (const auto& argument : routine_.arguments) {
            const Type& type = *argument->type;
            if (argument->role != Role::RequestPort || (!type.in_translation && !type.payload_translation))
                continue;
            const std::string plain = type.in_translation
                                          ? type.in_translation->function + "(InHeadP->msgh_local_port)"
                                          : "InHeadP->msgh_local_port";
            out_("$ $;", parameter_type(type, Side::Server), argument->name);
            if (type.payload_translation) {
                out_("if (MACH_MSGH_BITS_LOCAL(InHeadP->msgh_bits) == MACH_MSG_TYPE_PROTECTED_PAYLOAD)");
                out_("    $ = $(InHeadP->msgh_protected_payload);", argument->name,
                     type.payload_translation->function);
                out_("else");
                out_("    $ = $;", argument->name, plain);
            } else {
                out_("$ = $;", argument->name, plain);
            }
        }
    }

    void add_special(std::vector<std::string>& list, const Argument& argument) const
    {
        const Type& type = *argument.type;
        if (argument.role == Role::RequestPort) {
            list.push_back(type.in_translation || type.payload_translation ? argument.name
                                                                           : "InHeadP->msgh_local_port");
            if (has_poly(argument, Side::Server))
                list.push_back("MACH_MSGH_BITS_LOCAL(InHeadP->msgh_bits)");
        } else if (argument.role == Role::ReplyPort) {
            list.push_back(type.in_translation ? type.in_translation->function + "(InHeadP->msgh_remote_port)"
                                               : "InHeadP->msgh_remote_port");
            if (has_poly(argument, Side::Server))
                list.push_back("MACH_MSGH_BITS_REMOTE(InHeadP->msgh_bits)");
        } else if (argument.role == Role::MsgSeqno) {
            list.push_back("InHeadP->msgh_seqno");
        }
    }

    std::vector<std::string> call_arguments() const
    {
        std::vector<std::string> list;
        for (const auto& argument : routine_.arguments) {
            if (!argument->server_side)
                continue;
            if (argument->role != Role::Data) {
                add_special(list, *argument);
                continue;
            }
            const Type& type = *argument->type;
            const std::string reference = argument->out() ? "&" : "";
            const bool by_reference = argument->out() && (!is_by_address(type) || type.indefinite);
            list.push_back((by_reference ? "&" : "") + argument->name);
            if (has_poly(*argument, Side::Server))
                list.push_back(reference + argument->name + "Poly");
            if (type.is_counted() && type.has_count)
                list.push_back(reference + argument->name + "Cnt");
            if (argument->dealloc_by_caller && !argument->in())
                list.push_back(reference + argument->name + "Dealloc");
            if (argument->server_copy && argument->in())
                list.push_back(argument->name + "SCopy");
        }
        return list;
    }

    // In the reverse order of taking: what was translated, and arrays that came out of line although the routine
    // cannot know.
    void release()
    {
        for (auto at = routine_.arguments.rbegin(); at != routine_.arguments.rend(); ++at) {
            const Argument& argument = **at;
            const Type& type = *argument.type;
            const bool is_target = argument.role == Role::RequestPort;
            const bool is_taken = argument.role == Role::Data && argument.in() && !argument.out();
            if (!type.destructor.empty() && (is_target || is_taken) && type.in_translation)
                out_("$($);", type.destructor, argument.name);
            if (is_taken && type.indefinite && !argument.server_copy) {
                out_("if (OutP->RetCode == KERN_SUCCESS && !mig_inline_$)", argument.name);
                out_("    $mig_deallocate((vm_offset_t)$, $);", interface_.library_prefix, argument.name,
                     times(argument.name + "Cnt", type.element_size));
            }
        }
    }

    void print_reply()
    {
        if (routine_.reply.slots.size() <= 2)
            return;
        out_("if (OutP->RetCode != KERN_SUCCESS)");
        out_("    return;");
        for (const auto& argument : routine_.arguments) {
            const Type& type = *argument->type;
            const bool limited = type.kind == Type::Varying && !type.indefinite;
            if (argument->role != Role::Data || !argument->out() || !limited)
                continue;
            out_("if ($Cnt > $) {", argument->name, type.count);
            fail("MIG_ARRAY_TOO_LARGE");
        }
        out_.blank();
        packer_.print_locals();
        packer_.print();
        out_("OutHeadP->msgh_size = $;", packer_.size());
        if (routine_.reply.typed_complexity == Message::Always)
            out_("OutHeadP->msgh_bits |= MACH_MSGH_BITS_COMPLEX;");
        if (routine_.reply.typed_complexity == Message::Depends) {
            out_("if (!mig_simple)");
            out_("    OutHeadP->msgh_bits |= MACH_MSGH_BITS_COMPLEX;");
        }
    }

    Writer& out_;
    const ir::Interface& interface_;
    const ir::Routine& routine_;
    Packer packer_;
    Cursor cursor_{"mig_offset", ir::typed_header_size};
};

void print_demux(Writer& out, const ir::Interface& interface)
{
    const std::string demux = demux_name(interface);
    out("mig_routine_t $_routines[] = {", demux);
    for (const auto& routine : interface.routines)
        out("$,", routine ? "_X" + routine->name : "0");
    if (interface.routines.empty())
        out("0,");
    out("};").blank();
    out("mig_external boolean_t $(mach_msg_header_t *InHeadP, mach_msg_header_t *OutHeadP)", demux);
    out("{");
    out("mig_reply_header_t *const OutP = (mig_reply_header_t *)OutHeadP;");
    out("const int index = InHeadP->msgh_id - $;", interface.base).blank();
    out("__builtin_memset(OutHeadP, 0, sizeof *OutHeadP);");
    out("OutHeadP->msgh_bits = MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(InHeadP->msgh_bits), 0);");
    out("OutHeadP->msgh_size = sizeof *OutP;");
    out("OutHeadP->msgh_remote_port = InHeadP->msgh_remote_port;");
    out("OutHeadP->msgh_id = InHeadP->msgh_id + $;", ir::reply_id_offset);
    out("OutP->RetCodeType = mig_type(MACH_MSG_TYPE_INTEGER_32, 32, 1, TRUE, FALSE);");
    out("if (index < 0 || index >= $ || $_routines[index] == 0) {", interface.routines.size(), demux);
    out("OutP->RetCode = MIG_BAD_ID;");
    out("return FALSE;");
    out("}");
    out("$_routines[index](InHeadP, OutHeadP);", demux);
    out("return TRUE;");
    out("}");
}

void print_symbol_table(Writer& out, const ir::Interface& interface)
{
    out.blank();
    out("mig_symtab_t _$SymTab[] = {", interface.name);
    for (const auto& routine : interface.routines) {
        if (routine)
            out("{(char *)\"$\", $, (void (*)(void))_X$},", routine->name, routine->id, routine->name);
    }
    out("};");
    out("int _$SymTabBase = $;", interface.name, interface.base);
    out("int _$SymTabEnd = $;", interface.name, interface.base + interface.routines.size());
}

}  // namespace

std::string server_source(const ir::Interface& interface)
{
    Writer out;
    print_banner(out, interface, "Server stubs");
    out("#ifndef _GNU_SOURCE");
    out("#define _GNU_SOURCE 1");
    out("#endif").blank();
    out("#define EXPORT_BOOLEAN");
    for (const char* header : {"boolean", "kern_return", "message", "mig_errors", "mig_support"})
        out("#include <mach/$.h>", header);
    out("#include <stdint.h>");
    print_imports(out, interface, Side::Server);
    out("#ifndef mig_internal");
    out("#define mig_internal static");
    out("#endif");
    out("#ifndef mig_external");
    out("#define mig_external");
    out("#endif").blank();
    print_prelude(out);
    print_size_checks(out, interface, Side::Server);
    for (const auto& routine : interface.routines) {
        if (!routine)
            continue;
        out("mig_external");
        print_function(out, server_name(interface, *routine), parameters(*routine, Side::Server), ";");
        out.blank();
        ServerStub{out, interface, *routine}.print();
    }
    print_demux(out, interface);
    if (interface.symbol_table)
        print_symbol_table(out, interface);
    return out.str();
}

}  // namespace migc::gnu
