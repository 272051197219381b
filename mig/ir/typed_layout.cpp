// mig/ir/typed_layout.cpp
//
// The typed wire format of CMU's and GNU's compilers, as gnumach has it on x86-64: a header of 32 bytes, then for each
// argument in order a description and the data, or for out-of-line data its address.  Everything is padded to four bytes,
// 64-bit numbers included.  A reply begins with the return code.
#include "ir/layout.h"

namespace migc::ir {

namespace {

class TypedLayout {
public:
    TypedLayout() { message_.descriptors_end = typed_header_size; }

    void add(Slot::Kind kind, const Argument* argument, uint32_t size)
    {
        message_.slots.push_back({kind, argument, offset_, size, fixed_});
        offset_ += pad(size);
        if (kind == Slot::Data)
            fixed_ = false;
        else
            least_ += pad(size);
    }

    void add_argument(const Argument& argument)
    {
        const Type& type = *argument.type;
        add(Slot::Description, &argument, type.typed.is_long ? 12 : 4);
        if (!type.is_inline() && type.kind != Type::Port)
            add(Slot::Address, &argument, 8);
        else if (type.is_varying())
            add(Slot::Data, &argument, type.size);
        else
            add(Slot::Value, &argument, type.size);
        note_complexity(argument);
    }

    Message finish()
    {
        message_.minimum_size = least_;
        message_.maximum_size = offset_;
        return std::move(message_);
    }

private:
    void note_complexity(const Argument& argument)
    {
        const Type& type = *argument.type;
        const bool out_of_line = type.kind == Type::Memory || type.kind == Type::Ports;
        if (out_of_line || (type.carries_rights() && type.sent != Disposition::Polymorphic))
            message_.typed_complexity = Message::Always;
        else if ((type.carries_rights() || type.indefinite) && message_.typed_complexity == Message::Never)
            message_.typed_complexity = Message::Depends;
    }

    Message message_;
    uint32_t offset_ = typed_header_size, least_ = typed_header_size;
    bool fixed_ = true;
};

}  // namespace

Message lay_out_typed_request(const Routine& routine)
{
    TypedLayout layout;
    for (const auto& argument : routine.arguments) {
        if (argument->role != Role::Data)
            continue;
        if (argument->in()) {
            layout.add_argument(*argument);
        } else if (argument->count_in_out) {
            layout.add(Slot::Description, nullptr, 4);
            layout.add(Slot::Capacity, argument.get(), 4);
        }
    }
    return layout.finish();
}

Message lay_out_typed_reply(const Routine& routine)
{
    TypedLayout layout;
    layout.add(Slot::Description, nullptr, 4);
    layout.add(Slot::RetCode, nullptr, 4);
    for (const auto& argument : routine.arguments) {
        if (argument->role == Role::Data && argument->out())
            layout.add_argument(*argument);
    }
    return layout.finish();
}

}  // namespace migc::ir
