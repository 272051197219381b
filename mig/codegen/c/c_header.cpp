// mig/codegen/c/c_header.cpp
//
// The headers: the user's prototypes, the server's prototypes, and the structures of the messages.
#include "codegen/backend.h"
#include "codegen/c/c_names.h"
#include "codegen/c/c_sources.h"

#include <algorithm>

namespace migc {

namespace c {

namespace {

void print_imports(Writer& out, const ir::Interface& interface, Side side)
{
    out("#include <mach/std_types.h>");
    out("#include <mig/wire.h>");
    for (const ir::Import& import : interface.imports) {
        if (side == Side::User ? import.user : import.server)
            out("#include $", import.file);
    }
    out.blank();
}

void print_structures(Writer& out, const ir::Interface& interface)
{
    out.comment(
        "The messages, each as large as it can be.  Varying arrays are sent at their true length, and what\n"
        "follows one moves up: only the fields up to the first are where the structure says.",
        false);
    const std::string guard = "__" + interface.name + "_subsystem__messages__";
    out("#ifndef $", guard);
    out("#define $", guard);
    out("#pragma pack(push, 4)");
    for (const auto& routine : interface.routines) {
        if (!routine)
            continue;
        out.blank();
        print_structure(out, routine->request, request_type(*routine));
        if (!routine->simple)
            print_structure(out, routine->reply, reply_type(*routine));
        else
            out("typedef mig_reply_error_t $;", reply_type(*routine));
    }
    out.blank();
    out("#pragma pack(pop)").blank();
    for (const bool reply : {false, true}) {
        out("union $$_subsystem {", reply ? "__ReplyUnion__" : "__RequestUnion__", interface.name);
        if (reply)
            out("mig_reply_error_t mig_error;");
        else
            out("mach_msg_header_t mig_header;");
        for (const auto& routine : interface.routines) {
            if (routine)
                out("$ $_$;", reply ? reply_type(*routine) : request_type(*routine),
                    reply ? "Reply" : "Request", routine->name);
        }
        out("};");
    }
    out("#endif").blank();
}

void begin_header(Writer& out, const std::string& guard, const ir::Interface& interface, Side side)
{
    out("#ifndef $", guard);
    out("#define $", guard).blank();
    print_imports(out, interface, side);
    out("#ifdef __cplusplus");
    out.raw("extern \"C\" {");
    out("#endif").blank();
}

void end_header(Writer& out)
{
    out("#ifdef __cplusplus");
    out("}");
    out("#endif").blank();
    out("#endif");
}

std::string user_header(const ir::Interface& interface)
{
    Writer out;
    print_banner(out, interface, "User's side");
    begin_header(out, "_" + interface.name + "_user_", interface, Side::User);
    const auto tells_errors = [](const auto& each) { return each && each->style != ir::Routine::Ordinary; };
    if (std::ranges::any_of(interface.routines, tells_errors)) {
        out.comment(
            "The program's: what procedures and functions, which return no code, tell their failures.",
            false);
        out("void $(kern_return_t error);", error_function(interface)).blank();
    }
    for (const auto& routine : interface.routines) {
        if (!routine)
            continue;
        if (!routine->comment.empty())
            out.comment(routine->comment, false);
        out("$ $($);", result_type(*routine, Side::User), user_name(interface, *routine),
            parameter_list(*routine, Side::User))
            .blank();
    }
    print_structures(out, interface);
    end_header(out);
    return out.str();
}

std::string server_header(const ir::Interface& interface)
{
    Writer out;
    print_banner(out, interface, "Server's side");
    begin_header(out, "_" + interface.name + "_server_", interface, Side::Server);
    out.comment("What the server implements.", false);
    for (const auto& routine : interface.routines) {
        if (routine)
            out("$ $($);", result_type(*routine, Side::Server), server_name(interface, *routine),
                parameter_list(*routine, Side::Server))
                .blank();
    }
    const std::string demux = demux_name(interface);
    out.comment("Answers the request in `InHeadP`, if it is one of this subsystem's, into `OutHeadP`, which "
                "has room for\n"
                "the subsystem's maxsize.",
                false);
    out("boolean_t $(mach_msg_header_t *InHeadP, mach_msg_header_t *OutHeadP);", demux);
    out("mig_routine_t $_routine(mach_msg_header_t *InHeadP);", demux).blank();
    out("extern const struct $_subsystem {", interface.name);
    out("mig_server_routine_t server;");
    out("mach_msg_id_t start;");
    out("mach_msg_id_t end;");
    out("mach_msg_size_t maxsize;");
    out("vm_address_t reserved;");
    out("mig_routine_descriptor_t routine[$];", std::max<size_t>(1, interface.routines.size()));
    out("} $_subsystem;", interface.name).blank();
    print_structures(out, interface);
    end_header(out);
    return out.str();
}

}  // namespace

std::string demux_name(const ir::Interface& interface)
{
    return interface.server_demux.empty() ? interface.name + "_server" : interface.server_demux;
}

}  // namespace c

GeneratedFiles generate_c(const ir::Interface& interface)
{
    return {{interface.name + ".h", c::user_header(interface)},
            {interface.name + "User.c", c::user_source(interface)},
            {interface.name + "_server.h", c::server_header(interface)},
            {interface.name + "Server.c", c::server_source(interface)}};
}

GeneratedFiles generate_c_parts(const ir::Interface& interface)
{
    GeneratedFiles files;
    for (const auto& routine : interface.routines) {
        if (routine)
            files.push_back({routine->name + ".c", c::user_source(interface, routine.get())});
    }
    return files;
}

}  // namespace migc
