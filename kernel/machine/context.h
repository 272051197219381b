// kernel/machine/context.h
//
// Kernel stacks, and moving between them.
//
// A KernelStack is a block of memory with a small record at its low end: saved context, canary, and in debug builds the
// count of lib/census.h.  It belongs to a thread, to the running processor, or to the pool (kern/stack.h).
//
// activate() comes before each switch to another thread.
#ifndef PORTICO_MACHINE_CONTEXT_H
#define PORTICO_MACHINE_CONTEXT_H

#include <cstddef>

#include <arch/kernel_stack.h>

class Thread;
using Continuation = void (*)(Thread& self);  // Does not return.

namespace machine {

// arch/kernel_stack.h: struct KernelStack { ...; bool contains(const void*) const; int live_objects; };

KernelStack* allocate_stack();  // Null: no memory.
void free_stack(KernelStack* stack);
KernelStack* current_stack();  // Null on the boot stack, before the first thread runs.

// Runs continuation(thread) on `stack`, which is empty from then on: it may be the running one.
[[noreturn]] void call_continuation_on(KernelStack& stack, Continuation continuation, Thread& thread);

// Makes an empty stack such that a switch to it runs start(thread).
void prepare_stack(KernelStack& stack, Thread& thread, Continuation start);

// Goes on where `to` was left by switch_context(), or starts as prepare_stack() said, on to.kernel_stack().
[[noreturn]] void load_context(Thread& to);
// Leaves `from`, the running thread; returns when somebody comes back to it.
void switch_context(Thread& from, Thread& to);

// From now on `thread` is what runs here: saves what the previous thread left in the processor (vector registers, if
// it was interrupted; segment bases), and loads this one's address space, vector registers, segment bases and I/O
// ports.  A kernel thread borrows the address space that is loaded.  Must be called, and have returned, before anyone else
// may run or free the previous thread.
void activate(Thread& thread);

// Loads thread.user and goes to user mode, with interrupts enabled.  `thread` is the running one, and active.
[[noreturn]] void return_to_user(Thread& thread);

}  // namespace machine

#endif
