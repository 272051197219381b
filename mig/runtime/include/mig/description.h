// mig/description.h
//
// An interface as a table: what `mig generate --lang description` makes, for programs that read or make messages without
// knowing the interface when they are compiled (decoders of traces, fuzzers).  Freestanding; all of it is constant data.
//
// Invariants  (T1) Slots are in wire order; a slot's `offset` is exact unless it `moves`, else the one that it has when all
//                  varying data before it is at its limit.
//             (T2) Descriptors stand in the order of Message::descriptors, the first behind the header and their count.
//             (T3) An index of an argument is one in its routine's `arguments`.
#ifndef MIG_DESCRIPTION_H
#define MIG_DESCRIPTION_H

#include <cstdint>
#include <span>

#include <mach/message.h>

namespace mig::description {

enum class Kind : uint8_t {
    Scalar,
    Structure,
    Array,
    Varying,
    String,
    Port,
    Memory,   // Out of line.
    Ports,    // Rights out of line.
    Pointer,  // Of a trap.
    Rights,   // Always `limit` port descriptors in the message.
};

enum class Format : uint8_t {
    Signed,
    Unsigned,
    Boolean,
    Character,
    Real,
    Address,
    Size,
    ReturnCode,
    PortName,
    Bytes
};

enum class Role : uint8_t {
    Data,
    RequestPort,
    ReplyPort,
    WaitTime,
    SendTime,
    MsgOption,
    MsgSeqno,
    ReturnCode,
    AuditToken,
    SecurityToken,
    ContextToken
};

inline constexpr uint8_t no_argument = 0xff;
inline constexpr uint8_t polymorphic = 0xff;  // A disposition that the sender chooses.

struct Argument {
    const char* name;
    const char* type;
    Kind kind;
    Format format;  // Of each element, if there are several.
    Role role;
    bool in, out;
    bool varying;      // A string of which only the bytes it needs travel.
    bool fixed_count;  // Out of line: always `limit` elements, and no count travels.
    bool dealloc, dealloc_by_caller;
    uint8_t sent, received;  // MACH_MSG_TYPE_* of a right, 0 if it is none.
    uint8_t extent;          // The argument of the trap that counts a pointer's elements.
    uint32_t size;           // Inline, at most.
    uint32_t element_size;
    uint32_t limit;      // Elements; 0 if there is none.
    uint8_t counted_by;  // The argument that has its count: itself, or an earlier one.
};

enum class Part : uint8_t { Ndr, ReturnCode, Value, Count, StringOffset, StringCount, Capacity, Data };

struct Slot {
    Part part;
    uint8_t argument;
    bool moves;
    uint32_t offset, size;
};

struct Message {
    mach_msg_id_t id;
    uint32_t minimum_size, maximum_size;
    std::span<const uint8_t> descriptors;  // Arguments; one of several rights is there several times.
    std::span<const Slot> slots;
};

struct Routine {
    const char* name;
    uint32_t number;  // The request's id, or the trap's number.
    bool simple;
    std::span<const Argument> arguments;
    Message request, reply;
};

struct Interface {
    const char* name;
    bool is_traps;
    uint32_t base, end;  // The first id, and the one after the last.
    std::span<const Routine> routines;
};

// The interfaces that a program knows; made by mig_descriptions() of cmake/Mig.cmake.
using Catalogue = std::span<const Interface* const>;

struct Found {
    const Interface* interface = nullptr;
    const Routine* routine = nullptr;
    bool is_reply = false;
};

// Whose request or reply has this id?
constexpr Found find(Catalogue catalogue, mach_msg_id_t id)
{
    for (const Interface* interface : catalogue) {
        for (const Routine& routine : interface->routines) {
            if (interface->is_traps)
                break;
            if (routine.request.id == id)
                return {interface, &routine, false};
            if (!routine.simple && routine.reply.id == id)
                return {interface, &routine, true};
        }
    }
    return {};
}

}  // namespace mig::description

#endif
