// mig/runtime/fuzz.cpp
#include <mig/fuzz.h>

#include <mig/walk.h>

#include <string_view>

#include <mach/ndr.h>

namespace mig::fuzz {

using namespace description;

namespace {

template <class T>
void store(std::span<std::byte> room, uint32_t offset, const T& value)
{
    __builtin_memcpy(room.data() + offset, &value, sizeof value);
}

template <class T>
T load(std::span<const std::byte> room, uint32_t offset)
{
    T value;
    __builtin_memcpy(&value, room.data() + offset, sizeof value);
    return value;
}

// What a sender that may choose sends: something of each kind.
uint32_t chosen_disposition(const Argument& argument, Random& random)
{
    if (argument.sent != polymorphic)
        return argument.sent;
    if (argument.received == MACH_MSG_TYPE_MOVE_RECEIVE)
        return MACH_MSG_TYPE_MOVE_RECEIVE;
    if (argument.received == MACH_MSG_TYPE_MOVE_SEND_ONCE)
        return MACH_MSG_TYPE_MAKE_SEND_ONCE;
    constexpr uint32_t any[] = {MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MOVE_SEND,
                                MACH_MSG_TYPE_MAKE_SEND_ONCE, MACH_MSG_TYPE_MOVE_RECEIVE};
    return any[random.below(argument.received == polymorphic ? std::size(any) : 3)];
}

}  // namespace

std::optional<uint64_t> World::value(const Routine&, const Argument&) { return std::nullopt; }

std::optional<std::string_view> World::text(const Routine&, const Argument&) { return std::nullopt; }

void World::fill(const Routine&, const Argument&, std::span<std::byte>) {}

// Builds one request: descriptors, data, header, and the change where it belongs.
class Generator::Builder {
public:
    Builder(Generator& generator, Request& request, Change change)
        : generator_{generator},
          world_{generator.world_},
          random_{generator.random_},
          request_{request},
          routine_{*request.routine},
          message_{routine_.request},
          room_{request.room},
          change_{change}
    {
    }

    void run(Destination destination, mach_port_name_t reply_port)
    {
        put_descriptors();
        request_.size = descriptors_end(routine_, message_);
        for (size_t at = 0; at < message_.slots.size(); ++at)
            put_slot(at, message_.slots[at]);
        put_header(destination, reply_port);
        change_header();
        for (size_t at = 0; at < message_.descriptors.size(); ++at)
            change_descriptor(at);
        change_data();
        change_size();
    }

private:
    bool is(Change::What what, size_t index) const { return change_.what == what && change_.index == index; }

    void put_header(Destination destination, mach_port_name_t reply_port)
    {
        mach_msg_header_t header{};
        const uint32_t complex = message_.descriptors.empty() ? 0 : MACH_MSGH_BITS_COMPLEX;
        const uint32_t local = routine_.simple ? 0 : MACH_MSG_TYPE_MAKE_SEND_ONCE;
        header.msgh_bits = MACH_MSGH_BITS(destination.disposition, local) | complex;
        header.msgh_size = request_.size;
        header.msgh_remote_port = destination.name;
        header.msgh_local_port = routine_.simple ? MACH_PORT_NULL : reply_port;
        header.msgh_id = message_.id;
        store(room_, 0, header);
    }

    // ---- Descriptors

    void put_descriptors()
    {
        if (!message_.descriptors.empty())
            store(room_, sizeof(mach_msg_header_t), static_cast<uint32_t>(message_.descriptors.size()));
        for (size_t at = 0; at < message_.descriptors.size(); ++at) {
            const Argument& argument = routine_.arguments[message_.descriptors[at]];
            const uint32_t offset = descriptor_offset(routine_, message_, at);
            if (argument.kind == Kind::Port || (argument.kind == Kind::Rights && is_used(at)))
                put_right(argument, offset);
            else if (argument.kind == Kind::Rights)
                put_no_right(argument, offset);
            else
                put_region(at, argument, offset);
        }
    }

    void put_right(const Argument& argument, uint32_t offset)
    {
        const uint32_t disposition = chosen_disposition(argument, random_);
        mach_msg_port_descriptor_t port{};
        port.name = world_.right(routine_, argument, disposition);
        port.disposition = disposition & 0xffu;
        port.type = MACH_MSG_PORT_DESCRIPTOR;
        store(room_, offset, port);
    }

    // Is this descriptor one of as many rights as are sent?
    bool is_used(size_t index)
    {
        const uint8_t number = message_.descriptors[index];
        const Argument& argument = routine_.arguments[number];
        if (argument.fixed_count)
            return true;
        size_t first = index;
        while (first != 0 && message_.descriptors[first - 1] == number)
            --first;
        return index - first < count_of(argument.counted_by);
    }

    void put_no_right(const Argument& argument, uint32_t offset)
    {
        mach_msg_port_descriptor_t port{};
        port.disposition = chosen_disposition(argument, random_) & 0xffu;
        port.type = MACH_MSG_PORT_DESCRIPTOR;
        store(room_, offset, port);
    }

    // The elements of an array, chosen when it is first asked for.
    uint32_t count_of(uint8_t number)
    {
        if (!is_counted_[number])
            counts_[number] = random_count(0, routine_.arguments[number].limit);
        is_counted_[number] = true;
        return counts_[number];
    }

    // Memory or rights out of line.
    void put_region(size_t index, const Argument& argument, uint32_t offset)
    {
        const bool is_ports = argument.kind == Kind::Ports;
        const uint32_t unit = is_ports ? sizeof(mach_port_name_t) : argument.element_size;
        const uint32_t most = memory_limit / unit;
        const uint32_t limit = argument.limit == 0 || argument.limit > most ? most : argument.limit;
        // Few, most of the time: large regions teach nothing new.
        const uint8_t number = message_.descriptors[index];
        const uint32_t count =
            argument.fixed_count ? limit
            : argument.counted_by != number
                ? count_of(argument.counted_by)
                : static_cast<uint32_t>(random_.below(random_.below(16) == 0 ? limit + 1 : limit / 256 + 5));
        const bool leaves = argument.dealloc || is(Change::Deallocate, index) ||
                            (argument.dealloc_by_caller && random_.below(2) == 0);
        const uint32_t elements = count > limit ? limit : count;
        std::byte* memory = world_.memory(areas_++, size_t{elements} * unit, leaves);
        const uint32_t present = memory == nullptr ? 0 : elements;
        const uint32_t disposition = is_ports ? chosen_disposition(argument, random_) : 0;
        for (uint32_t at = 0; is_ports && at < present; ++at) {
            const mach_port_name_t name = world_.right(routine_, argument, disposition);
            __builtin_memcpy(memory + at * sizeof name, &name, sizeof name);
        }
        mach_msg_ool_ports_descriptor_t region{};
        region.address = reinterpret_cast<uint64_t>(memory);
        region.deallocate = leaves ? 1 : 0;
        region.copy = MACH_MSG_VIRTUAL_COPY;
        region.disposition = disposition & 0xffu;
        region.type = is_ports ? MACH_MSG_OOL_PORTS_DESCRIPTOR : MACH_MSG_OOL_DESCRIPTOR;
        region.count = is_ports ? present : present * unit;  // Both kinds have their extent at one place.
        store(room_, offset, region);
        counts_[number] = present;
        is_counted_[number] = true;
    }

    void change_descriptor(size_t index)
    {
        const uint32_t offset = descriptor_offset(routine_, message_, index);
        const auto value = static_cast<uint32_t>(change_.value);
        const Argument& argument = routine_.arguments[message_.descriptors[index]];
        const uint32_t word = offset + 8;  // The word that holds kind, disposition and options.
        auto bits = load<uint32_t>(room_, word);
        if (is(Change::DescriptorType, index))
            bits = (bits & 0x00ffffff) | value << 24;
        if (is(Change::Disposition, index))
            bits = (bits & 0xff00ffff) | value << 16;
        if (is(Change::CopyOption, index))
            bits = (bits & 0xffff00ff) | value << 8;
        store(room_, word, bits);
        if (is(Change::RightName, index))
            store(room_, offset, value);
        if (is(Change::MemoryAddress, index)) {
            store(room_, offset, world_.address(static_cast<BadAddress>(value)));
            if (load<uint32_t>(room_, offset + 12) == 0)
                store(room_, offset + 12, argument.kind == Kind::Ports ? 1 : argument.element_size);
        }
        if (is(Change::MemorySize, index))
            store(room_, offset + 12, value);
    }

    // ---- Data

    void put_slot(size_t index, const Slot& slot)
    {
        request_.offsets[index] = request_.size;
        switch (slot.part) {
        case Part::Ndr:
            put(NDR_record);
            break;
        case Part::Count:
            put(choose_count(index, slot));
            break;
        case Part::StringOffset:
            put(uint32_t{0});
            break;
        case Part::StringCount:
            put(choose_count(index, slot));
            break;
        case Part::Capacity:
            put(static_cast<uint32_t>(random_.below(routine_.arguments[slot.argument].limit + 1)));
            break;
        case Part::ReturnCode:
            put(uint32_t{0});
            break;
        case Part::Value:
        case Part::Data:
            put_data(slot);
            break;
        }
    }

    uint32_t choose_count(size_t index, const Slot& slot)
    {
        const Argument& argument = routine_.arguments[slot.argument];
        uint32_t& count = counts_[slot.argument];
        if (argument.kind == Kind::Varying)
            count_of(slot.argument);
        if (argument.kind == Kind::String) {
            text_ = world_.text(routine_, argument);
            count = text_ && text_->size() < argument.limit ? static_cast<uint32_t>(text_->size() + 1)
                                                            : random_count(1, argument.limit);
        }
        if (is(Change::Count, index))
            count = static_cast<uint32_t>(change_.value);
        return count;
    }

    // Short ones are the rule, and both ends come often.
    uint32_t random_count(uint32_t least, uint32_t limit)
    {
        switch (random_.below(8)) {
        case 0:
            return least;
        case 1:
            return limit;
        case 2:
            return least + static_cast<uint32_t>(random_.below(limit - least + 1));
        default: {
            const uint32_t few = limit - least < 16 ? limit - least : 16;
            return least + static_cast<uint32_t>(random_.below(few + 1));
        }
        }
    }

    void put_data(const Slot& slot)
    {
        const Argument& argument = routine_.arguments[slot.argument];
        const uint32_t size =
            slot.part == Part::Data ? counts_[argument.counted_by] * argument.element_size : slot.size;
        const uint32_t offset = request_.size;
        if (argument.kind == Kind::Scalar) {
            const uint64_t value = generator_.scalar(routine_, argument, size);
            __builtin_memcpy(room_.data() + offset, &value, size);
        } else if (argument.kind == Kind::String) {
            if (slot.part == Part::Value)
                text_ = world_.text(routine_, argument);
            put_string(offset, size);
        } else {
            put_bytes(argument, offset, size);
            world_.fill(routine_, argument, room_.subspan(offset, size));
        }
        end(size);
    }

    void put_bytes(const Argument& argument, uint32_t offset, uint32_t size)
    {
        if (argument.format == Format::Character)
            return put_text(offset, size);
        for (uint32_t at = 0; at < size; ++at)
            room_[offset + at] = static_cast<std::byte>(random_.next());
    }

    // One that has room for more than the text has letters behind its NUL.
    void put_string(uint32_t offset, uint32_t size)
    {
        if (size == 0)
            return;
        put_text(offset, size - 1);
        room_[offset + size - 1] = std::byte{0};
        if (!text_ || text_->size() >= size)
            return;
        for (const char letter : *text_)
            room_[offset++] = static_cast<std::byte>(letter);
        room_[offset] = std::byte{0};
    }

    // Letters, so that what is shown to a person stays readable.
    void put_text(uint32_t offset, uint32_t size)
    {
        constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz/._-0123456789";
        for (uint32_t at = 0; at < size; ++at)
            room_[offset + at] = static_cast<std::byte>(letters[random_.below(letters.size())]);
    }

    template <class T>
    void put(const T& value)
    {
        store(room_, request_.size, value);
        end(sizeof value);
    }

    void end(uint32_t size)
    {
        for (uint32_t at = size; at < padded(size); ++at)
            room_[request_.size + at] = std::byte{0};
        request_.size += padded(size);
    }

    void change_data()
    {
        if (change_.what < Change::Representation)
            return;
        const Slot& slot = message_.slots[change_.index];
        const uint32_t offset = request_.offsets[change_.index];
        switch (change_.what) {
        case Change::Representation:
            room_[offset + change_.value] ^= std::byte{1};
            break;
        case Change::CountAlone:
            store(room_, offset, static_cast<uint32_t>(change_.value));
            break;
        case Change::Value:
            __builtin_memcpy(room_.data() + offset, &change_.value, slot.size);
            break;
        case Change::ValueAddress:
            store(room_, offset, world_.address(static_cast<BadAddress>(change_.value)));
            break;
        case Change::Unterminated: {
            const uint32_t size = slot.part == Part::Data ? counts_[slot.argument] : slot.size;
            __builtin_memset(room_.data() + offset, 'x', size);
            break;
        }
        default:
            break;
        }
    }

    // ---- Header and size

    void change_header()
    {
        auto header = load<mach_msg_header_t>(room_, 0);
        const auto value = static_cast<uint32_t>(change_.value);
        switch (change_.what) {
        case Change::Complex:
            header.msgh_bits ^= MACH_MSGH_BITS_COMPLEX;
            break;
        case Change::Bits:
            header.msgh_bits |= value;
            break;
        case Change::RemoteDisposition:
            header.msgh_bits = (header.msgh_bits & ~0x1fu) | value;
            break;
        case Change::LocalDisposition:
            header.msgh_bits = (header.msgh_bits & ~0x1f00u) | value << 8;
            break;
        case Change::NoReplyPort:
            header.msgh_bits &= ~0x1f00u;
            header.msgh_local_port = MACH_PORT_NULL;
            break;
        case Change::Id:
            header.msgh_id = static_cast<mach_msg_id_t>(static_cast<uint32_t>(header.msgh_id) + value);
            break;
        default:
            break;
        }
        store(room_, 0, header);
        if (change_.what == Change::DescriptorCount)
            store(room_, sizeof(mach_msg_header_t), value);
    }

    void change_size()
    {
        const auto value = static_cast<uint32_t>(change_.value);
        if (change_.what == Change::Size) {
            for (uint32_t at = request_.size; at < value; ++at)
                room_[at] = std::byte{0};
            request_.size = value;
        }
        if (change_.what == Change::Size || change_.what == Change::SizeInHeader)
            store(room_, offsetof(mach_msg_header_t, msgh_size), value);
    }

    Generator& generator_;
    World& world_;
    Random& random_;
    Request& request_;
    const Routine& routine_;
    const Message& message_;
    std::span<std::byte> room_;
    Change change_;
    uint32_t areas_ = 0;
    std::array<uint32_t, most_slots> counts_{};  // By argument.
    std::array<bool, most_slots> is_counted_{};
    std::optional<std::string_view> text_;  // Of the string that is being put.
};

Request Generator::request(const Routine& routine, std::span<std::byte> room, Destination destination,
                           mach_port_name_t reply_port, uint32_t change)
{
    Request request{&routine, room};
    Builder{*this, request, request_change(routine, change)}.run(destination, reply_port);
    return request;
}

// Small numbers are what routines take; others come, too.
uint64_t Generator::scalar(const Routine& routine, const Argument& argument, uint32_t size)
{
    if (const std::optional<uint64_t> chosen = world_.value(routine, argument))
        return *chosen;
    if (argument.format == Format::Boolean)
        return random_.below(2);
    const uint64_t any = random_.next();
    switch (random_.below(4)) {
    case 0:
        return any;
    case 1:
        return any & 0xfff000;  // Whole pages.
    default:
        return any % (size == 8 ? 4096 : 16);
    }
}

void Generator::damage(Request& request)
{
    constexpr uint32_t first = sizeof(mach_msg_header_t);
    for (uint64_t left = random_.below(4); left != 0 && request.size > first; --left) {
        const auto at = static_cast<uint32_t>(first + random_.below(request.size - first));
        request.room[at] = random_.below(3) == 0 ? std::byte{0xff} : static_cast<std::byte>(random_.next());
    }
    if (random_.below(4) == 0) {
        const auto size = static_cast<uint32_t>(first + random_.below(request.size + 64 - first)) & ~3u;
        for (uint32_t at = request.size; at < size; ++at)
            request.room[at] = std::byte{0};
        request.size = size;
        request.header()->msgh_size = size;
    }
}

}  // namespace mig::fuzz
