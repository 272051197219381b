// tests/system/unix/hostile/shared.h
//
// What the test and the children that attack for it both see: how far the attack has come, and what it has found.  A child may
// die of any message that it sends, so it says here what it is about to do before it does it.
//
// Owner       the test, which maps it before the first child; one child at a time writes.
#pragma once

#include <array>
#include <cstdint>

#include <mig/fuzz.h>

#include <catalogue.h>

namespace hostile {

// Ports of a process, one of every kind that it has at the services.
enum class Victim : uint8_t {
    Process,
    Fs,
    File,
    FileOfAnother,  // Open for reading; no more is permitted.
    Directory,
    PipeReader,
    PipeWriter,
    Fifo,
    Terminal,
    Device,
    ProcFile,
    Mapping,  // What file_map() gives.
    count
};
inline constexpr uint32_t victims = static_cast<uint32_t>(Victim::count);
inline constexpr uint32_t most_routines = 512;
inline constexpr uint32_t most_interfaces = 64;

// Beyond those that are wrong in one place: with bytes damaged at random.
inline constexpr uint32_t damaged_requests = 32;

struct Tally {
    uint32_t sent = 0, answered = 0, succeeded = 0, let_go = 0, parked = 0, children = 0;
};

struct Shared {
    std::array<uint16_t, most_routines> known{};  // Bit V: victim V serves the routine.
    std::array<uint32_t, most_interfaces> succeeded{};
    Tally tally;
    uint32_t next = 0;  // The first item that nobody has begun.
    bool over = false;
    char last_item[120] = {};  // That somebody has begun.
    char complaint[80] = {};
};

// Every routine that is no trap, with its number in Shared::known.
template <class Visit>
void for_each_routine(Visit visit)
{
    uint32_t number = 0, interface_number = 0;
    for (const mig::description::Interface* interface : mig::description::system_interfaces) {
        for (const mig::description::Routine& routine : interface->routines) {
            if (!interface->is_traps && number < most_routines)
                visit(number++, interface_number, *interface, routine);
        }
        ++interface_number;
    }
}

}  // namespace hostile
