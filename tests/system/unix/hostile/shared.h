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

enum class Victim : uint8_t {
    // What a process has at the services: one port of every kind.
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
    // What services have at each other for this process, and the kernel at them.
    ExceptionPort,
    Pager,  // Of its file.
    TerminalDescription,
    PipeDescription,
    FifoDescription,
    // What is there for everybody.
    BootstrapOfDriver,
    BootstrapOfServer,
    FirstService,
};
inline constexpr uint32_t first_inner = static_cast<uint32_t>(Victim::ExceptionPort);
inline constexpr uint32_t first_common = static_cast<uint32_t>(Victim::BootstrapOfDriver);
inline constexpr uint32_t first_service = static_cast<uint32_t>(Victim::FirstService);
inline constexpr uint32_t most_services = 8;  // That bootstrap knows by name.
inline constexpr uint32_t victims = first_service + most_services;
inline constexpr uint32_t most_routines = 512;

// Beyond those that are wrong in one place: good ones, and with bytes damaged at random.
inline constexpr uint32_t good_requests = 16;
inline constexpr uint32_t damaged_requests = 32;

struct Tally {
    uint32_t sent = 0, answered = 0, succeeded = 0, let_go = 0, parked = 0, children = 0;
};

struct Shared {
    std::array<uint32_t, most_routines> known{};  // Bit V: victim V serves the routine.
    std::array<uint32_t, most_routines> succeeded{};
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
    uint32_t number = 0;
    for (const mig::description::Interface* interface : mig::description::system_interfaces) {
        for (const mig::description::Routine& routine : interface->routines) {
            if (!interface->is_traps && number < most_routines)
                visit(number++, *interface, routine);
        }
    }
}

}  // namespace hostile
