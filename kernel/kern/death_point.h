// kernel/kern/death_point.h
//
// The plan that one thread of the system dies at its n-th point (lib/death_point.h).
//
// Death is what task_terminate() from another processor would bring at that instant: a request that the thread meets in its
// next interruptible wait or on its way to user mode (H4), and then its whole task ends.  Nothing is unwound at the point
// itself, so a plan may come true with any lock held.
//
// Lifetime    There is one plan, and the next replaces it.  It names its thread by id, and keeps nothing alive.
// Lock        none: once armed it is changed by its thread only.  mach_debug_death_point() arms a plan of the caller, or of
//             a stopped thread.
// Invariants  (D1) Points count from the thread's next return to user mode on, so that the call that arms is not in it.
#ifndef PORTICO_KERN_DEATH_POINT_H
#define PORTICO_KERN_DEATH_POINT_H

#include <cstdint>

#include <lib/death_point.h>
#include <mach/result.h>

class Thread;

// A plan in place of the last one; how many points that has met.  `kinds`: MACH_DEATH_AT_*; `n` 0: to count only.
// KERN_INVALID_ARGUMENT: an unknown kind.  KERN_NOT_SUPPORTED: this kernel has no death points.
[[nodiscard]] mach::Result<uint64_t> death_plan_arm(const Thread& thread, uint32_t kinds, uint64_t n);

void death_plan_begin(const Thread& self);
void death_plan_end(const Thread& self);

// The thread goes back to user mode.
inline void death_plan_at_return(const Thread& self)
{
    if constexpr (has_death_points)
        death_plan_begin(self);
}
// The thread ends: with it its task, if that was the plan.
inline void death_plan_at_end(const Thread& self)
{
    if constexpr (has_death_points)
        death_plan_end(self);
}

#endif
