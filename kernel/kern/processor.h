// kernel/kern/processor.h
//
// What scheduling keeps for each processor.  machine::Processor includes one, as `sched`.
//
// Lock        none: its own processor's, but for what has a lock of its own or is atomic.
#ifndef PORTICO_KERN_PROCESSOR_H
#define PORTICO_KERN_PROCESSOR_H

#include <atomic>
#include <cstdint>

#include <kern/run_queue.h>
#include <kern/timer.h>

class Thread;

struct ProcessorSched {
    RunQueue run_queue;
    TimerQueue timers;
    std::atomic<Thread*> current = nullptr;
    std::atomic<Priority> current_priority =
        priority_idle;  // Of `current`; others read it here, not through the thread.
    Thread* idle_thread = nullptr;
    Thread* previous = nullptr;      // Switched away from; its successor finishes that (kern/scheduler.h).
    std::atomic<bool> idle = false;  // In its idle thread, about to wait for an interrupt or waiting.
    std::atomic<bool> preempt =
        false;                  // Something has become ready here that should run instead of `current`.
    bool in_user_mode = false;  // `current` was, when an interrupt or exception came; a trap does not say so.
    bool quantum_used_up = false;  // By `current`.
    bool yields = false;           // `current` goes to the end of its queue of its own will.
    uint64_t switched_at_ns = 0;   // Since when time has not been charged to anybody (kern/scheduler.h).
    uint64_t quantum_end_ns = UINT64_MAX;
    uint64_t clock_set_for_ns = UINT64_MAX;  // When the next clock interrupt comes.
    uint64_t idle_ns = 0;
};

#endif
