// kernel/kern/run_queue.h
//
// The threads that are ready to run on one processor, by priority.
//
// Priorities run from 0 to 127, and a higher number goes first: 0 is the idle threads', 1..63 user threads' (the default
// is 31), 64..79 the system servers' that the host-privileged port allows, 80..127 the kernel's own threads'.
//
// Lock        lock_, LockRank::RunQueue: after Thread.
// Invariants  (Q1) Bit p of occupied_ is set exactly if list p has threads; count_ is the sum of all.
//             (Q2) A thread's run_queue field is &q exactly while it is in one of q's lists; both change under q's lock.
#ifndef PORTICO_KERN_RUN_QUEUE_H
#define PORTICO_KERN_RUN_QUEUE_H

#include <array>
#include <atomic>
#include <cstdint>

#include <kern/wait_queue.h>
#include <lib/lock.h>
#include <mach/policy.h>

using Priority = int;
inline constexpr Priority priority_idle = 0;
inline constexpr Priority priority_depressed = 1;
inline constexpr Priority priority_default = MACH_PRIORITY_DEFAULT;
inline constexpr Priority priority_max_user = MACH_PRIORITY_MAX_USER;
inline constexpr Priority priority_max_system = 79;
inline constexpr Priority priority_kernel = 80;       // Reaper and the like.
inline constexpr Priority priority_kernel_high = 95;  // Pageout: must win when memory is short.
inline constexpr Priority priority_count = 128;

class RunQueue {
public:
    RunQueue() = default;
    RunQueue(const RunQueue&) = delete;
    RunQueue& operator=(const RunQueue&) = delete;

    // At the end of its priority's list, or at the front (a thread that was preempted before its quantum ended).
    void enqueue(Thread& thread, bool at_front) EXCLUDES(lock_);
    Thread* dequeue_highest() EXCLUDES(lock_);
    // The highest thread that may also run on another processor.
    Thread* steal() EXCLUDES(lock_);
    // False if it is not in this queue (any more).
    bool remove(Thread& thread) EXCLUDES(lock_);

    // Hints for preemption and balancing: read without the lock.
    Priority highest() const;  // -1 if empty
    unsigned count() const { return count_.load(std::memory_order_relaxed); }

private:
    void unlink(Thread& thread) REQUIRES(lock_);
    void mark(Priority priority, bool occupied) REQUIRES(lock_);

    mutable SpinLock<LockRank::RunQueue> lock_;
    std::array<ThreadList<RunTag>, priority_count> lists_ GUARDED_BY(lock_);
    std::array<std::atomic<uint64_t>, 2>
        occupied_{};  // These two are written under lock_ and read without it.
    std::atomic<unsigned> count_ = 0;
};

#endif
