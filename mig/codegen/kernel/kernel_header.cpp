// mig/codegen/kernel/kernel_header.cpp
//
// The kernel's form of an interface: functions that the kernel implements, or messages that it sends.
#include "codegen/backend.h"
#include "codegen/kernel/kernel_common.h"

namespace migc {

namespace kernel {

using cpp::World;
using ir::Role;

std::string calls_namespace(const ir::Interface& interface) { return interface.name + "_calls"; }

std::string call_signature(const ir::Routine& routine, const std::string& qualifier)
{
    std::vector<std::string> parameters;
    for (const auto& argument : routine.arguments) {
        if (!argument->server_side)
            continue;
        const std::string name = cpp::safe_name(argument->name);
        if (argument->role == Role::RequestPort) {
            const bool is_object = argument->type->in_translation.has_value();
            parameters.push_back((is_object ? argument->type->server_type + " " : "IpcPort& ") + name);
        } else if (argument->role == Role::AuditToken || argument->role == Role::SecurityToken) {
            parameters.push_back(cpp::parameter_type(*argument, World::Kernel) + " " + name);
        } else if (argument->role == Role::Data && argument->in() && !cpp::is_out_array(*argument)) {
            parameters.push_back(cpp::parameter_type(*argument, World::Kernel) + " " + name);
        } else if (cpp::is_out_array(*argument)) {
            parameters.push_back(filled("mig::OutArray<$>& $", cpp::element_type(*argument->type), name));
        }
    }
    return filled("$ $$($)", cpp::result_type(routine, routine.name, World::Kernel), qualifier,
                  cpp::safe_name(routine.name), join(parameters, ", "));
}

std::string encode_signature(const ir::Routine& routine)
{
    std::vector<std::string> parameters{"KernelMessage& mig_message"};
    for (const auto& argument : routine.arguments) {
        if (argument->role != Role::Data)
            continue;
        if (argument->in())
            parameters.push_back(cpp::parameter_type(*argument, World::Kernel) + " " +
                                 cpp::safe_name(argument->name));
        else if (argument->count_in_out)
            parameters.push_back("uint32_t " + argument->name + "_capacity");
    }
    return filled("mach::Result<void> encode_$($)", routine.name, join(parameters, ", "));
}

std::string decode_signature(const ir::Routine& routine)
{
    std::vector<std::string> parameters{"KernelMessage& mig_message"};
    for (const auto& argument : routine.arguments) {
        if (cpp::is_out_array(*argument))
            parameters.push_back(filled("mig::OutArray<$>& $", cpp::element_type(*argument->type),
                                        cpp::safe_name(argument->name)));
    }
    return filled("$ decode_$_reply($)", cpp::result_type(routine, routine.name, World::Kernel), routine.name,
                  join(parameters, ", "));
}

namespace {

void print_declarations(Writer& out, const ir::Interface& interface)
{
    for (const auto& routine : interface.routines) {
        if (!routine)
            continue;
        cpp::print_reply_struct(out, *routine, routine->name, World::Kernel);
        if (!routine->comment.empty())
            out.comment(routine->comment, true);
        if (!interface.kernel_user) {
            out("$;", call_signature(*routine, "")).blank();
            continue;
        }
        out("inline constexpr mach_msg_id_t $_id = $;", routine->name, routine->id);
        out("[[nodiscard]] $;", encode_signature(*routine));
        if (!routine->simple)
            out("[[nodiscard]] $;", decode_signature(*routine));
        out.blank();
    }
}

std::string header(const ir::Interface& interface)
{
    Writer out;
    cpp::print_banner(out, interface,
                      interface.kernel_user ? "The kernel as client" : "The kernel as server");
    out("#ifndef MIG_$_KERNEL_H", upper(interface.name));
    out("#define MIG_$_KERNEL_H", upper(interface.name)).blank();
    out("#include <mig/kernel.h>");
    for (const ir::Import& import : interface.imports) {
        if (interface.kernel_user ? import.user : import.server)
            out("#include $", import.file);
    }
    out.blank();
    out.raw("namespace " + calls_namespace(interface) + " {\n");
    print_declarations(out, interface);
    out.raw("}  // namespace " + calls_namespace(interface) + "\n");
    if (!interface.kernel_user) {
        out.comment("Answers the call if its id is one of the interface's; false if not.", true);
        out("bool $_dispatch(KernelCall& mig_call);", interface.name).blank();
    }
    out("#endif");
    return out.str();
}

std::string source(const ir::Interface& interface)
{
    Writer out;
    cpp::print_banner(out, interface,
                      interface.kernel_user ? "The kernel as client" : "The kernel as server");
    out("#include \"$_kernel.h\"", interface.name).blank();
    out.comment("Arguments have the names that the interface gives them.", true);
    out("#pragma clang diagnostic ignored \"-Wshadow\"").blank();
    cpp::print_size_checks(out, interface);
    if (interface.kernel_user)
        print_client(out, interface);
    else
        print_server(out, interface);
    return out.str();
}

}  // namespace

}  // namespace kernel

GeneratedFiles generate_kernel(const ir::Interface& interface)
{
    return {{interface.name + "_kernel.h", kernel::header(interface)},
            {interface.name + "_kernel.cpp", kernel::source(interface)}};
}

}  // namespace migc
