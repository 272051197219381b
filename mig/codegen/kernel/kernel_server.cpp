// mig/codegen/kernel/kernel_server.cpp
//
// Calls on the kernel's objects.  Order in a stub: form, descriptors, inline data, translation, and only then are rights
// taken: a call that fails before that leaves everything in the request, which dies whole.
#include "codegen/kernel/kernel_common.h"

namespace migc::kernel {

namespace {

using cpp::World;
using ir::Argument;
using ir::Role;
using ir::Slot;
using ir::Type;

class ReplyValues final : public cpp::Values {
public:
    explicit ReplyValues(const ir::Routine& routine) : single_{cpp::result_parts(routine).size() == 1} {}

    std::string value(const Argument& argument) const override
    {
        const std::string name = cpp::safe_name(argument.name);
        if (cpp::is_out_array(argument))
            return argument.type->kind == Type::String ? "mig::text_of(" + name + ")" : name + ".span()";
        return single_ ? "*mig_result" : "mig_result->" + name;
    }
    std::string count(const Argument& argument) const override
    {
        const Type& type = *argument.type;
        if (type.kind == Type::Ports)
            return (single_ ? "(*mig_result)" : "mig_result->" + cpp::safe_name(argument.name)) + ".size()";
        return argument.name + "_size" +
               (type.element_size > 1 ? " / " + std::to_string(type.element_size) : "");
    }
    std::string capacity(const Argument&) const override { return "0"; }
    std::string object(const Argument& argument) const
    {
        return single_ ? "(*mig_result)" : "mig_result->" + cpp::safe_name(argument.name);
    }

private:
    bool single_;
};

class ServerStub {
public:
    ServerStub(Writer& out, const ir::Interface& interface, const ir::Routine& routine)
        : out_{out}, interface_{interface}, routine_{routine}
    {
    }

    void print()
    {
        out_("void serve_$(KernelCall& mig_call)", routine_.name);
        out_("{");
        print_checks();
        print_translations();
        print_takes(out_, routine_.request, "mig_call", "_carried");
        print_argument_translations();
        const bool early_reply = print_out_arrays();
        print_call();
        if (!routine_.simple)
            print_reply(early_reply);
        out_("}").blank();
    }

private:
    void print_checks()
    {
        const ir::Message& request = routine_.request;
        out_("if (!mig::has_form(mig_call.header(), $, $, $))", request.is_complex() ? "true" : "false",
             request.minimum_size, request.maximum_size);
        out_("    return mig_call.fail(MIG_BAD_ARGUMENTS);");
        print_descriptor_checks(out_, request, "mig_call", "mig_call.fail");
        if (request.slots.empty())
            return;
        out_("mig::Reader mig_in{mig_call.request(), $};", request.descriptors_end);
        out_("if (!mig_in.is_native())");
        out_("    return mig_call.fail(MIG_TYPE_ERROR);");
        cpp::print_reads(out_, request);
        print_count_requirements(out_, request, "mig_call");
        out_("if (!mig_in.done())");
        out_("    return mig_call.fail(MIG_BAD_ARGUMENTS);");
    }

    // Only the target here: nothing has been taken yet.
    void print_translations()
    {
        const Argument& target = *routine_.request_port;
        if (target.server_side && target.type->in_translation)
            print_translation(target, "&mig_call.target()", cpp::safe_name(target.name));
    }

    void print_translation(const Argument& argument, const std::string& source, const std::string& name)
    {
        const ir::Translation& translation = *argument.type->in_translation;
        out_("$ $ = $($);", translation.result, name, translation.function, source);
        out_("if (!$)", name);
        out_("    return mig_call.fail(mig::null_error<$>);", translation.result);
    }

    void print_argument_translations()
    {
        for (const ir::Descriptor& descriptor : routine_.request.descriptors) {
            const Argument& argument = *descriptor.argument;
            if (argument.type->in_translation && argument.type->kind == Type::Port)
                print_translation(argument, argument.name + "_carried.raw()", cpp::safe_name(argument.name));
        }
    }

    // Varying answers are made where they travel, so the reply comes before the call then.
    bool print_out_arrays()
    {
        bool any = false;
        for (const Slot& slot : routine_.reply.slots) {
            if (slot.argument == nullptr || !cpp::is_out_array(*slot.argument) ||
                (slot.kind != Slot::Data && slot.kind != Slot::Value))
                continue;
            if (!any)
                print_reply_buffer();
            any = true;
            print_out_array(slot);
        }
        return any;
    }

    void print_reply_buffer()
    {
        const ir::Message& reply = routine_.reply;
        if (reply.is_complex())
            out_("std::byte* const mig_reply = mig_call.reply($, $);", reply.maximum_size,
                 reply.descriptors.size());
        else
            out_("std::byte* const mig_reply = mig_call.reply($);", reply.maximum_size);
        out_("if (mig_reply == nullptr)");
        out_("    return;");
    }

    void print_out_array(const Slot& slot)
    {
        const Argument& argument = *slot.argument;
        const Type& type = *argument.type;
        const std::string element = cpp::element_type(type);
        const std::string name = cpp::safe_name(argument.name);
        // One byte of a string's room is for its NUL.
        const uint32_t limit = type.kind == Type::String ? type.count - 1 : type.count;
        std::string capacity = std::to_string(limit);
        if (argument.count_in_out && argument.direction == ir::Direction::Out)
            capacity = filled("mig::smaller($_capacity, $)", argument.name, std::to_string(limit));
        out_("static_assert(alignof($) <= mig::message_alignment);", element);
        out_("mig::OutArray<$> $(reinterpret_cast<$*>(mig_reply + $), $);", element, name, element,
             slot.offset, capacity);
        if (argument.direction == ir::Direction::InOut)
            out_("$.assign($);", name,
                 type.kind == Type::String ? "in_" + argument.name : argument.name + "_array.span()");
    }

    void print_call()
    {
        std::vector<std::string> list;
        for (const auto& argument : routine_.arguments) {
            if (!argument->server_side)
                continue;
            const std::string name = cpp::safe_name(argument->name);
            const Type& type = *argument->type;
            if (argument->role == Role::RequestPort)
                list.push_back(type.in_translation ? "std::move(" + name + ")" : "mig_call.target()");
            else if (argument->role == Role::AuditToken)
                list.push_back("mig_call.audit_token()");
            else if (argument->role == Role::SecurityToken)
                list.push_back("mig_call.security_token()");
            else if (argument->role != Role::Data)
                continue;
            else if (cpp::is_out_array(*argument))
                list.push_back(name);
            else if (argument->in())
                list.push_back(passed(*argument));
        }
        const std::string call =
            filled("$::$($)", calls_namespace(interface_), cpp::safe_name(routine_.name), join(list, ", "));
        if (routine_.simple) {
            out_("if (const mach::Result<void> mig_result = $; !mig_result)", call);
            out_("    mig_call.fail(mig_result.error());");
            return;
        }
        out_("$ mig_result = $;", qualified_result(), call);
        out_("if (!mig_result)");
        out_("    return mig_call.fail(mig_result.error());");
    }

    std::string qualified_result() const
    {
        return cpp::result_parts(routine_).size() > 1
                   ? "auto"
                   : cpp::result_type(routine_, routine_.name, World::Kernel);
    }

    static std::string passed(const Argument& argument)
    {
        const Type& type = *argument.type;
        std::string name = cpp::safe_name(argument.name);
        if (type.kind == Type::Port && type.in_translation)
            return "std::move(" + name + ")";
        if (!type.is_inline())
            return "std::move(" + argument.name + "_carried)";
        if (type.kind == Type::Varying)
            return argument.name + "_array.span()";
        return name;
    }

    void print_reply(bool early)
    {
        const ir::Message& reply = routine_.reply;
        const ReplyValues values{routine_};
        if (!early)
            print_reply_buffer();
        for (const ir::Descriptor& descriptor : reply.descriptors) {
            if (descriptor.argument->type->kind == Type::Memory)
                out_("const auto $_size = static_cast<uint32_t>($.size());", descriptor.argument->name,
                     values.object(*descriptor.argument));
        }
        if (!reply.slots.empty()) {
            out_("mig::Writer mig_out{mig_reply, $};", reply.descriptors_end);
            cpp::print_writes(out_, reply, values);
            if (reply.varies())
                out_("mig_call.set_reply_size(mig_out.offset());");
        }
        print_puts(out_, reply, "mig_call", values);
    }

    Writer& out_;
    const ir::Interface& interface_;
    const ir::Routine& routine_;
};

}  // namespace

void print_server(Writer& out, const ir::Interface& interface)
{
    out.raw("namespace {\n");
    for (const auto& routine : interface.routines) {
        if (routine)
            ServerStub{out, interface, *routine}.print();
    }
    out.raw("}  // namespace\n");
    out("bool $_dispatch(KernelCall& mig_call)", interface.name);
    out("{");
    out("switch (mig_call.header().msgh_id) {");
    for (const auto& routine : interface.routines) {
        if (routine)
            out("case $: serve_$(mig_call); return true;", routine->id, routine->name);
    }
    out("default: return false;");
    out("}");
    out("}");
}

}  // namespace migc::kernel
