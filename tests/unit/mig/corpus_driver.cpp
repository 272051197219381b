#include "corpus_driver.h"

#include "codegen/gnu/gnu_names.h"

namespace migc {

namespace {

using gnu::Side;
using ir::Argument;
using ir::Role;
using ir::Type;

bool is_memory(const Type& type) { return type.kind == Type::Memory || type.kind == Type::Ports; }

class Driver {
public:
    Driver(const ir::Interface& interface, bool with_server)
        : interface_{interface}, with_server_{with_server}
    {
    }

    std::string print()
    {
        out_("#include \"player.h\"");
        out_("#include \"renames.h\"");
        out_("#include \"$.h\"", interface_.name);
        for (const auto& routine : interface_.routines) {
            if (routine)
                out_("#undef $", gnu::user_name(interface_, *routine));
        }
        out_("#include \"$_server.h\"", interface_.name).blank();
        print_service();
        for (const auto& routine : interface_.routines) {
            if (routine)
                print_client(*routine);
        }
        out_("void call_all(unsigned round)");
        out_("{");
        for (const auto& routine : interface_.routines) {
            if (routine)
                out_("call_$(round);", routine->name);
        }
        out_("}");
        return "#define mig_external\n" + out_.str();
    }

private:
    void print_service()
    {
        if (!with_server_) {
            out_("boolean_t serve(mach_msg_header_t *request, mach_msg_header_t *reply)");
            out_("{");
            out_("*reply = *request;");
            out_("reply->msgh_size = 0;");
            out_("return FALSE;");
            out_("}").blank();
            return;
        }
        out_("mig_external boolean_t $(mach_msg_header_t *, mach_msg_header_t *);",
             gnu::demux_name(interface_));
        out_("boolean_t serve(mach_msg_header_t *request, mach_msg_header_t *reply) { return $(request, "
             "reply); }",
             gnu::demux_name(interface_))
            .blank();
        for (const auto& routine : interface_.routines) {
            if (routine)
                print_server(*routine);
        }
    }

    // ---- The server's routines: show what came, give something back.

    void print_server(const ir::Routine& routine)
    {
        gnu::print_function(out_, gnu::server_name(interface_, routine),
                            gnu::parameters(routine, Side::Server), "");
        out_("{");
        out_("if (!is_probing)");
        out_("    puts(\" $\");", gnu::server_name(interface_, routine));
        for (const auto& argument : routine.arguments) {
            if (!argument->server_side)
                continue;
            if (argument->role != Role::Data)
                show_special(*argument);
            else if (argument->in())
                show_data(*argument, Side::Server);
        }
        out_("if (some(6) == 0)");
        out_("    return 5;");
        for (const auto& argument : routine.arguments) {
            if (argument->role == Role::Data && argument->out())
                give(*argument);
        }
        out_("return KERN_SUCCESS;");
        out_("}").blank();
    }

    void show_special(const Argument& argument)
    {
        out_("show_number(\"$\", (uint64_t)$);", argument.name, argument.name);
        if (gnu::has_poly(argument, Side::Server))
            out_("show_number(\"$Poly\", $Poly);", argument.name, argument.name);
    }

    // Both sides: the value of an argument as this side sees it.
    void show_data(const Argument& argument, Side side)
    {
        const Type& type = *argument.type;
        const std::string& name = argument.name;
        const std::string star = argument.out() ? "*" : "";
        if (gnu::has_poly(argument, side))
            out_("show_number(\"$Poly\", $$Poly);", name, star, name);
        const bool counted = type.is_counted() && type.has_count;
        if (counted)
            out_("show_number(\"$Cnt\", $$Cnt);", name, star, name);
        if (type.kind == Type::String)
            out_("show(\"$\", $, strnlen($, $));", name, name, name, type.size);
        else if (type.kind == Type::Array)
            out_("show(\"$\", $, $);", name, name, type.size);
        else if (type.kind == Type::Varying)
            out_("show(\"$\", (const void *)$$, $$Cnt * $u);", name, type.indefinite ? star : "", name, star,
                 name, type.element_size);
        else if (is_memory(type))
            out_("show_number(\"$\", (uintptr_t)$$);", name, star, name);
        else
            out_("show(\"$\", $$, $);", name, argument.out() ? "" : "&", name, type.size);
    }

    void give(const Argument& argument)
    {
        const Type& type = *argument.type;
        const std::string& name = argument.name;
        const std::string c_type = gnu::parameter_type(type, Side::Server);
        if (type.kind == Type::String) {
            out_("fill_string($, $ - 4);", name, type.size);
        } else if (type.kind == Type::Array) {
            out_("fill($, $);", name, type.size);
        } else if (type.kind == Type::Varying) {
            if (type.indefinite) {
                out_("if (some(2)) {");
                out_("*$Cnt = some_count($);", name, type.count + 3);
                out_("*$ = ($)(uintptr_t)arena($u * *$Cnt + 1);", name, c_type, type.element_size, name);
                out_("} else {");
            }
            out_("*$Cnt = some_count(*$Cnt);", name, name);
            if (type.indefinite)
                out_("}");
            out_("fill((void *)$$, $u * *$Cnt);", type.indefinite ? "*" : "", name, type.element_size, name);
        } else if (is_memory(type)) {
            out_("*$ = ($)(uintptr_t)arena(16);", name, c_type);
            if (type.has_count)
                out_("*$Cnt = some_count(100000);", name);
        } else {
            out_("fill($, sizeof *$);", name, name);
        }
        if (gnu::has_poly(argument, Side::Server))
            out_("*$Poly = some_right();", name);
        if (argument.dealloc_by_caller && !argument.in())
            out_("*$Dealloc = (boolean_t)some(2);", name);
    }

    // ---- The client

    void print_client(const ir::Routine& routine)
    {
        out_("static void call_$(unsigned round)", routine.name);
        out_("{");
        out_("begin_round($, round);", routine.id);
        std::vector<std::string> list;
        for (const auto& argument : routine.arguments) {
            if (argument->user_side && argument->role != Role::Data)
                declare_special(*argument, list);
            else if (argument->user_side)
                declare(*argument, list);
        }
        out_("puts(\"$\");", routine.name);
        out_("const kern_return_t driver_result = user_$($);", gnu::user_name(interface_, routine),
             join(list, ", "));
        out_("show_number(\"result\", (unsigned)driver_result);");
        out_("if (driver_result != KERN_SUCCESS)");
        out_("    return;");
        for (const auto& argument : routine.arguments) {
            if (argument->role == Role::Data && argument->out())
                show_result(*argument);
        }
        out_("}").blank();
    }

    void declare_special(const Argument& argument, std::vector<std::string>& list)
    {
        const std::string c_type = gnu::parameter_type(*argument.type, Side::User);
        out_("$ $ = ($)(some(1000) + 1);", c_type, argument.name, c_type);
        list.push_back(argument.name);
        const bool is_port = argument.role == Role::RequestPort || argument.role == Role::ReplyPort;
        if (is_port && gnu::has_poly(argument, Side::User)) {
            out_("mach_msg_type_name_t $Poly = some_right();", argument.name);
            list.push_back(argument.name + "Poly");
        }
    }

    void declare(const Argument& argument, std::vector<std::string>& list)
    {
        const Type& type = *argument.type;
        const std::string& name = argument.name;
        const std::string c_type = gnu::parameter_type(type, Side::User);
        const std::string reference = argument.out() ? "&" : "";
        if (type.kind == Type::Varying) {
            out_("mach_msg_type_number_t $Cnt = some_count($);", name,
                 type.count + (type.indefinite && argument.in() ? 3 : 0));
            out_("void *$Bytes = arena($u * $ + 16);", name, type.element_size, type.count + 3);
            out_("fill($Bytes, $u * $Cnt);", name, type.element_size, name);
            if (type.indefinite && argument.out())
                out_("$ $ = ($)(uintptr_t)$Bytes;", c_type, name, c_type, name);
            else
                out_("void *$ = $Bytes;", name, name);
        } else if (gnu::is_by_address(type)) {
            out_("void *$ = arena($ + 16);", name, type.size);
            if (argument.in())
                out_(type.kind == Type::String ? "fill_string($, $);" : "fill($, $);", name, type.size);
        } else if (is_memory(type)) {
            out_("$ $ = ($)(uintptr_t)arena(16);", c_type, name, c_type);
            if (type.has_count)
                out_("mach_msg_type_number_t $Cnt = some_count(100000);", name);
        } else {
            out_("$ $;", c_type, name);
            out_("fill(&$, sizeof $);", name, name);
        }
        const bool by_reference = argument.out() && (!gnu::is_by_address(type) || type.indefinite);
        list.push_back((by_reference ? "&" : "") + name);
        if (gnu::has_poly(argument, Side::User)) {
            out_("mach_msg_type_name_t $Poly = some_right();", name);
            list.push_back(reference + name + "Poly");
        }
        if (type.is_counted() && type.has_count)
            list.push_back(reference + name + "Cnt");
        if (argument.dealloc_by_caller && argument.in()) {
            out_("boolean_t $Dealloc = (boolean_t)some(2);", name);
            list.push_back(name + "Dealloc");
        }
    }

    void show_result(const Argument& argument)
    {
        const Type& type = *argument.type;
        const std::string& name = argument.name;
        if (gnu::has_poly(argument, Side::User))
            out_("show_number(\"$Poly\", $Poly);", name, name);
        if (type.is_counted() && type.has_count)
            out_("show_number(\"$Cnt\", $Cnt);", name, name);
        if (type.kind == Type::String)
            out_("show(\"$\", $, strnlen($, $));", name, name, name, type.size);
        else if (type.kind == Type::Varying)
            out_("show(\"$\", (const void *)$, $Cnt * $u);", name, name, name, type.element_size);
        else if (is_memory(type))
            out_("show_number(\"$\", (uintptr_t)$);", name, name);
        else
            out_("show(\"$\", $$, $);", name, gnu::is_by_address(type) ? "" : "&", name, type.size);
    }

    const ir::Interface& interface_;
    const bool with_server_;
    Writer out_;
};

}  // namespace

std::string corpus_driver(const ir::Interface& interface, bool with_server)
{
    return Driver{interface, with_server}.print();
}

std::string corpus_renames(const ir::Interface& interface)
{
    std::string text;
    for (const auto& routine : interface.routines) {
        if (routine) {
            const std::string name = gnu::user_name(interface, *routine);
            text += "#define " + name + " user_" + name + "\n";
        }
    }
    return text;
}

}  // namespace migc
