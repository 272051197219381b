// mig/runtime/walk.cpp
#include <mig/walk.h>

#include <mach/mig_errors.h>
#include <mach/ndr.h>

namespace mig::description {

namespace {

constexpr uint32_t header_size = sizeof(mach_msg_header_t);
constexpr uint32_t body_size = sizeof(mach_msg_body_t);

template <class T>
T load(std::span<const std::byte> bytes, size_t offset)
{
    T value{};
    if (offset <= bytes.size() && bytes.size() - offset >= sizeof value)
        __builtin_memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
}

bool has_nul(std::span<const std::byte> text)
{
    for (const std::byte letter : text) {
        if (letter == std::byte{0})
            return true;
    }
    return false;
}

bool fits_limit(const Argument& argument, uint64_t count)
{
    return argument.limit == 0 || (argument.fixed_count ? count == argument.limit : count <= argument.limit);
}

bool is_port(const Argument& argument)
{
    return argument.kind == Kind::Port || argument.kind == Kind::Rights;
}

const char* wrong_with_right(const Argument& argument, uint32_t disposition)
{
    const bool is_right = disposition == argument.received ||
                          (argument.received == polymorphic && MACH_MSG_TYPE_PORT_ANY_RIGHT(disposition));
    return is_right ? nullptr : "a right of another kind";
}

const char* wrong_with_descriptor(const Argument& argument, std::span<const std::byte> bytes, uint32_t offset)
{
    if (is_port(argument)) {
        const auto port = load<mach_msg_port_descriptor_t>(bytes, offset);
        return port.type != MACH_MSG_PORT_DESCRIPTOR ? "not a port descriptor"
                                                     : wrong_with_right(argument, port.disposition);
    }
    if (argument.kind == Kind::Ports) {
        const auto ports = load<mach_msg_ool_ports_descriptor_t>(bytes, offset);
        if (ports.type != MACH_MSG_OOL_PORTS_DESCRIPTOR)
            return "not a descriptor of ports";
        return fits_limit(argument, ports.count) ? wrong_with_right(argument, ports.disposition)
                                                 : "too many ports";
    }
    const auto memory = load<mach_msg_ool_descriptor_t>(bytes, offset);
    if (memory.type != MACH_MSG_OOL_DESCRIPTOR)
        return "not a memory descriptor";
    if (memory.size % argument.element_size != 0)
        return "memory that is not whole elements";
    return fits_limit(argument, memory.size / argument.element_size) ? nullptr : "too much memory";
}

// What the count of `owner` says must be true of all descriptors that it counts.
const char* wrong_with_sharers(const Routine& routine, const Message& message, uint8_t owner,
                               std::span<const std::byte> bytes, uint32_t count)
{
    uint32_t seen = 0;  // Descriptors of the argument.
    for (size_t at = 0; at < message.descriptors.size(); ++at) {
        const uint8_t index = message.descriptors[at];
        const Argument& argument = routine.arguments[index];
        seen = at != 0 && message.descriptors[at - 1] == index ? seen + 1 : 1;
        if (argument.counted_by != owner || argument.fixed_count)
            continue;
        const uint32_t offset = descriptor_offset(routine, message, at);
        if (argument.kind == Kind::Rights && seen > count && word_at(bytes, offset) != MACH_PORT_NULL)
            return "more rights than their count";
        if (argument.kind == Kind::Ports &&
            load<mach_msg_ool_ports_descriptor_t>(bytes, offset).count != count)
            return "a count that is not its descriptor's";
        if (argument.kind == Kind::Memory &&
            load<mach_msg_ool_descriptor_t>(bytes, offset).size != uint64_t{count} * argument.element_size)
            return "a count that is not its descriptor's";
    }
    return nullptr;
}

const char* wrong_with_count(const Routine& routine, const Message& message, const Slot& slot,
                             std::span<const std::byte> bytes, uint32_t count)
{
    const Argument& argument = routine.arguments[slot.argument];
    const bool is_inline = argument.kind == Kind::Varying || argument.kind == Kind::Rights;
    if (is_inline && !fits_limit(argument, count))
        return "a count above its limit";
    return wrong_with_sharers(routine, message, slot.argument, bytes, count);
}

const char* wrong_with_slot(const Routine& routine, const Message& message, const Place& place,
                            std::span<const std::byte> bytes)
{
    const Slot& slot = *place.slot;
    const std::span<const std::byte> data = bytes.subspan(place.offset, place.size);
    switch (slot.part) {
    case Part::Ndr:
        return __builtin_memcmp(data.data(), &NDR_record, sizeof NDR_record) == 0 ? nullptr
                                                                                  : "another representation";
    case Part::Count:
        return wrong_with_count(routine, message, slot, bytes, word_at(bytes, place.offset));
    case Part::StringCount: {
        const uint32_t count = word_at(bytes, place.offset);
        return count != 0 && count <= routine.arguments[slot.argument].limit
                   ? nullptr
                   : "a string of no possible length";
    }
    case Part::Value:
    case Part::Data:
        return routine.arguments[slot.argument].kind == Kind::String && !has_nul(data)
                   ? "a string without a NUL"
                   : nullptr;
    default:
        return nullptr;
    }
}

const char* wrong_with_body(const Routine& routine, const Message& message, std::span<const std::byte> bytes)
{
    if (bytes.size() < message.minimum_size || bytes.size() > message.maximum_size)
        return "a size that no such message has";
    if (!message.descriptors.empty() && word_at(bytes, header_size) != message.descriptors.size())
        return "another number of descriptors";
    for (size_t at = 0; at < message.descriptors.size(); ++at) {
        const Argument& argument = routine.arguments[message.descriptors[at]];
        if (const char* wrong =
                wrong_with_descriptor(argument, bytes, descriptor_offset(routine, message, at)))
            return wrong;
    }
    Walk walk{routine, message, bytes};
    for (Place place = walk.next(); place.slot != nullptr; place = walk.next()) {
        if (const char* wrong = wrong_with_slot(routine, message, place, bytes))
            return wrong;
    }
    return walk.ok() && walk.offset() == bytes.size() ? nullptr : "data that ends elsewhere than the message";
}

// The header says what the bytes are.
const char* wrong_with_header(std::span<const std::byte> bytes, const Message& message)
{
    if (bytes.size() < header_size)
        return "no header";
    const auto header = load<mach_msg_header_t>(bytes, 0);
    if (header.msgh_id != message.id)
        return "another id";
    return header.msgh_size == bytes.size() ? nullptr : "a size in the header that is not the message's";
}

bool is_complex(std::span<const std::byte> bytes)
{
    return MACH_MSGH_BITS_IS_COMPLEX(load<mach_msg_header_t>(bytes, 0).msgh_bits);
}

}  // namespace

uint32_t word_at(std::span<const std::byte> bytes, size_t offset) { return load<uint32_t>(bytes, offset); }

uint32_t descriptor_size(const Argument& argument)
{
    return is_port(argument) ? sizeof(mach_msg_port_descriptor_t) : sizeof(mach_msg_ool_descriptor_t);
}

uint32_t descriptor_offset(const Routine& routine, const Message& message, size_t index)
{
    uint32_t offset = header_size + (message.descriptors.empty() ? 0 : body_size);
    for (size_t at = 0; at < index; ++at)
        offset += descriptor_size(routine.arguments[message.descriptors[at]]);
    return offset;
}

uint32_t descriptors_end(const Routine& routine, const Message& message)
{
    return descriptor_offset(routine, message, message.descriptors.size());
}

Walk::Walk(const Routine& routine, const Message& message, std::span<const std::byte> bytes)
    : routine_{routine}, message_{message}, bytes_{bytes}, offset_{descriptors_end(routine, message)}
{
}

uint64_t Walk::size_of_data(const Argument& argument) const
{
    return argument.kind == Kind::String ? string_count_ : uint64_t{count_} * argument.element_size;
}

Place Walk::next()
{
    if (at_ == message_.slots.size() || !ok_)
        return {nullptr, offset_, 0};
    const Slot& slot = message_.slots[at_];
    uint64_t size = slot.size;
    if (slot.part == Part::Data)
        size = size_of_data(routine_.arguments[slot.argument]);
    ok_ = offset_ <= bytes_.size() && size <= bytes_.size() &&
          bytes_.size() - offset_ >= ((size + 3) & ~uint64_t{3});
    if (!ok_)
        return {nullptr, offset_, 0};
    ++at_;
    const Place place{&slot, offset_, static_cast<uint32_t>(size)};
    if (slot.part == Part::Count)
        count_ = word_at(bytes_, offset_);
    if (slot.part == Part::StringCount)
        string_count_ = word_at(bytes_, offset_);
    offset_ += padded(place.size);
    return place;
}

const char* wrong_with_request(const Routine& routine, std::span<const std::byte> bytes)
{
    if (const char* wrong = wrong_with_header(bytes, routine.request))
        return wrong;
    if (is_complex(bytes) == routine.request.descriptors.empty())
        return "complex and simple confused";
    return wrong_with_body(routine, routine.request, bytes);
}

const char* wrong_with_reply(const Routine& routine, std::span<const std::byte> bytes)
{
    if (routine.simple)
        return "a reply to what has none";
    if (const char* wrong = wrong_with_header(bytes, routine.reply))
        return wrong;
    if (!is_complex(bytes) && bytes.size() == sizeof(mig_reply_error_t)) {
        const auto error = load<mig_reply_error_t>(bytes, 0);
        if (error.RetCode != 0)
            return __builtin_memcmp(&error.NDR, &NDR_record, sizeof NDR_record) == 0
                       ? nullptr
                       : "another representation";
    }
    if (is_complex(bytes) == routine.reply.descriptors.empty())
        return "complex and simple confused";
    return wrong_with_body(routine, routine.reply, bytes);
}

}  // namespace mig::description
