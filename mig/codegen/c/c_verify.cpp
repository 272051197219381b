// mig/codegen/c/c_verify.cpp
//
// The check of a whole received message.  It walks varying data by the counts that it has checked, so what comes after
// it may trust every count and every offset.
#include "codegen/c/c_names.h"

namespace migc::c {

namespace {

using ir::Slot;
using ir::Type;

class Verifier {
public:
    Verifier(Writer& out, const ir::Message& message, const char* size_error)
        : out_{out}, message_{message}, size_error_{size_error}
    {
    }

    void print()
    {
        print_size();
        for (const ir::Descriptor& descriptor : message_.descriptors)
            print_descriptor(descriptor);
        for (const Slot& slot : message_.slots)
            print_slot(slot);
        for (const ir::Descriptor& descriptor : message_.descriptors)
            print_shared_count(descriptor);
        if (message_.varies()) {
            out_("if (offset != size)");
            fail(size_error_);
        }
        out_("return KERN_SUCCESS;");
    }

private:
    void fail(const char* code) { out_("    return $;", code); }

    void print_size()
    {
        out_("const mach_msg_size_t size = InP->Head.msgh_size;");
        if (message_.varies())
            out_("mach_msg_size_t offset;");
        out_("if ($(InP->Head.msgh_bits & MACH_MSGH_BITS_COMPLEX)$)", message_.is_complex() ? "!" : "", "");
        fail("MIG_TYPE_ERROR");
        if (message_.varies())
            out_("if (size < $ || size > $)", message_.minimum_size, message_.maximum_size);
        else
            out_("if (size != $)", message_.maximum_size);
        fail(size_error_);
        if (message_.is_complex()) {
            out_("if (InP->msgh_body.msgh_descriptor_count != $)", message_.descriptors.size());
            fail("MIG_TYPE_ERROR");
        }
    }

    void print_descriptor(const ir::Descriptor& descriptor)
    {
        const std::string& name = descriptor.argument->name;
        const Type& type = *descriptor.argument->type;
        if (type.kind == Type::Rights) {
            if (descriptor.element == 0)
                print_rights(name, type);
            return;
        }
        const char* kind = type.kind == Type::Port     ? "MACH_MSG_PORT_DESCRIPTOR"
                           : type.kind == Type::Memory ? "MACH_MSG_OOL_DESCRIPTOR"
                                                       : "MACH_MSG_OOL_PORTS_DESCRIPTOR";
        out_("if (InP->$.type != $)", name, kind);
        fail("MIG_TYPE_ERROR");
        if (type.kind != Type::Memory && type.received != ir::Disposition::Polymorphic) {
            out_("if (InP->$.disposition != $)", name, disposition_name(type.received));
            fail("MIG_TYPE_ERROR");
        }
        if (type.kind == Type::Port)
            return;
        const char* extent = type.kind == Type::Memory ? "size" : "count";
        const uint32_t unit = type.kind == Type::Memory ? type.element_size : 1;
        if (unit > 1) {
            out_("if (InP->$.size % $ != 0)", name, unit);
            fail("MIG_TYPE_ERROR");
        }
        if (type.count != 0) {
            out_("if (InP->$.$ $ $)", name, extent, type.has_count ? ">" : "!=", uint64_t{type.count} * unit);
            fail("MIG_BAD_ARGUMENTS");
        }
    }

    void print_rights(const std::string& name, const Type& type)
    {
        const std::string disposition = type.received == ir::Disposition::Polymorphic
                                            ? "InP->" + name + "[0].disposition"
                                            : disposition_name(type.received);
        out_("if (!mig_are_rights(InP->$, $, $))", name, type.count, disposition);
        fail("MIG_TYPE_ERROR");
    }

    // What has been checked of the count must hold for the descriptors, too: behind the last of so many rights are none.
    void print_shared_count(const ir::Descriptor& descriptor)
    {
        const ir::Argument& argument = *descriptor.argument;
        const Type& type = *argument.type;
        if (!type.has_count || descriptor.element != 0 ||
            (type.kind != Type::Rights && argument.counter == nullptr))
            return;
        const std::string count = received_count(message_, argument, "InP", "Cnt");
        const std::string& name = argument.name;
        if (type.kind == Type::Rights)
            out_("if (!mig_are_no_rights(InP->$, $, $))", name, count, type.count);
        else if (type.kind == Type::Ports)
            out_("if (InP->$.count != $)", name, count);
        else
            out_("if (InP->$.size != $)", name, bytes_of(type, "(" + count + ")"));
        fail("MIG_TYPE_ERROR");
    }

    // A 32-bit word of the message, wherever it is.
    std::string word(const Slot& slot) const
    {
        if (slot.fixed)
            return "InP->" + field(slot);
        return "mig_word_at(InP, offset)";
    }

    void require_room(const Slot& slot)
    {
        if (slot.fixed)
            return;
        out_("if (size - offset < $)", ir::pad(slot.size));
        fail(size_error_);
    }

    void step(const Slot& slot)
    {
        if (!slot.fixed)
            out_("offset += $;", ir::pad(slot.size));
    }

    void print_slot(const Slot& slot)
    {
        switch (slot.kind) {
        case Slot::Ndr:
            out_("if (!mig_is_native(&InP->NDR))");
            fail("MIG_TYPE_ERROR");
            return;
        case Slot::RetCode:
            out_("if (InP->RetCode != KERN_SUCCESS)");
            fail(size_error_);  // A failure has no arguments, so it is of another size.
            return;
        case Slot::Data:
            print_data(slot);
            return;
        case Slot::Count:
        case Slot::StringCount:
            print_count(slot);
            return;
        case Slot::Value:
            require_room(slot);
            if (slot.argument->type->kind == Type::String) {
                if (slot.fixed)
                    out_("if (!mig_is_string(InP->$, $))", field(slot), slot.size);
                else
                    out_("if (!mig_is_string(mig_at_const(InP, offset), $))", slot.size);
                fail("MIG_BAD_ARGUMENTS");
            }
            break;
        case Slot::StringOffset:
        case Slot::Capacity:
            require_room(slot);
            break;
        case Slot::Description:  // Of the typed format alone.
        case Slot::Address:
            return;
        }
        step(slot);
    }

    void print_count(const Slot& slot)
    {
        const Type& type = *slot.argument->type;
        const std::string& name = slot.argument->name;
        require_room(slot);
        if (type.is_out_of_line()) {
            const bool bytes = type.kind == Type::Memory;
            const std::string unit =
                bytes && type.element_size > 1 ? " / " + std::to_string(type.element_size) : "";
            out_("if ($ != InP->$.$$)", word(slot), name, bytes ? "size" : "count", unit);
            fail("MIG_TYPE_ERROR");
        } else {
            if (!slot.fixed)
                out_("const mach_msg_type_number_t $Cnt = $;", name, word(slot));
            const std::string count = slot.fixed ? "InP->" + field(slot) : name + "Cnt";
            const char* least = slot.kind == Slot::StringCount ? " == 0 || " : "";
            out_("if ($$$ > $)", *least == '\0' ? "" : count, least, count, type.count);
            fail("MIG_BAD_ARGUMENTS");
        }
        step(slot);
    }

    void print_data(const Slot& slot)
    {
        const Type& type = *slot.argument->type;
        const std::string& name = slot.argument->name;
        const std::string bytes = type.kind == Type::Varying
                                      ? bytes_of(type, received_count(message_, *slot.argument, "InP", "Cnt"))
                                      : (slot.fixed ? "InP->" : "") + name + "Cnt";
        if (slot.fixed)
            out_("offset = $;", slot.offset);
        out_("if (size - offset < mig_padded($))", bytes);
        fail(size_error_);
        if (type.kind == Type::String) {
            out_("if (!mig_is_string(mig_at_const(InP, offset), $))", bytes);
            fail("MIG_BAD_ARGUMENTS");
        }
        out_("offset += mig_padded($);", bytes);
    }

    Writer& out_;
    const ir::Message& message_;
    const char* size_error_;
};

}  // namespace

void print_verify(Writer& out, const ir::Message& message, const std::string& structure,
                  const std::string& function, const char* size_error)
{
    out("static kern_return_t $(const $ *InP)", function, structure);
    out("{");
    Verifier{out, message, size_error}.print();
    out("}").blank();
}

}  // namespace migc::c
