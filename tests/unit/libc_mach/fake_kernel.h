// tests/unit/libc_mach/fake_kernel.h
//
// Just enough of Mach's IPC, in one thread and one port space, for the run-time of servers to be tested on
// the build machine: ports, sets, send, send-once and dead-name rights with their counts, queue limits, the
// notifications that the event loop uses, messages with rights and copied out-of-line memory. Server and
// clients share the space.
//
// A receive that would wait for ever ends the test program: a test knows what it expects. Time passes only
// when a receive times out.
#ifndef PORTICO_TESTS_FAKE_KERNEL_H
#define PORTICO_TESTS_FAKE_KERNEL_H

#include <cstddef>
#include <cstdint>

#include <mach/port.h>

namespace fake {

// Forgets everything. At the start of each test, before an event loop is made.
void reset();

// Names in use, and blocks of out-of-line memory that nobody has deallocated.
size_t names();
size_t memory_blocks();

uint64_t now();
void advance(uint64_t nanoseconds);

// References of the send (or dead-name) right under a name; 0 if there is none.
unsigned references(mach_port_t name);
bool is_dead_name(mach_port_t name);

// The port of a receive right dies, as if its receiver had ended.
void kill(mach_port_t receive_right);

// How many calls of mach_msg() have sent a message.
size_t sends();

}  // namespace fake

#endif
