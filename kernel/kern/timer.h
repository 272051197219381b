// kernel/kern/timer.h
//
// Something to be done at a point of time.  Each processor keeps its own ordered set of armed timers and programs its
// clock for the first of them (or for the end of the running thread's quantum, if that comes sooner).
//
// Owns        nothing: a timer is a member of what it belongs to (a thread's wait, a clock's alarm).
// Lock        the lock of the processor's TimerQueue, LockRank::Timer: after Thread.  Callbacks run without any lock,
//             on the processor that the timer was armed on, from its clock interrupt: they must be short.
// Invariants  (T1) A timer is in at most one queue; `queue` says which, and changes under that queue's lock.
//             (T2) A timer's memory stays until timer_cancel_and_wait() has returned or the timer was never armed.
#ifndef PORTICO_KERN_TIMER_H
#define PORTICO_KERN_TIMER_H

#include <atomic>
#include <cstdint>

#include <boost/intrusive/set.hpp>

#include <kern/wait_queue.h>
#include <lib/lock.h>

class TimerQueue;

class Timer
    : public boost::intrusive::set_base_hook<boost::intrusive::link_mode<boost::intrusive::normal_link>> {
public:
    using Callback = void (*)(Timer&);

    explicit constexpr Timer(Callback callback) : callback_{callback} {}
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    uint64_t deadline() const { return deadline_; }
    bool armed() const { return queue_.load(std::memory_order_acquire) != nullptr; }
    friend bool operator<(const Timer& a, const Timer& b) { return a.deadline_ < b.deadline_; }

private:
    friend class TimerQueue;
    friend bool timer_cancel(Timer& timer);
    uint64_t deadline_ = 0;
    Callback callback_;
    std::atomic<TimerQueue*> queue_ = nullptr;
};

class TimerQueue {
public:
    TimerQueue() = default;
    TimerQueue(const TimerQueue&) = delete;
    TimerQueue& operator=(const TimerQueue&) = delete;

    // From now on `timer` is armed here for `deadline`; it must not be armed now.  True: it is now the first one.
    bool arm(Timer& timer, uint64_t deadline) EXCLUDES(lock_);
    // True: it was armed and its callback will not run.  False: it was not armed, or its callback runs or has run.
    bool cancel(Timer& timer) EXCLUDES(lock_);
    // Runs the callbacks of everything that is due at `now`.
    void expire(uint64_t now) EXCLUDES(lock_);
    bool running(const Timer& timer) const { return running_.load(std::memory_order_acquire) == &timer; }
    uint64_t next_deadline() const { return next_.load(std::memory_order_relaxed); }  // UINT64_MAX: none.

private:
    using Set = boost::intrusive::multiset<Timer, boost::intrusive::constant_time_size<false>>;

    void note_first() REQUIRES(lock_);

    SpinLock<LockRank::Timer> lock_;
    Set timers_ GUARDED_BY(lock_);
    std::atomic<const Timer*> running_ = nullptr;
    std::atomic<uint64_t> next_ = UINT64_MAX;
};

// On this processor's queue; reprograms its clock if this timer is now the first.
void timer_arm(Timer& timer, Deadline deadline);
// See TimerQueue::cancel.
bool timer_cancel(Timer& timer);
// After this the callback does not run and does not start to.  Called without locks that the callback takes.
void timer_cancel_and_wait(Timer& timer);

// ---- The machine layer calls this from the clock interrupt of each processor, with no lock held.
void clock_interrupt();

#endif
