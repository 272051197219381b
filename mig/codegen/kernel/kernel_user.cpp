// mig/codegen/kernel/kernel_user.cpp
//
// Messages that the kernel sends: making the request, reading the reply.  Sending and waiting are the kernel's own.
#include "codegen/kernel/kernel_common.h"

namespace migc::kernel {

namespace {

using ir::Argument;
using ir::Slot;
using ir::Type;

class RequestValues final : public cpp::Values {
public:
    std::string value(const Argument& argument) const override { return cpp::safe_name(argument.name); }
    std::string count(const Argument& argument) const override
    {
        const Type& type = *argument.type;
        if (type.kind == Type::Ports)
            return cpp::safe_name(argument.name) + ".size()";
        return argument.name + "_size" +
               (type.element_size > 1 ? " / " + std::to_string(type.element_size) : "");
    }
    std::string capacity(const Argument& argument) const override { return argument.name + "_capacity"; }
};

void print_encode(Writer& out, const ir::Interface& interface, const ir::Routine& routine)
{
    const ir::Message& request = routine.request;
    const RequestValues values;
    std::string signature = encode_signature(routine);
    signature.insert(signature.find("encode_"), calls_namespace(interface) + "::");
    out("$", signature);
    out("{");
    for (const Slot& slot : request.slots) {
        if (slot.kind == Slot::Data && slot.argument->type->kind == Type::Varying) {
            out("if ($.size() > $)", cpp::safe_name(slot.argument->name), slot.argument->type->count);
            out("    return mach::failure(MIG_ARRAY_TOO_LARGE);");
        }
    }
    const bool has_data = !request.slots.empty();
    out("$mig_message.create($, $)$", has_data ? "std::byte* const mig_bytes = " : "if (", routine.id,
        request.maximum_size, has_data ? ";" : " == nullptr)");
    if (has_data)
        out("if (mig_bytes == nullptr)");
    out("    return mach::failure(KERN_RESOURCE_SHORTAGE);");
    if (request.is_complex()) {
        out("if (!mig_message.set_descriptors($))", request.descriptors.size());
        out("    return mach::failure(KERN_RESOURCE_SHORTAGE);");
    }
    for (const ir::Descriptor& descriptor : request.descriptors) {
        if (descriptor.argument->type->kind == Type::Memory)
            out("const auto $_size = static_cast<uint32_t>($.size());", descriptor.argument->name,
                cpp::safe_name(descriptor.argument->name));
    }
    if (has_data) {
        out("mig::Writer mig_out{mig_bytes, $};", request.descriptors_end);
        cpp::print_writes(out, request, values);
        if (request.varies())
            out("mig_message.set_size(mig_out.offset());");
    }
    print_puts(out, request, "mig_message", values);
    out("return {};");
    out("}").blank();
}

void print_results(Writer& out, const ir::Routine& routine)
{
    for (const auto& argument : routine.arguments) {
        if (!cpp::is_out_array(*argument))
            continue;
        const std::string name = cpp::safe_name(argument->name);
        const std::string arrived =
            argument->type->kind == Type::String ? "in_" + argument->name : argument->name + "_array.span()";
        out("if (!$.assign($))", name, arrived);
        out("    return mach::failure(MIG_ARRAY_TOO_LARGE);");
    }
    std::vector<std::string> parts;
    for (const Argument* part : cpp::result_parts(routine)) {
        const std::string name = cpp::safe_name(part->name);
        parts.push_back(part->type->is_inline() ? name : "std::move(" + name + ")");
    }
    if (parts.size() > 1)
        out("return $ {$};", cpp::reply_struct_name(routine.name), join(parts, ", "));
    else
        out("return $;", parts.empty() ? "{}" : parts[0]);
}

void print_decode(Writer& out, const ir::Interface& interface, const ir::Routine& routine)
{
    const ir::Message& reply = routine.reply;
    std::string signature = decode_signature(routine);
    const size_t place = signature.find("decode_");
    signature.insert(place, calls_namespace(interface) + "::");
    const std::string structure = cpp::reply_struct_name(routine.name);
    if (const size_t at = signature.find("<" + structure); at != std::string::npos)
        signature.insert(at + 1, calls_namespace(interface) + "::");
    out("$", signature);
    out("{");
    out("const kern_return_t mig_code = mig::reply_code(mig_message.header(), mig_message.bytes(), $);",
        routine.id + ir::reply_id_offset);
    out("if (mig_code != KERN_SUCCESS)");
    out("    return mach::failure(mig_code);");
    out("if (!mig::has_form(mig_message.header(), $, $, $))", reply.is_complex() ? "true" : "false",
        reply.minimum_size, reply.maximum_size);
    out("    return mach::failure(MIG_TYPE_ERROR);");
    if (reply.is_complex())
        out("KernelDescriptors mig_descriptors = mig_message.descriptors();");
    print_descriptor_checks(out, reply, "mig_descriptors", "mach::failure");
    if (!reply.slots.empty()) {
        out("mig::Reader mig_in{mig_message.bytes(), $};", reply.descriptors_end);
        out("if (!mig_in.is_native())");
        out("    return mach::failure(MIG_TYPE_ERROR);");
        cpp::print_reads(out, reply);
        print_count_requirements(out, reply, "mig_descriptors");
        out("if (!mig_in.done())");
        out("    return mach::failure(MIG_TYPE_ERROR);");
    }
    print_takes(out, reply, "mig_descriptors", "");
    print_results(out, routine);
    out("}").blank();
}

}  // namespace

void print_client(Writer& out, const ir::Interface& interface)
{
    for (const auto& routine : interface.routines) {
        if (!routine)
            continue;
        print_encode(out, interface, *routine);
        if (!routine->simple)
            print_decode(out, interface, *routine);
    }
}

}  // namespace migc::kernel
