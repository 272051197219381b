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
    Thread* idle_thread = nullptr;
    Thread* previous = nullptr;          // Switched away from; its successor finishes that (Scheduler::dispatch).
    std::atomic<bool> idle = false;      // In its idle thread, waiting for an interrupt.
    std::atomic<bool> preempt = false;   // Something better than current has become ready here.
    uint64_t switched_at_ns = 0;         // When current began to run.
    uint64_t quantum_end_ns = UINT64_MAX;
    uint64_t idle_ns = 0;
};

#endif
