// mig/runtime/fuzz_changes.cpp
//
// What can be wrong with a request or a trap call: the list, in its order.  Nothing here looks at a message.
#include <mig/fuzz.h>

#include <mig/walk.h>

namespace mig::fuzz {

namespace {

using namespace description;

constexpr uint32_t word_bounds[] = {0, 1, 0xffffffff, 0x7fffffff, 0x80000000};
constexpr uint64_t long_bounds[] = {
    0,     1,      ~uint64_t{0},         0x7fffffffffffffff, uint64_t{1} << 63,
    0xfff, 0x1000, uint64_t{0xffffffff}, uint64_t{1} << 32};

// Counts and offsets an element of a message by a callback; stops when it answers false.
template <class Visit>
class Lister {
public:
    Lister(const Routine& routine, Visit visit) : routine_{routine}, message_{routine.request}, visit_{visit}
    {
    }

    void run()
    {
        add(Change::None);
        header();
        sizes();
        for (size_t at = 0; at < message_.descriptors.size(); ++at)
            descriptor(static_cast<uint8_t>(at), routine_.arguments[message_.descriptors[at]]);
        for (size_t at = 0; at < message_.slots.size(); ++at)
            slot(static_cast<uint8_t>(at), message_.slots[at]);
    }

private:
    void add(Change::What what, uint8_t index = 0, uint64_t value = 0) { visit_(Change{what, index, value}); }

    void header()
    {
        add(Change::Complex);
        for (const uint32_t bit : {0x20u, 0x2000u, 0x00800000u, 0x40000000u})
            add(Change::Bits, 0, bit);
        for (const uint32_t disposition : {0u, 15u, 16u, 17u, 18u, 20u, 21u, 22u})
            add(Change::RemoteDisposition, 0, disposition);
        for (const uint32_t disposition : {15u, 16u, 17u, 18u, 19u, 22u})
            add(Change::LocalDisposition, 0, disposition);
        add(Change::NoReplyPort);
        for (const uint32_t distance : {0xffffffffu, 1u, 100u, 0x40000000u})
            add(Change::Id, 0, distance);
    }

    void sizes()
    {
        const uint32_t least = message_.minimum_size, most = message_.maximum_size;
        for (const uint32_t size :
             {0u, 20u, 23u, 24u, 28u, 32u, least - 4, least - 1, least + 1, least + 4, most + 4, most + 64})
            add(Change::Size, 0, size);
        for (const uint32_t size : {0u, least - 4, most + 4, 0xffffffffu})
            add(Change::SizeInHeader, 0, size);
        if (message_.descriptors.empty())
            return;
        const auto count = static_cast<uint32_t>(message_.descriptors.size());
        for (const uint32_t other : {0u, count - 1, count + 1, 1024u, 0x10000000u, 0xffffffffu})
            add(Change::DescriptorCount, 0, other);
    }

    void descriptor(uint8_t index, const Argument& argument)
    {
        for (const uint32_t type : {0u, 1u, 2u, 3u, 4u, 255u})
            add(Change::DescriptorType, index, type);
        if (argument.kind != Kind::Memory) {
            for (const uint32_t disposition : {0u, 15u, 16u, 17u, 18u, 19u, 20u, 21u, 22u, 255u})
                add(Change::Disposition, index, disposition);
        }
        if (argument.kind == Kind::Port || argument.kind == Kind::Rights) {
            for (const uint32_t name : {0u, 0xffffffffu, 1u, 0x7fffff00u})
                add(Change::RightName, index, name);
            return;
        }
        for (uint32_t kind = 0; kind < bad_addresses; ++kind)
            add(Change::MemoryAddress, index, kind);
        for (const uint32_t size : {0u, 1u, argument.limit, argument.limit + 1, 0x7fffffffu, 0xffffffffu})
            add(Change::MemorySize, index, size);
        for (const uint32_t option : {0u, 2u, 3u, 255u})
            add(Change::CopyOption, index, option);
        add(Change::Deallocate, index);
    }

    void counts(uint8_t index, const Argument& argument)
    {
        const bool is_inline = argument.kind == Kind::Varying;
        for (const uint32_t count : {0u, 1u, argument.limit, argument.limit + 1}) {
            if (is_inline)
                add(Change::Count, index, count);
            add(Change::CountAlone, index, count);
        }
        for (const uint32_t count : {0x40000001u, 0x80000000u, 0xffffffffu})
            add(Change::CountAlone, index, count);
    }

    void values(uint8_t index, const Argument& argument)
    {
        if (argument.kind != Kind::Scalar)
            return;
        if (argument.size != sizeof(uint64_t)) {
            for (const uint32_t value : word_bounds)
                add(Change::Value, index, value);
            return;
        }
        for (const uint64_t value : long_bounds)
            add(Change::Value, index, value);
        for (uint32_t kind = 1; kind < bad_addresses; ++kind)  // 0 was among the bounds.
            add(Change::ValueAddress, index, kind);
    }

    void slot(uint8_t index, const Slot& slot)
    {
        switch (slot.part) {
        case Part::Ndr:
            for (uint32_t byte = 0; byte < slot.size; ++byte)
                add(Change::Representation, index, byte);
            break;
        case Part::Count:
        case Part::StringCount:
            counts(index, routine_.arguments[slot.argument]);
            break;
        case Part::Capacity:
            for (const uint32_t count : {0u, 1u, routine_.arguments[slot.argument].limit,
                                         routine_.arguments[slot.argument].limit + 1, 0xffffffffu})
                add(Change::Value, index, count);
            break;
        case Part::StringOffset:
            add(Change::Value, index, 0xffffffff);
            break;
        case Part::Value:
            values(index, routine_.arguments[slot.argument]);
            [[fallthrough]];
        case Part::Data:
            if (routine_.arguments[slot.argument].kind == Kind::String)
                add(Change::Unterminated, index);
            break;
        case Part::ReturnCode:
            break;
        }
    }

    const Routine& routine_;
    const Message& message_;
    Visit visit_;
};

uint32_t changes_of(const Argument& argument)
{
    if (argument.kind == Kind::Pointer)
        return bad_addresses;
    return argument.size == sizeof(uint64_t) ? std::size(long_bounds) : std::size(word_bounds);
}

}  // namespace

const char* name_of(Change::What what)
{
    constexpr const char* names[] = {"nothing",
                                     "complex bit",
                                     "header bits",
                                     "remote disposition",
                                     "local disposition",
                                     "no reply port",
                                     "id",
                                     "size",
                                     "size in the header",
                                     "descriptor count",
                                     "descriptor type",
                                     "disposition",
                                     "name of a right",
                                     "memory address",
                                     "memory size",
                                     "copy option",
                                     "deallocate",
                                     "representation",
                                     "value",
                                     "address in a value",
                                     "count",
                                     "count alone",
                                     "string without NUL"};
    return names[what];
}

uint32_t request_changes(const Routine& routine)
{
    uint32_t count = 0;
    const auto visit = [&count](const Change&) { ++count; };
    Lister{routine, visit}.run();
    return count;
}

Change request_change(const Routine& routine, uint32_t number)
{
    Change found;
    const auto visit = [&found, at = uint32_t{0}, number](const Change& change) mutable {
        if (at++ == number)
            found = change;
    };
    Lister{routine, visit}.run();
    return found;
}

uint32_t trap_changes(const Routine& trap)
{
    uint32_t count = 1;
    for (const Argument& argument : trap.arguments)
        count += changes_of(argument);
    return count;
}

const Argument* trap_change_argument(const Routine& trap, uint32_t number)
{
    uint32_t first = 1;
    for (const Argument& argument : trap.arguments) {
        const uint32_t count = changes_of(argument);
        if (number >= first && number < first + count)
            return &argument;
        first += count;
    }
    return nullptr;
}

TrapCall Generator::trap(const Routine& trap, uint32_t change)
{
    TrapCall call;
    call.number = trap.number;
    uint32_t first = 1;
    uint32_t areas = 0;
    for (size_t at = 0; at < trap.arguments.size(); ++at) {
        const Argument& argument = trap.arguments[at];
        uint64_t& value = call.arguments[at];
        const uint32_t count = changes_of(argument);
        const bool is_changed = change >= first && change < first + count;
        const uint32_t which = change - first;
        first += count;
        if (argument.kind == Kind::Pointer) {
            const uint64_t elements =
                argument.limit != 0 ? argument.limit : memory_limit / argument.element_size;
            std::byte* memory = world_.memory(areas++, elements * argument.element_size, false);
            value = is_changed ? world_.address(static_cast<BadAddress>(which))
                               : reinterpret_cast<uint64_t>(memory);
        } else if (is_changed) {
            value = argument.size == sizeof(uint64_t) ? long_bounds[which] : word_bounds[which];
        } else {
            value = scalar(trap, argument, argument.size);
        }
    }
    // A count is that of the room behind its pointer.
    for (size_t at = 0; at < trap.arguments.size(); ++at) {
        const Argument& argument = trap.arguments[at];
        if (argument.extent != no_argument &&
            trap_change_argument(trap, change) != &trap.arguments[argument.extent])
            call.arguments[argument.extent] %= memory_limit / argument.element_size + 1;
    }
    return call;
}

}  // namespace mig::fuzz
