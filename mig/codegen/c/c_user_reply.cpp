// mig/codegen/c/c_user_reply.cpp
//
// What a user stub does with a reply: checks it whole, sees that there is room for it, unpacks it.
#include "codegen/c/c_sources.h"

namespace migc::c {

namespace {

using ir::Argument;
using ir::Slot;
using ir::Type;

class UserReply {
public:
    UserReply(Writer& out, const ir::Routine& routine) : out_{out}, routine_{routine} {}

    void print()
    {
        out_.blank();
        out_("if (Out0P->Head.msgh_id != $)", routine_.id + ir::reply_id_offset);
        out_("    return mig_other_reply(&Out0P->Head);");
        out_("msg_result = verify_reply_$(Out0P);", routine_.name);
        out_("if (msg_result != KERN_SUCCESS)");
        out_("    return mig_failed_reply(&Out0P->Head, msg_result);").blank();
        print_tokens();
        print_room();
        for (const ir::Descriptor& descriptor : routine_.reply.descriptors) {
            if (descriptor.argument->type->kind != Type::Rights)
                unpack_descriptor(*descriptor.argument);
        }
        bool moving = false;
        for (const Slot& slot : slots_to_unpack(routine_.reply)) {
            if (!slot.fixed && !moving) {
                moving = true;
                out_("mach_msg_size_t mig_offset = $;", moving_from_);
            }
            unpack(slot);
        }
        for (const ir::Descriptor& descriptor : routine_.reply.descriptors) {
            if (descriptor.argument->type->kind == Type::Rights && descriptor.element == 0)
                unpack_rights(*descriptor.argument);
        }
    }

private:
    // Their room has been asked for with their count.
    void unpack_rights(const Argument& argument)
    {
        const std::string& name = argument.name;
        const std::string count = received_count(routine_.reply, argument, "Out0P", "Count");
        out_("mig_get_rights($, Out0P->$, $);", name, name, count);
        if (argument.has_own_count())
            out_("*$Cnt = $;", name, count);
        if (argument.type->received == ir::Disposition::Polymorphic)
            out_("*$Poly = Out0P->$[0].disposition;", name, name);
    }

    // Who answered: the trailer stands behind the reply.
    void print_tokens()
    {
        const TrailerPart* farthest = farthest_trailer_part(routine_, Side::User);
        if (farthest == nullptr)
            return;
        out_("$ Trailer;", farthest->type);
        out_("__builtin_memcpy(&Trailer, mig_at(Out0P, round_msg(Out0P->Head.msgh_size)), sizeof Trailer);");
        out_("if (Trailer.msgh_trailer_size < sizeof Trailer) {");
        out_("mach_msg_destroy(&Out0P->Head);");
        out_("return MIG_TRAILER_ERROR;");
        out_("}");
        for (const auto& argument : routine_.arguments) {
            if (argument->is_user_token())
                out_("*$ = Trailer.$;", argument->name, trailer_part(argument->role).name);
        }
        out_.blank();
    }

    // Does what has come fit where the caller wants it?  Asked of all arrays before any is copied.
    void print_room()
    {
        bool declared = false;
        for (const Slot& slot : routine_.reply.slots) {
            if (slot.kind == Slot::Data && slot.fixed)
                moving_from_ = std::to_string(slot.offset) + " + mig_padded(" + received_bytes(slot) + ")";
            if (slot.kind != Slot::Count || slot.argument->type->is_out_of_line() || !slot.fixed)
                continue;
            declared = true;
            const Argument& argument = *slot.argument;
            const std::string& name = argument.name;
            out_("if (Out0P->$Cnt > *$Cnt) {", name, name);
            if (argument.type->kind == Type::Varying)
                out_("__builtin_memcpy($, Out0P->$, $);", name, name,
                     bytes_of(*argument.type, "*" + name + "Cnt"));
            out_("*$Cnt = Out0P->$Cnt;", name, name);
            out_("mach_msg_destroy(&Out0P->Head);");
            out_("return MIG_ARRAY_TOO_LARGE;");
            out_("}");
        }
        for (const ir::Descriptor& descriptor : routine_.reply.descriptors) {
            if (!descriptor.argument->overwrite)
                continue;
            declared = true;
            out_("if ($ > *$Cnt) {", received_count(routine_.reply, *descriptor.argument, "Out0P", "Count"),
                 descriptor.argument->counted_by().name);
            out_("*$Cnt = $;", descriptor.argument->counted_by().name,
                 received_count(routine_.reply, *descriptor.argument, "Out0P", "Count"));
            out_("mach_msg_destroy(&Out0P->Head);");
            out_("return MIG_ARRAY_TOO_LARGE;");
            out_("}");
        }
        if (declared)
            out_.blank();
    }

    std::string received_bytes(const Slot& slot) const
    {
        const Argument& argument = *slot.argument;
        return bytes_of(*argument.type, argument.type->kind == Type::String
                                            ? "Out0P->" + argument.name + "Cnt"
                                            : received_count(routine_.reply, argument, "Out0P", "Count"));
    }

    void unpack_descriptor(const Argument& argument)
    {
        const Type& type = *argument.type;
        const std::string& name = argument.name;
        if (type.kind == Type::Port)
            out_("*$ = Out0P->$.name;", name, name);
        else if (argument.overwrite)
            overwrite(argument);
        else
            out_("*$ = ($)(uintptr_t)Out0P->$.address;", name, type.user_type, name);
        if (argument.has_own_count()) {
            const bool memory = type.kind == Type::Memory;
            const std::string unit =
                memory && type.element_size > 1 ? " / " + std::to_string(type.element_size) : "";
            out_("*$Cnt = Out0P->$.$$;", name, name, memory ? "size" : "count", unit);
        }
        if (type.kind != Type::Memory && type.received == ir::Disposition::Polymorphic)
            out_("*$Poly = Out0P->$.disposition;", name, name);
    }

    // The caller's memory, whose address and room it has given, gets what has come.
    void overwrite(const Argument& argument)
    {
        const Type& type = *argument.type;
        const std::string& name = argument.name;
        const std::string bytes = type.kind == Type::Memory
                                      ? filled("Out0P->$.size", name)
                                      : filled("Out0P->$.count * sizeof(mach_port_t)", name);
        out_("__builtin_memcpy((void *)(uintptr_t)*$, (const void *)(uintptr_t)Out0P->$.address, $);", name,
             name, bytes);
        out_("mig_deallocate(Out0P->$.address, $);", name, bytes);
    }

    void unpack(const Slot& slot)
    {
        if (slot.argument == nullptr)
            return;
        const Type& type = *slot.argument->type;
        const std::string& name = slot.argument->name;
        const bool out_of_line = type.is_out_of_line();
        switch (slot.kind) {
        case Slot::Value:
            if (!slot.fixed) {
                out_("__builtin_memcpy($, mig_at(Out0P, mig_offset), $);", name, type.size);
                out_("mig_offset += $;", ir::pad(slot.size));
            } else if (type.kind == Type::Scalar || type.kind == Type::Structure) {
                out_("*$ = Out0P->$;", name, name);
            } else {
                out_("__builtin_memcpy($, Out0P->$, $);", name, name, type.size);
            }
            return;
        case Slot::Count:
            if (!slot.fixed && !out_of_line)
                unpack_moving_count(name, type);
            else if (!slot.fixed)
                out_("mig_offset += 4;");
            return;
        case Slot::StringCount:
            if (!slot.fixed) {
                out_("const mach_msg_type_number_t $Size = mig_word_at(Out0P, mig_offset);", name);
                out_("mig_offset += 4;");
            }
            return;
        case Slot::StringOffset:
            if (!slot.fixed)
                out_("mig_offset += 4;");
            return;
        case Slot::Data:
            unpack_data(slot);
            return;
        default:
            return;
        }
    }

    void unpack_moving_count(const std::string& name, const Type& type)
    {
        out_("const mach_msg_type_number_t $Count = mig_word_at(Out0P, mig_offset);", name);
        out_("mig_offset += 4;");
        out_("if ($Count > *$Cnt) {", name, name);
        if (type.kind == Type::Varying)
            out_("__builtin_memcpy($, mig_at(Out0P, mig_offset), $);", name,
                 bytes_of(type, "*" + name + "Cnt"));
        out_("*$Cnt = $Count;", name, name);
        out_("mach_msg_destroy(&Out0P->Head);");
        out_("return MIG_ARRAY_TOO_LARGE;");
        out_("}");
    }

    void unpack_data(const Slot& slot)
    {
        const Type& type = *slot.argument->type;
        const std::string& name = slot.argument->name;
        if (slot.fixed) {
            out_("__builtin_memcpy($, Out0P->$, $);", name, name, received_bytes(slot));
            if (slot.argument->has_own_count())
                out_("*$Cnt = Out0P->$Cnt;", name, name);
            return;
        }
        const std::string count = type.kind == Type::String
                                      ? name + "Size"
                                      : received_count(routine_.reply, *slot.argument, "Out0P", "Count");
        out_("__builtin_memcpy($, mig_at(Out0P, mig_offset), $);", name, bytes_of(type, count));
        if (slot.argument->has_own_count())
            out_("*$Cnt = $;", name, count);
        out_("mig_offset += mig_padded($);", bytes_of(type, count));
    }

    Writer& out_;
    const ir::Routine& routine_;
    std::string moving_from_;
};

}  // namespace

void print_unpacking(Writer& out, const ir::Routine& routine) { UserReply{out, routine}.print(); }

}  // namespace migc::c
