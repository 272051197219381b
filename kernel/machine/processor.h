// kernel/machine/processor.h
//
// The processors, and letting interrupts in.
//
// The kernel runs with interrupts disabled; they come in only in user mode, in idle_wait() and in poll_interrupts(), so a
// handler never runs while a lock is held, and handlers do not nest.
#ifndef PORTICO_MACHINE_PROCESSOR_H
#define PORTICO_MACHINE_PROCESSOR_H

#include <cstddef>
#include <cstdint>

#include <kern/processor.h>
#include <lib/lock_check.h>

#include <arch/processor.h>

namespace machine {

// The record of one processor.
class Processor {
public:
    ProcessorArch arch;  // First: the entry code finds its fields by offset.
    ProcessorSched sched;
    uint32_t id = 0;  // 0 .. processor_count() - 1
    LockState locks;
    alignas(8) std::byte
        message_body[8192 - 24];  // Of a message that is being handed over (machine/hand_off.h).
};

inline Processor& current_processor();
Processor& processor(uint32_t id);
uint32_t processor_count();

// ---- Start-up.
// When there is memory: the records of the processors that the machine has beside this one.  processor_count() is final.
void find_processors();
// When each has its idle thread: lets them run, from sched_start_processor() on.  One that does not come is left out.
void start_processors();
// The end, in a panic: the others stop where they are.
void stop_other_processors();

LockState& lock_state();  // Of this processor; for lib/lock_check.cpp.

// Enables interrupts, waits until one has been handled, disables them.  Called by idle threads when there is nothing to
// do: what an interrupt makes runnable between the caller's look and the wait ends the wait.
void idle_wait();

// Lets pending interrupts in.  Called with no lock held (preemption points).
void poll_interrupts();

// Makes another processor look at its scheduling record: an interrupt without further meaning.
void wake_processor(uint32_t id);

// What a spinning processor does meanwhile: a pause, and an answer to requests of other processors (TLB shootdown).
void while_spinning();
inline void spin_wait() { while_spinning(); }

}  // namespace machine

#include <arch/current_processor.h>

#endif
