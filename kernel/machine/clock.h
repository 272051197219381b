// kernel/machine/clock.h
//
// Time: nanoseconds since start-up, and one alarm per processor.
#ifndef PORTICO_MACHINE_CLOCK_H
#define PORTICO_MACHINE_CLOCK_H

#include <cstdint>

namespace machine {

uint64_t now_ns();  // Monotonic; the same on every processor.

// This processor's clock interrupt (clock_interrupt() of kern/timer.h) comes at `deadline`, once; at once if that has
// passed.  UINT64_MAX: none.  Replaces the one set before.
void set_deadline(uint64_t deadline);

// The wall clock at now_ns() == 0, in nanoseconds since 1970 (UTC), as the hardware's clock said at start-up.
uint64_t wall_clock_at_start();

// How now_ns() comes from the counter that user mode can read itself (rdtsc), for the time page:
// now_ns() == ((counter - base) * multiplier) >> shift, with a product of 128 bits.
struct CounterScale {
    uint64_t base;
    uint64_t multiplier;
    uint32_t shift;
};
CounterScale counter_scale();

}  // namespace machine

#endif
