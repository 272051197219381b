// mig/codegen/gnu/gnu_header.cpp
//
// The headers, with the prototypes that callers and servers of the GNU compiler's stubs are written against.
#include "codegen/backend.h"
#include "codegen/gnu/gnu_sources.h"

namespace migc {

namespace gnu {

namespace {

void begin_header(Writer& out, const ir::Interface& interface, Side side)
{
    const std::string guard = "_" + interface.name + (side == Side::User ? "_user_" : "_server_");
    out("#ifndef $", guard);
    out("#define $", guard).blank();
    out("#include <mach/kern_return.h>");
    out("#include <mach/port.h>");
    out("#include <mach/message.h>");
    if (side == Side::Server)
        out("#include <mach/mig_errors.h>");
    print_imports(out, interface, side);
    out("#ifndef mig_external");
    out("#define mig_external extern");
    out("#define mig_external_is_default");
    out("#endif").blank();
}

void end_header(Writer& out)
{
    out("#ifdef mig_external_is_default");
    out("#undef mig_external");
    out("#undef mig_external_is_default");
    out("#endif").blank();
    out("#endif");
}

void print_prototypes(Writer& out, const ir::Interface& interface, Side side)
{
    for (const auto& routine : interface.routines) {
        if (!routine)
            continue;
        if (!routine->comment.empty())
            out.comment(routine->comment, false);
        out("mig_external");
        print_function(out,
                       side == Side::User ? user_name(interface, *routine) : server_name(interface, *routine),
                       parameters(*routine, side), ";");
        out.blank();
    }
}

std::string user_header(const ir::Interface& interface)
{
    Writer out;
    print_banner(out, interface, "User's side");
    begin_header(out, interface, Side::User);
    print_prototypes(out, interface, Side::User);
    end_header(out);
    return out.str();
}

std::string server_header(const ir::Interface& interface)
{
    Writer out;
    print_banner(out, interface, "Server's side");
    begin_header(out, interface, Side::Server);
    print_prototypes(out, interface, Side::Server);
    const std::string demux = demux_name(interface);
    out("extern mig_routine_t $_routines[];", demux);
    out("mig_external boolean_t $(mach_msg_header_t *InHeadP, mach_msg_header_t *OutHeadP);", demux).blank();
    out("static __inline mig_routine_t $_routine(const mach_msg_header_t *InHeadP)", demux);
    out("{");
    out("const int index = InHeadP->msgh_id - $;", interface.base);
    out("return index < 0 || index >= $ ? 0 : $_routines[index];", interface.routines.size(), demux);
    out("}").blank();
    end_header(out);
    return out.str();
}

}  // namespace

}  // namespace gnu

GeneratedFiles generate_gnu_c(const ir::Interface& interface)
{
    return {{interface.name + ".h", gnu::user_header(interface)},
            {interface.name + "User.c", gnu::user_source(interface)},
            {interface.name + "_server.h", gnu::server_header(interface)},
            {interface.name + "Server.c", gnu::server_source(interface)}};
}

GeneratedFiles generate_gnu_c_parts(const ir::Interface& interface)
{
    GeneratedFiles files;
    for (const auto& routine : interface.routines) {
        if (routine)
            files.push_back({routine->name + ".c", gnu::user_source(interface, routine.get())});
    }
    return files;
}

}  // namespace migc
