// mig/codegen/trap/trap_kernel.cpp
//
// The kernel's side of traps: typed declarations of what the kernel implements, and the table by number.
#include "codegen/backend.h"
#include "codegen/trap/trap_common.h"

namespace migc {

namespace trap {

namespace {

// mach_traps -> mach_trap: what the table's names begin with.
std::string stem(const ir::Interface& interface)
{
    const std::string& name = interface.name;
    return name.ends_with("s") ? name.substr(0, name.size() - 1) : name;
}

// A user's pointer is a number to the kernel: nothing but the machine's copies may follow it.
std::string parameter(const ir::Argument& argument)
{
    const ir::Type& type = *argument.type;
    const std::string what = type.kind == ir::Type::UserPointer ? "user_address_t" : type.user_type;
    return what + " " + argument.name;
}

std::string header(const ir::Interface& interface)
{
    Writer out;
    const std::string name = stem(interface);
    print_banner(out, interface, "The kernel's side", true);
    out("#ifndef MIG_$_TABLE_H", upper(name));
    out("#define MIG_$_TABLE_H", upper(name)).blank();
    out("#include <cstddef>");
    out("#include <cstdint>").blank();
    out("#include <kern/trap.h>");
    out("#include <mach/std_types.h>");
    for (const ir::Import& import : interface.imports) {
        if (import.server)
            out("#include $", import.file);
    }
    out.blank().comment("What the kernel implements.  Addresses are the user's: only copies that can report "
                        "a fault may use them.",
                        true);
    out.raw("namespace " + interface.name + " {\n");
    for (const auto& routine : interface.routines) {
        if (!routine)
            continue;
        std::vector<std::string> parameters{"Thread& self"};
        for (const auto& argument : routine->arguments)
            parameters.push_back(parameter(*argument));
        if (!routine->comment.empty())
            out.comment(routine->comment, true);
        out("$ $($);", returns_nothing(*routine) ? "void" : routine->result->server_type, routine->name,
            join(parameters, ", "))
            .blank();
    }
    out.comment("What user space calls them.", true);
    uint64_t number = interface.base;
    for (const auto& routine : interface.routines) {
        if (routine)
            out("inline constexpr uint64_t number_of_$ = $;", routine->name, number);
        ++number;
    }
    out.blank().raw("}  // namespace " + interface.name + "\n");
    out("struct TrapEntry {");
    out("TrapFunction function;  // Null where a number is not used.");
    out("const char* name;");
    out("unsigned argument_count;");
    out("};").blank();
    out("inline constexpr uint64_t $_first = $;", name, interface.base);
    out("inline constexpr uint64_t $_count = $;", name, interface.routines.size());
    out("extern const TrapEntry $_table[$_count];", name, name).blank();
    out.comment("The entry of a trap number that user space chose; null if there is none, at either end of "
                "the table.",
                true);
    out("inline const TrapEntry* $_entry(uint64_t number)", name);
    out("{");
    out("const uint64_t index = number - $_first;  // Wraps to a large number below the table.", name);
    out("if (index >= $_count || $_table[index].function == nullptr)", name, name);
    out("    return nullptr;");
    out("return &$_table[index];", name);
    out("}").blank();
    out("#endif");
    return out.str();
}

void print_thunk(Writer& out, const ir::Interface& interface, const ir::Routine& routine)
{
    std::vector<std::string> arguments{"self"};
    for (size_t at = 0; at < routine.arguments.size(); ++at) {
        const ir::Type& type = *routine.arguments[at]->type;
        const std::string target = type.kind == ir::Type::UserPointer ? "user_address_t" : type.user_type;
        arguments.push_back(filled("static_cast<$>(arguments[$])", target, std::to_string(at)));
    }
    out("uint64_t trap_$(Thread& self, const uint64_t (&$)[6])", routine.name,
        routine.arguments.empty() ? "" : "arguments");
    out("{");
    const std::string call = filled("$::$($)", interface.name, routine.name, join(arguments, ", "));
    if (returns_nothing(routine)) {
        out("$;", call);
        out("return 0;");
    } else {
        out("return static_cast<uint64_t>($);", call);
    }
    out("}").blank();
}

std::string table(const ir::Interface& interface)
{
    Writer out;
    const std::string name = stem(interface);
    print_banner(out, interface, "The table", true);
    out("#include \"$_table.h\"", name).blank();
    out.raw("namespace {\n");
    for (const auto& routine : interface.routines) {
        if (routine)
            print_thunk(out, interface, *routine);
    }
    out.raw("}  // namespace\n");
    out("const TrapEntry $_table[$_count] = {", name, name);
    for (const auto& routine : interface.routines) {
        if (routine)
            out("{trap_$, \"$\", $},", routine->name, routine->name, routine->arguments.size());
        else
            out("{nullptr, nullptr, 0},");
    }
    out("};");
    return out.str();
}

}  // namespace

}  // namespace trap

GeneratedFiles generate_trap_kernel(const ir::Interface& interface)
{
    const std::string name = trap::stem(interface);
    return {{name + "_table.h", trap::header(interface)}, {name + "_table.cpp", trap::table(interface)}};
}

}  // namespace migc
