// tests/system/unix/system_counts.h
//
// What exists in the whole system now, and the claim that work done over and over leaves nothing behind.
#pragma once

#include "guest_test.h"

#include <mach/mach_debug_types.h>

namespace guest {

// The counts once nothing more goes on: what has ended goes from the kernel's reap list, servers tell each other of it, and
// drivers wait for their devices. So nobody else can run, and two readings in a row agree.
mach_debug_counts_t settled_counts();

// Fails the running test where `after` has more or less than `before`: tasks, threads, ports, rights, messages must be
// equal, and pages, less those that hold files, within 16.
void check_flat(const char* what, const mach_debug_counts_t& before, const mach_debug_counts_t& after);

// Two rounds to warm up, then two after which the counts must be equal.
template <typename Round>
void check_rounds_leave_nothing(const char* what, Round round)
{
    for (int i = 0; i < 3; ++i)
        round();
    const mach_debug_counts_t before = settled_counts();
    round();
    check_flat(what, before, settled_counts());
}

}  // namespace guest
