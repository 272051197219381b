// kernel/lib/death_point.h
//
// Points of the kernel at which a thread can be made to die, so that tests can kill a caller before the n-th message, copy,
// lock and block of a system call, for every n (mach_debug_death_point() in mach_debug.defs; kern/death_point.h).  Only
// the checked kernel has them: elsewhere a point is nothing.
#ifndef PORTICO_LIB_DEATH_POINT_H
#define PORTICO_LIB_DEATH_POINT_H

#include <cstdint>

enum class DeathPoint : uint8_t {
    Message,   // A message is sent, or a receive begins.
    Copy,      // User memory is read, written or probed.
    Lock,      // A spin lock or mutex is taken.
    Block,     // The thread gives its processor up in a wait.
    HandOver,  // The same by the shortest way of a message, with locks held.
};

inline constexpr bool has_death_points = PORTICO_DEBUG_CHECKS != 0;

void death_point_met(DeathPoint kind);

inline void death_point(DeathPoint kind)
{
    if constexpr (has_death_points)
        death_point_met(kind);
}

#endif
