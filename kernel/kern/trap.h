// kernel/kern/trap.h
//
// Traps: from the saved registers to the function, and back.
#ifndef PORTICO_KERN_TRAP_H
#define PORTICO_KERN_TRAP_H

#include <cstdint>
#include <span>

class Thread;

// Returns the trap's result, or ends otherwise (in a block with a continuation, in thread_return).
using TrapFunction = uint64_t (*)(Thread& self, const uint64_t (&arguments)[6]);

// The machine layer calls this for a trap (a message trap for which the shortest way has come
// back), on the thread's empty kernel stack, with number and arguments in self.user.
[[noreturn]] void trap_entry(Thread& self);
// Starts the trap again from its registers: no effect has happened yet (vm_fault_and_restart_trap).
[[noreturn]] void trap_restart(Thread& self);

#endif
