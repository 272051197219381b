// mig/codegen/cpp/cpp_header.cpp
//
// The C++ form of an interface: an abstract class, a class that sends its calls to a port, and one that takes them from
// messages.
#include "codegen/backend.h"
#include "codegen/cpp/cpp_common.h"

namespace migc {

namespace cpp {

using ir::Role;

std::string method_parameters(const ir::Routine& routine)
{
    std::vector<std::string> parameters;
    for (const auto& argument : routine.arguments) {
        if (argument->role != Role::Data && !argument->is_token())
            continue;
        const std::string name = safe_name(argument->name);
        if (is_out_array(*argument))
            parameters.push_back(filled("mig::OutArray<$>& $", element_type(*argument->type), name));
        else if (argument->in())
            parameters.push_back(parameter_type(*argument, World::Service) + " " + name);
    }
    return join(parameters, ", ");
}

std::string method_return(const ir::Interface& interface, const ir::Routine& routine,
                          const std::string& scope)
{
    if (routine.simple)
        return "void";
    std::string result = result_type(routine, method_name(interface, routine), World::Service);
    if (result_parts(routine).size() > 1)
        result.insert(result.find('<') + 1, scope);
    return "mach::Async<" + result + ">";
}

std::string port_class(const ir::Interface& interface)
{
    for (const auto& routine : interface.routines) {
        if (routine && routine->request_port != nullptr)
            return right_class(routine->request_port->type->received, World::Service);
    }
    return "mach::SendRight";
}

namespace {

void print_interface_class(Writer& out, const ir::Interface& interface)
{
    out.comment("One object per port: the port that a routine is called on is not an argument.  Views "
                "(spans, strings) last as "
                "long\nas the call; what a routine does not keep of what it was given dies with it.",
                true);
    out("class Interface {");
    out("public:");
    out("virtual ~Interface() = default;");
    for (const auto& routine : interface.routines) {
        if (!routine)
            continue;
        out.blank();
        if (!routine->comment.empty())
            out.comment(routine->comment, true);
        out("virtual $ $($) = 0;", method_return(interface, *routine, ""), method_name(interface, *routine),
            method_parameters(*routine));
    }
    out("};").blank();
}

void print_remote_class(Writer& out, const ir::Interface& interface)
{
    out.comment(
        "Sends each call to a port and awaits the reply.  Arguments must last until the call has been "
        "awaited.  One-way "
        "calls\nnever wait; try_*() says whether one was sent (MACH_SEND_TIMED_OUT: the queue is full).",
        true);
    out("class Remote final : public Interface {");
    out("public:");
    out("Remote(mach::EventLoop& loop, $ port) : mig_loop_{loop}, mig_port_{std::move(port)} {}",
        port_class(interface))
        .blank();
    for (const auto& routine : interface.routines) {
        if (!routine)
            continue;
        const std::string method = method_name(interface, *routine);
        out("$ $($) override;", method_return(interface, *routine, ""), method, method_parameters(*routine));
        if (routine->simple)
            out("mach::Result<void> try_$($);", method, method_parameters(*routine));
    }
    out.blank();
    out("const $& port() const { return mig_port_; }", port_class(interface)).blank();
    out("private:");
    out("mach::EventLoop& mig_loop_;");
    out("$ mig_port_;", port_class(interface));
    out("};").blank();
}

std::string header(const ir::Interface& interface)
{
    Writer out;
    print_banner(out, interface, "The interface");
    out("#ifndef MIG_$_INTERFACE_H", upper(interface.name));
    out("#define MIG_$_INTERFACE_H", upper(interface.name)).blank();
    out("#include <mig/runtime.h>");
    for (const ir::Import& import : interface.imports)
        out("#include $", import.file);
    out.blank();
    out.raw("namespace " + interface.name + " {\n");
    for (const auto& routine : interface.routines) {
        if (routine)
            print_reply_struct(out, *routine, method_name(interface, *routine), World::Service);
    }
    print_interface_class(out, interface);
    print_remote_class(out, interface);
    out.comment("Checks a request whole, then calls the object.  False: its id is not of this interface.",
                true);
    out("class Server {");
    out("public:");
    out("static constexpr mach_msg_id_t first_id = $;", interface.base);
    out("static constexpr mach_msg_id_t end_id = $;", uint64_t{interface.base} + interface.routines.size());
    out("static bool dispatch(Interface& object, mig::Request& request);");
    out("};").blank();
    out.raw("}  // namespace " + interface.name + "\n");
    out("#endif");
    return out.str();
}

}  // namespace

}  // namespace cpp

GeneratedFiles generate_cpp(const ir::Interface& interface)
{
    return {{interface.name + "_interface.h", cpp::header(interface)},
            {interface.name + "_remote.cpp", cpp::remote_source(interface)},
            {interface.name + "_server.cpp", cpp::server_source(interface)}};
}

}  // namespace migc
