// mig/fuzz.h
//
// Requests and trap calls made from an interface's table: good ones, and ones that are wrong in one chosen place.  Whoever
// tries them needs to know no routine by name, so a new routine is tried without a new line of test.  docs/fuzzing.md.
//
//     Generator generator{world, seed};
//     for (uint32_t n = 0; n < request_changes(routine); ++n) {
//         Request request = generator.request(routine, room, {port, MACH_MSG_TYPE_COPY_SEND}, reply_port, n);
//         mach_msg(request.header(), ..., request.size, ...);
//     }
//
// Change 0 is none: the request is good.  The same seed, table and World give the same bytes.  Freestanding: no
// allocation, no exceptions, no libc.
#ifndef MIG_FUZZ_H
#define MIG_FUZZ_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <mig/description.h>

namespace mig::fuzz {

using description::Argument;
using description::Routine;

// Steele, Lea and Flood's splitmix64: short, and good enough to choose with.
class Random {
public:
    explicit constexpr Random(uint64_t seed) : state_{seed} {}

    constexpr uint64_t next()
    {
        uint64_t value = state_ += 0x9e3779b97f4a7c15;
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return value ^ (value >> 31);
    }
    // Below `bound`, which is not 0.
    constexpr uint64_t below(uint64_t bound) { return next() % bound; }

private:
    uint64_t state_;
};

enum class BadAddress : uint8_t {
    Null,
    Unmapped,
    Kernel,  // Where the kernel is mapped, out of the reach of users.
    NonCanonical,
    ReadOnly,  // Good to read from.
    LastByte,  // Of a page that is followed by nothing.
};
inline constexpr uint32_t bad_addresses = 6;

// What the program that tries them has.
class World {
public:
    // A name of our space that can be sent with `disposition`.
    virtual mach_port_name_t right(const Routine& routine, const Argument& argument,
                                   uint32_t disposition) = 0;

    // The `index`-th stretch of at least `size` bytes that the next message or call refers to; null if there is no such.
    // It is ours until the next message is made.  If it `leaves`, the message takes it away.
    virtual std::byte* memory(uint32_t index, size_t size, bool leaves) = 0;

    virtual uint64_t address(BadAddress kind) = 0;

    // A value for a scalar that is not to be left to chance (a time limit, say).
    virtual std::optional<uint64_t> value(const Routine& routine, const Argument& argument);

    // A string that its server may know (a path, say), without its NUL, instead of letters.
    virtual std::optional<std::string_view> text(const Routine& routine, const Argument& argument);

    // What a structure or an array holds: chance has filled `bytes` already.
    virtual void fill(const Routine& routine, const Argument& argument, std::span<std::byte> bytes);

protected:
    ~World() = default;
};

// Out-of-line data is no larger than this, however much its limit allows.
inline constexpr uint32_t memory_limit = 64 * 1024;
// Room for every request, also for one with an array beyond its limit.
inline constexpr uint32_t request_room = 136 * 1024;
inline constexpr uint32_t most_slots = 64;

// What is wrong with a request.  `index` is a descriptor's or a slot's.
struct Change {
    enum What : uint8_t {
        None,
        // The header
        Complex,  // The bit is the other way round.
        Bits,     // `value` is among them, which no message has.
        RemoteDisposition,
        LocalDisposition,
        NoReplyPort,
        Id,  // Off by `value`.
        // The whole
        Size,          // As sent: `value` bytes.
        SizeInHeader,  // In the header only, which the kernel does not believe.
        // Descriptors
        DescriptorCount,
        DescriptorType,
        Disposition,
        RightName,
        MemoryAddress,  // `value` is a BadAddress.
        MemorySize,
        CopyOption,
        Deallocate,
        // Data
        Representation,  // Byte `value` of the NDR record.
        Value,
        ValueAddress,  // `value` is a BadAddress.
        Count,         // The array has so many elements.
        CountAlone,    // The count says so, the array has not.
        Unterminated,  // A string without its NUL.
    };
    What what = None;
    uint8_t index = 0;
    uint64_t value = 0;
};

const char* name_of(Change::What what);

// Every change that the request can have, in a fixed order; number 0 is None.
uint32_t request_changes(const Routine& routine);
Change request_change(const Routine& routine, uint32_t number);

struct Destination {
    mach_port_name_t name;
    uint32_t disposition;
};

struct Request {
    const Routine* routine = nullptr;
    std::span<std::byte> room;
    uint32_t size = 0;                           // To be sent.
    std::array<uint32_t, most_slots> offsets{};  // Of the slots.

    mach_msg_header_t* header() const { return reinterpret_cast<mach_msg_header_t*>(room.data()); }
    std::span<const std::byte> bytes() const { return room.first(size); }
};

// A trap's number and what goes into its registers.
struct TrapCall {
    uint64_t number = 0;
    std::array<uint64_t, 6> arguments{};
};

// Each pointer as each BadAddress, then each number at its bounds; number 0 is a good call.
uint32_t trap_changes(const Routine& trap);
// The argument that a change is of.
const Argument* trap_change_argument(const Routine& trap, uint32_t number);

class Generator {
public:
    Generator(World& world, uint64_t seed) : world_{world}, random_{seed} {}

    // `room` is aligned to 8 bytes and has request_room bytes.  Bytes of it that are not part of the request stay as they are.
    Request request(const Routine& routine, std::span<std::byte> room, Destination destination,
                    mach_port_name_t reply_port, uint32_t change = 0);

    TrapCall trap(const Routine& trap, uint32_t change = 0);

    // Overwrites a few bytes behind the header, and sometimes cuts or stretches the message.
    void damage(Request& request);

    Random& random() { return random_; }

private:
    class Builder;

    uint64_t scalar(const Routine& routine, const Argument& argument, uint32_t size);

    World& world_;
    Random random_;
};

}  // namespace mig::fuzz

#endif
