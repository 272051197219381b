// kernel/arch/host/host.h
//
// The simulated machine, as the test program sees it: some processors, of which one at a time is simulated, and a clock
// that stands still while anything runs and leaps when all processors wait.
//
// The test program ("outside") builds the kernel's objects, starts threads, and calls run_until_idle().  Whatever runs in
// the kernel does so on fibers (arch/host/fiber.h).  Nothing here is random: the same seed gives the same run.
#ifndef PORTICO_ARCH_HOST_HOST_H
#define PORTICO_ARCH_HOST_HOST_H

#include <cstdint>
#include <string>

#include <machine/boot.h>

namespace machine::host {

inline constexpr uint32_t max_processors = 8;

// Makes the machine: memory, and the records of the processors.  Once in a process.
void power_on(uint32_t processors);
// What kernel_main() would be given.
BootInfo& boot_record();

// From here on another processor is chosen at about every n-th lock operation, and user threads are preempted at about
// every n-th trap; 0: never.
void seed(uint64_t value, uint32_t every_nth);
uint64_t random();  // From that seed.

// Simulates until every processor waits and no clock is set for before `until_ns` (by default an hour of simulated time
// from now).  Says whether clocks are left.
bool run_until_idle(uint64_t until_ns = 0);
bool outside();  // Is it the test program itself that runs?

void advance_clock(uint64_t ns);

// A device raises its interrupt line.  With no lock held.
void raise_line(uint32_t line);

// What kprint() has said since the last call.
std::string take_console();
void echo_console(bool on);  // To standard error, too.

}  // namespace machine::host

#endif
