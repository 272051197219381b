// mig/codegen/cpp/cpp_server.cpp
//
// The server's side.  serve_*() checks the request and takes it apart while the loop dispatches it; run_*() is the coroutine
// that calls the object and answers.
#include "codegen/cpp/cpp_common.h"

namespace migc::cpp {

namespace {

using ir::Argument;
using ir::Role;
using ir::Slot;
using ir::Type;

class ReplyValues final : public Values {
public:
    explicit ReplyValues(const ir::Routine& routine) : single_{result_parts(routine).size() == 1} {}

    std::string value(const Argument& argument) const override
    {
        const std::string name = safe_name(argument.name);
        if (is_out_array(argument))
            return argument.type->kind == Type::String ? "mig::text_of(" + name + ")" : name + ".span()";
        return single_ ? "(*mig_result)" : "mig_result->" + name;
    }
    std::string count(const Argument& argument) const override
    {
        const Type& type = *argument.type;
        const std::string unit = type.kind == Type::Memory && type.element_size > 1
                                     ? " / " + std::to_string(type.element_size)
                                     : "";
        return value(argument) + ".size()" + unit;
    }
    std::string capacity(const Argument&) const override { return "0"; }

private:
    bool single_;
};

class ServerMethod {
public:
    ServerMethod(Writer& out, const ir::Interface& interface, const ir::Routine& routine)
        : out_{out}, routine_{routine}, method_{method_name(interface, routine)}
    {
    }

    void print()
    {
        if (!routine_.simple)
            print_coroutine();
        print_serve();
    }

private:
    // ---- What goes from serve_ to run_

    struct Passed {
        std::string type, name, value;
    };

    static std::string token(const Argument& argument)
    {
        const char* part = argument.role == Role::AuditToken      ? "msgh_audit"
                           : argument.role == Role::SecurityToken ? "msgh_sender"
                                                                  : "msgh_context";
        return std::string{"mig_request.trailer()."} + part;
    }

    std::vector<Passed> passed() const
    {
        std::vector<Passed> list;
        for (const auto& argument : routine_.arguments) {
            const Type& type = *argument->type;
            const std::string name = safe_name(argument->name);
            if (argument->is_token()) {
                list.push_back({type.user_type, name, token(*argument)});
            } else if (argument->role != Role::Data) {
                continue;
            } else if (argument->in() && type.kind == Type::Varying) {
                const std::string array = argument->name + "_array";
                list.push_back({filled("mig::InArray<$, $>", element_type(type), std::to_string(type.count)),
                                array, array});
            } else if (argument->in() && type.kind == Type::String) {
                const std::string view = is_out_array(*argument) ? "in_" + argument->name : name;
                list.push_back({"std::string_view", view, view});
            } else if (argument->in()) {
                const std::string value = type.is_inline() ? name : "std::move(" + name + ")";
                list.push_back({value_type(*argument, World::Service), name, value});
            } else if (argument->count_in_out) {
                const std::string capacity = argument->name + "_capacity";
                list.push_back({"uint32_t", capacity, capacity});
            }
        }
        return list;
    }

    bool looks_into_message() const
    {
        for (const auto& argument : routine_.arguments) {
            if (argument->role == Role::Data && argument->in() && is_viewed(*argument))
                return true;
        }
        return false;
    }

    // How the object is called: with what serve_ or run_ has in its variables.
    std::string call() const
    {
        std::vector<std::string> list;
        for (const auto& argument : routine_.arguments) {
            const Type& type = *argument->type;
            const std::string name = safe_name(argument->name);
            if (argument->is_token())
                list.push_back(routine_.simple ? token(*argument) : name);
            else if (argument->role != Role::Data)
                continue;
            else if (is_out_array(*argument))
                list.push_back(name);
            else if (argument->in() && type.kind == Type::Varying)
                list.push_back(argument->name + "_array.span()");
            else if (argument->in())
                list.push_back(type.is_inline() ? name : "std::move(" + name + ")");
        }
        return filled("mig_object.$($)", method_, join(list, ", "));
    }

    // ---- The coroutine

    void print_coroutine()
    {
        std::vector<std::string> parameters{"Interface& mig_object"};
        if (looks_into_message())
            parameters.push_back("[[maybe_unused]] mach::MessageBuffer mig_message");
        for (const Passed& each : passed())
            parameters.push_back(each.type + " " + each.name);
        out_("mach::Async<void> run_$($)", method_, join(parameters, ", "));
        out_("{");
        out_("mach::CallContext& mig_call = co_await mach::this_call();");
        const bool early = print_out_arrays();
        const bool several = result_parts(routine_).size() > 1;
        const std::string type = several ? "auto" : result_type(routine_, method_, World::Service);
        out_("$ mig_result = co_await $;", type, call());
        out_("if (!mig_result)");
        out_("    co_return mig::reply_error(mig_call, $, mig_result.error());", reply_id());
        print_reply(early);
        out_("}").blank();
    }

    uint32_t reply_id() const { return routine_.id + ir::reply_id_offset; }

    void print_reply_buffer()
    {
        out_("mach::Result<mach::MessageBuffer> mig_reply = mach::MessageBuffer::allocate($);",
             routine_.reply.maximum_size);
        out_("if (!mig_reply)");
        out_("    co_return mig::reply_error(mig_call, $, mig_reply.error());", reply_id());
    }

    // Varying answers are made where they travel, if their elements may stand there.
    bool print_out_arrays()
    {
        bool any = false;
        for (const Slot& slot : routine_.reply.slots) {
            if (slot.argument == nullptr || !is_out_array(*slot.argument) ||
                (slot.kind != Slot::Data && slot.kind != Slot::Value))
                continue;
            if (!any)
                print_reply_buffer();
            any = true;
            print_out_array(slot);
        }
        return any;
    }

    void print_out_array(const Slot& slot)
    {
        const Argument& argument = *slot.argument;
        const Type& type = *argument.type;
        const std::string element = element_type(type);
        const uint32_t limit =
            type.kind == Type::String ? type.count - 1 : type.count;  // One byte is for the NUL.
        std::string capacity = std::to_string(limit);
        if (argument.count_in_out && argument.direction == ir::Direction::Out)
            capacity = filled("mig::smaller($_capacity, $)", argument.name, std::to_string(limit));
        out_("mig::OutRoom<$, $> $_room;", element, limit, argument.name);
        out_("mig::OutArray<$> $($_room.at(mig_reply->data() + $), $);", element, safe_name(argument.name),
             argument.name, slot.offset, capacity);
        if (argument.direction == ir::Direction::InOut)
            out_("$.assign($);", safe_name(argument.name),
                 type.kind == Type::String ? "in_" + argument.name : argument.name + "_array.span()");
    }

    void print_reply(bool early)
    {
        const ir::Message& reply = routine_.reply;
        const ReplyValues values{routine_};
        if (!early)
            print_reply_buffer();
        if (!reply.slots.empty()) {
            out_("mig::Writer mig_out{mig_reply->data(), $};", reply.descriptors_end);
            print_writes(out_, reply, values);
        }
        print_puts(
            out_, reply, "mig_reply->data()",
            filled("co_return mig::reply_error(mig_call, $, mig_ports.error())", std::to_string(reply_id())),
            values);
        out_("mig::set_reply_header(*mig_reply, $, $, $);", reply_id(), reply.is_complex() ? "true" : "false",
             reply.slots.empty() ? std::to_string(reply.maximum_size) : "mig_out.offset()");
        out_("mach::EventLoop::current().reply(mig_call, std::move(*mig_reply));");
    }

    // ---- The dispatch of a request

    void print_serve()
    {
        const ir::Message& request = routine_.request;
        out_("void serve_$(Interface& mig_object, mig::Request& mig_request)", method_);
        out_("{");
        out_("if (!mig::has_form(mig_request.header(), $, $, $))", request.is_complex() ? "true" : "false",
             request.minimum_size, request.maximum_size);
        out_("    return mig_request.fail(MIG_BAD_ARGUMENTS);");
        if (request.is_complex()) {
            out_("mig::Descriptors mig_parts = mig_request.descriptors();");
            out_("if ($)", descriptor_fault(request));
            out_("    return mig_request.fail(MIG_TYPE_ERROR);");
        }
        if (!request.slots.empty()) {
            out_("mig::Reader mig_in{mig_request.bytes(), $};", request.descriptors_end);
            out_("if (!mig_in.is_native())");
            out_("    return mig_request.fail(MIG_TYPE_ERROR);");
            print_reads(out_, request);
            cpp::print_count_requirements(out_, request);
            out_("if (!mig_in.done())");
            out_("    return mig_request.fail(MIG_BAD_ARGUMENTS);");
        }
        if (const char* trailer = wanted_trailer(); trailer != nullptr) {
            out_("if (!mig_request.has_trailer(sizeof($)))", trailer);
            out_("    return mig_request.fail(MIG_TRAILER_ERROR);");
        }
        print_takes(out_, request);
        if (routine_.simple)
            out_("$;", call());
        else
            print_start();
        out_("}").blank();
    }

    // The smallest that has all tokens of the routine, or null.
    const char* wanted_trailer() const
    {
        const char* wanted = nullptr;
        for (const auto& argument : routine_.arguments) {
            if (argument->role == Role::ContextToken)
                return "mach_msg_context_trailer_t";
            if (argument->is_token())
                wanted = "mach_msg_audit_trailer_t";
        }
        return wanted;
    }

    void print_start()
    {
        std::vector<std::string> list{"mig_object"};
        std::string number;
        if (looks_into_message())
            list.push_back("mig_request.take()");
        for (const auto& argument : routine_.arguments) {
            if (argument->role == Role::Data && argument->in() && argument->type->name == "call_number_t")
                number = ", " + safe_name(argument->name);
        }
        for (const Passed& each : passed())
            list.push_back(each.value);
        out_("mig_request.start(run_$($)$);", method_, join(list, ", "), number);
    }

    Writer& out_;
    const ir::Routine& routine_;
    const std::string method_;
};

}  // namespace

std::string server_source(const ir::Interface& interface)
{
    Writer out;
    print_banner(out, interface, "The server's side");
    out("#include \"$_interface.h\"", interface.name).blank();
    out.comment("Arguments have the names that the interface gives them.", true);
    out("#pragma clang diagnostic ignored \"-Wshadow\"").blank();
    out.raw("namespace " + interface.name + " {\n");
    print_size_checks(out, interface);
    out.raw("namespace {\n");
    for (const auto& routine : interface.routines) {
        if (routine)
            ServerMethod{out, interface, *routine}.print();
    }
    out.raw("}  // namespace\n");
    out("bool Server::dispatch(Interface& object, mig::Request& request)");
    out("{");
    out("switch (request.id()) {");
    for (const auto& routine : interface.routines) {
        if (routine)
            out("case $: serve_$(object, request); return true;", routine->id,
                method_name(interface, *routine));
    }
    out("default: return false;");
    out("}");
    out("}").blank();
    out.raw("}  // namespace " + interface.name);
    return out.str();
}

}  // namespace migc::cpp
