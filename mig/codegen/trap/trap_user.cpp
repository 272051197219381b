// mig/codegen/trap/trap_user.cpp
//
// The user's side of traps: prototypes, numbers, and stubs that load the number and jump through the one slot (D21).
#include "codegen/backend.h"
#include "codegen/trap/trap_common.h"

namespace migc {

namespace trap {

namespace {

std::string parameter(const ir::Argument& argument)
{
    const ir::Type& type = *argument.type;
    if (type.kind != ir::Type::UserPointer)
        return type.user_type + " " + argument.name;
    const char* qualifier = argument.direction == ir::Direction::In ? "const " : "";
    return qualifier + type.element->user_type + "* " + argument.name;
}

std::string header(const ir::Interface& interface)
{
    Writer out;
    print_banner(out, interface, "User's side", false);
    out("#ifndef MIG_$_H", upper(interface.name));
    out("#define MIG_$_H", upper(interface.name)).blank();
    for (const auto& routine : interface.routines) {
        if (routine)
            out("#define MACH_TRAP_$ $", upper(routine->name), routine->id);
    }
    out("#define MACH_TRAP_COUNT $", uint64_t{interface.base} + interface.routines.size()).blank();
    out("#ifndef __ASSEMBLER__").blank();
    out("#include <mach/std_types.h>");
    for (const ir::Import& import : interface.imports) {
        if (import.user)
            out("#include $", import.file);
    }
    out.blank();
    out("#ifdef __cplusplus");
    out.raw("extern \"C\" {");
    out("#endif").blank();
    for (const auto& routine : interface.routines) {
        if (!routine)
            continue;
        std::vector<std::string> parameters;
        for (const auto& argument : routine->arguments)
            parameters.push_back(parameter(*argument));
        if (!routine->comment.empty())
            out.comment(routine->comment, false);
        out("$ $($);", returns_nothing(*routine) ? "void" : routine->result->user_type, routine->name,
            parameters.empty() ? "void" : join(parameters, ", "));
        out.blank();
    }
    out("#ifdef __cplusplus");
    out.raw("}");
    out("#endif").blank();
    out("#endif");
    out("#endif");
    return out.str();
}

std::string stubs(const ir::Interface& interface)
{
    Writer out;
    print_banner(out, interface, "Stubs", false);
    out.comment("The slot holds what enters the kernel; arguments are where a C call leaves them.", false);
    out.raw("    .text");
    for (const auto& routine : interface.routines) {
        if (!routine)
            continue;
        out.blank();
        out.raw("    .globl " + routine->name);
        out.raw("    .type " + routine->name + ", @function");
        out.raw("    .p2align 4");
        out.raw(routine->name + ":");
        out.raw("    movl    $" + std::to_string(routine->id) + ", %eax");
        out.raw("    jmpq    *__mach_trap_slot(%rip)");
        out.raw("    .size " + routine->name + ", . - " + routine->name);
    }
    out.blank();
    out.raw("    .section .note.GNU-stack, \"\", @progbits");
    return out.str();
}

}  // namespace

}  // namespace trap

GeneratedFiles generate_trap_user(const ir::Interface& interface)
{
    return {{interface.name + ".h", trap::header(interface)},
            {interface.name + ".S", trap::stubs(interface)}};
}

}  // namespace migc
