// mig/ir/layout.cpp
//
// The OSF wire format.  Descriptors stand first, in the order of the arguments, then the inline data in that order; a
// count stands directly before its array, and at its argument's place if the array is out of line.  A complex reply
// has no return code: that it is complex says that the routine succeeded.
#include "ir/layout.h"

namespace migc::ir {

namespace {

class Layout {
public:
    void add_descriptor(const Argument& argument)
    {
        if (message_.descriptors.empty())
            message_.descriptors_end = header_size + body_size;
        const uint32_t count = argument.type->kind == Type::Rights ? argument.type->count : 1;
        for (uint32_t element = 0; element < count; ++element) {
            message_.descriptors.push_back({&argument, message_.descriptors_end, element});
            message_.descriptors_end +=
                argument.type->is_out_of_line() ? memory_descriptor_size : port_descriptor_size;
        }
    }

    void add(Slot::Kind kind, const Argument* argument, uint32_t size)
    {
        waiting_.push_back({kind, argument, 0, size, true});
    }

    void add_argument(const Argument& argument)
    {
        const Type& type = *argument.type;
        switch (type.kind) {
        case Type::Memory:
        case Type::Ports:
        case Type::Rights:
            if (argument.has_own_count())
                add(Slot::Count, &argument, 4);
            break;
        case Type::Varying:
            if (argument.has_own_count())
                add(Slot::Count, &argument, 4);
            add(Slot::Data, &argument, type.size);
            break;
        case Type::String:
            if (type.varying) {
                add(Slot::StringOffset, &argument, 4);
                add(Slot::StringCount, &argument, 4);
            }
            add(type.varying ? Slot::Data : Slot::Value, &argument, type.size);
            break;
        case Type::Port:
            break;
        default:
            add(Slot::Value, &argument, type.size);
        }
    }

    // Gives every slot its place.  Inline data begins with the NDR record.
    Message finish()
    {
        uint32_t offset = message_.descriptors_end;
        uint32_t least = offset;
        bool fixed = true;
        if (!waiting_.empty())
            waiting_.insert(waiting_.begin(), Slot{Slot::Ndr, nullptr, 0, ndr_size, true});
        for (Slot& slot : waiting_) {
            slot.offset = offset;
            slot.fixed = fixed;
            offset += pad(slot.size);
            if (slot.kind == Slot::Data)
                fixed = false;
            else
                least += pad(slot.size);
        }
        message_.slots = std::move(waiting_);
        message_.minimum_size = least;
        message_.maximum_size = offset;
        return std::move(message_);
    }

private:
    Message message_;
    std::vector<Slot> waiting_;
};

}  // namespace

Message lay_out_request(const Routine& routine)
{
    Layout layout;
    for (const auto& argument : routine.arguments) {
        if (argument->role != Role::Data)
            continue;
        if (argument->in() && !argument->type->is_inline())
            layout.add_descriptor(*argument);
        if (argument->in())
            layout.add_argument(*argument);
        else if (argument->count_in_out)
            layout.add(Slot::Capacity, argument.get(), 4);
    }
    return layout.finish();
}

Message lay_out_reply(const Routine& routine)
{
    Layout layout;
    bool is_complex = false;
    for (const auto& argument : routine.arguments)
        is_complex |= argument->role == Role::Data && argument->out() && !argument->type->is_inline();
    if (!is_complex)
        layout.add(Slot::RetCode, nullptr, 4);
    for (const auto& argument : routine.arguments) {
        if (argument->role != Role::Data || !argument->out())
            continue;
        if (!argument->type->is_inline())
            layout.add_descriptor(*argument);
        layout.add_argument(*argument);
    }
    return layout.finish();
}

}  // namespace migc::ir
