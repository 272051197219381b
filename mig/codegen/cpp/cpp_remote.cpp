// mig/codegen/cpp/cpp_remote.cpp
//
// The client's side: builds the request, awaits the reply, reads it.
#include "codegen/cpp/cpp_common.h"

namespace migc::cpp {

namespace {

using ir::Argument;
using ir::Role;
using ir::Type;

class RequestValues final : public Values {
public:
    std::string value(const Argument& argument) const override
    {
        std::string name = safe_name(argument.name);
        if (!is_out_array(argument))
            return name;
        return argument.type->kind == Type::String ? "mig::text_of(" + name + ")" : name + ".span()";
    }
    std::string count(const Argument& argument) const override
    {
        const Type& type = *argument.type;
        const std::string unit = type.kind == Type::Memory && type.element_size > 1
                                     ? " / " + std::to_string(type.element_size)
                                     : "";
        return safe_name(argument.name) + ".size()" + unit;
    }
    std::string capacity(const Argument& argument) const override
    {
        return safe_name(argument.name) + ".capacity()";
    }
};

class RemoteMethod {
public:
    RemoteMethod(Writer& out, const ir::Interface& interface, const ir::Routine& routine)
        : out_{out},
          interface_{interface},
          routine_{routine},
          method_{method_name(interface, routine)},
          return_{routine.simple ? "return" : "co_return"}
    {
    }

    void print()
    {
        if (routine_.simple) {
            print_one_way_wrapper();
            out_("mach::Result<void> Remote::try_$($)", method_, method_parameters(routine_));
        } else {
            out_("$ Remote::$($)", method_return(interface_, routine_, ""), method_,
                 method_parameters(routine_));
        }
        out_("{");
        // Tokens are the trailer's: an object that is called directly is told them, a message's receiver finds them there.
        for (const auto& argument : routine_.arguments) {
            if (argument->is_token())
                out_("static_cast<void>($);", safe_name(argument->name));
        }
        print_request();
        if (routine_.simple) {
            out_("return mig_loop_.send(*mig_request);");
        } else {
            out_("mach::Result<mach::MessageBuffer> mig_reply = co_await "
                 "mig_loop_.call(std::move(*mig_request));");
            out_("if (!mig_reply)");
            out_("    co_return mach::failure(mig_reply.error());");
            print_reply();
        }
        out_("}").blank();
    }

private:
    void print_one_way_wrapper()
    {
        std::vector<std::string> names;
        for (const auto& argument : routine_.arguments) {
            if (argument->role == Role::Data || argument->is_token())
                names.push_back(argument->type->is_inline() ? safe_name(argument->name)
                                                            : "std::move(" + safe_name(argument->name) + ")");
        }
        out_("void Remote::$($)", method_, method_parameters(routine_));
        out_("{");
        out_("static_cast<void>(try_$($));", method_, join(names, ", "));
        out_("}").blank();
    }

    void print_request()
    {
        const ir::Message& request = routine_.request;
        const RequestValues values;
        print_limits();
        out_("mach::Result<mach::MessageBuffer> mig_request = mach::MessageBuffer::allocate($);",
             request.maximum_size);
        out_("if (!mig_request)");
        out_("    $ mach::failure(mig_request.error());", return_);
        if (!request.slots.empty()) {
            out_("mig::Writer mig_out{mig_request->data(), $};", request.descriptors_end);
            print_writes(out_, request, values);
        }
        print_puts(out_, request, "mig_request->data()", return_ + " mach::failure(mig_ports.error())",
                   values);
        const bool once = routine_.request_port->type->received == ir::Disposition::MoveSendOnce;
        out_("mig::set_request_header(*mig_request, $, $, $, $, $);",
             once ? "mig_port_.release()" : "mig_port_.name()",
             once ? "MACH_MSG_TYPE_MOVE_SEND_ONCE" : "MACH_MSG_TYPE_COPY_SEND", routine_.id,
             request.is_complex() ? "true" : "false",
             request.slots.empty() ? std::to_string(request.maximum_size) : "mig_out.offset()");
    }

    // What does not fit is not sent: a name that has been cut short is another name.
    void print_limits()
    {
        std::vector<std::string> wrong;
        for (const auto& argument : routine_.arguments) {
            const Type& type = *argument->type;
            if (argument->role != Role::Data || !argument->in())
                continue;
            const std::string extent =
                safe_name(argument->name) + (is_out_array(*argument) ? ".count()" : ".size()");
            if (type.kind == Type::String)
                wrong.push_back(filled("$ >= $", extent, std::to_string(type.count)));
            else if (type.kind == Type::Varying || (type.kind == Type::Ports && type.count != 0))
                wrong.push_back(filled("$ > $", extent, std::to_string(type.count)));
            else if (type.kind == Type::Memory && type.count != 0)
                wrong.push_back(
                    filled("$ > $", extent, std::to_string(uint64_t{type.count} * type.element_size)));
        }
        if (wrong.empty())
            return;
        out_("if ($)", join(wrong, " || "));
        out_("    $ mach::failure(MIG_ARRAY_TOO_LARGE);", return_);
    }

    void fail(const std::string& condition, const char* code)
    {
        out_("if ($) {", condition);
        out_("mig_reply->destroy_contents();");
        out_("co_return mach::failure($);", code);
        out_("}");
    }

    void print_reply()
    {
        const ir::Message& reply = routine_.reply;
        out_("const mach_msg_header_t& mig_header = mig_reply->header();");
        out_("const std::span<const std::byte> mig_bytes{mig_reply->data(), mig_header.msgh_size};");
        out_("const kern_return_t mig_code = mig::reply_code(mig_header, mig_bytes, $);",
             routine_.id + ir::reply_id_offset);
        fail("mig_code != KERN_SUCCESS", "mig_code");
        if (reply.is_complex())
            out_("mig::Descriptors mig_parts{mig_reply->header()};");
        fail(filled("!mig::has_form(mig_header, $, $, $)", std::string{reply.is_complex() ? "true" : "false"},
                    std::to_string(reply.minimum_size), std::to_string(reply.maximum_size)),
             "MIG_TYPE_ERROR");
        if (reply.is_complex())
            fail(descriptor_fault(reply), "MIG_TYPE_ERROR");
        if (!reply.slots.empty()) {
            out_("mig::Reader mig_in{mig_bytes, $};", reply.descriptors_end);
            fail("!mig_in.is_native()", "MIG_TYPE_ERROR");
            print_reads(out_, reply, "mig_");
            cpp::print_count_requirements(out_, reply);
            fail("!mig_in.done()", "MIG_TYPE_ERROR");
        }
        print_out_arrays();
        print_takes(out_, reply, "mig_");
        print_result();
    }

    void print_out_arrays()
    {
        for (const auto& argument : routine_.arguments) {
            if (!is_out_array(*argument))
                continue;
            const std::string arrived = argument->type->kind == Type::String
                                            ? "in_" + argument->name
                                            : argument->name + "_array.span()";
            fail(filled("!$.assign($)", safe_name(argument->name), arrived), "MIG_ARRAY_TOO_LARGE");
        }
    }

    void print_result()
    {
        std::vector<std::string> parts;
        for (const Argument* part : result_parts(routine_)) {
            const std::string value = variable_name(*part, "mig_");
            parts.push_back(part->type->is_inline() ? value : "std::move(" + value + ")");
        }
        if (parts.size() > 1)
            out_("co_return $ {$};", reply_struct_name(method_), join(parts, ", "));
        else
            out_("co_return $;",
                 parts.empty() ? result_type(routine_, method_, World::Service) + "{}" : parts[0]);
    }

    Writer& out_;
    const ir::Interface& interface_;
    const ir::Routine& routine_;
    const std::string method_;
    const std::string return_;
};

}  // namespace

std::string remote_source(const ir::Interface& interface)
{
    Writer out;
    print_banner(out, interface, "The client's side");
    out("#include \"$_interface.h\"", interface.name).blank();
    out.comment("Arguments have the names that the interface gives them.", true);
    out("#pragma clang diagnostic ignored \"-Wshadow\"").blank();
    out.raw("namespace " + interface.name + " {\n");
    print_size_checks(out, interface);
    for (const auto& routine : interface.routines) {
        if (routine)
            RemoteMethod{out, interface, *routine}.print();
    }
    out.raw("}  // namespace " + interface.name);
    return out.str();
}

}  // namespace migc::cpp
