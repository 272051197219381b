// kernel/kern/stack.h
//
// Kernel stacks, which few threads have (design D6): the running ones, and those blocked without a continuation.
//
// Lock        of the pool, LockRank::StackPool.
// Invariants  (K1) A stack belongs to one thread, to a processor that is about to give it to one, or to the pool.
#ifndef PORTICO_KERN_STACK_H
#define PORTICO_KERN_STACK_H

#include <cstddef>

#include <machine/context.h>

// From the pool, or new; null if memory is used up.
machine::KernelStack* stack_allocate();
void stack_free(machine::KernelStack* stack);
// Stacks that exist, in use or in the pool.
size_t stack_count();
// Gives the pool's spare stacks back (shut-down of tests; memory is short).
void stack_collect();

#endif
