// kernel/kern/wait_queue.cpp
//
// Asserting waits and ending them.  kern/wait_queue.h has the protocol and its invariants.

#include <kern/wait_queue.h>

#include <array>

#include <kern/sched.h>
#include <kern/scheduler.h>
#include <kern/thread.h>
#include <machine/clock.h>
#include <machine/processor.h>

namespace {

// Enough that two queues seldom share one, where sharing costs a little waiting and nothing else.
constexpr size_t lock_count = 64;
using WaitLock = SpinLock<LockRank::WaitQueue>;
constinit std::array<WaitLock, lock_count> wait_locks;

WaitLock& lock_of(const WaitQueue* queue)
{
    const auto address = reinterpret_cast<uintptr_t>(queue);
    return wait_locks[(address >> 4 ^ address >> 12) % lock_count];
}

}  // namespace

Deadline Deadline::after(uint64_t ns)
{
    const uint64_t now = machine::now_ns();
    return ns < UINT64_MAX - now ? at(now + ns) : never();
}

Deadline Deadline::after_milliseconds(uint64_t milliseconds)
{
    constexpr uint64_t ns_per_ms = 1'000'000;
    return milliseconds < UINT64_MAX / ns_per_ms ? after(milliseconds * ns_per_ms) : never();
}

// Holds a queue's lock, if it has no owner; else the caller holds the owner's.  A queue without an owner need not exist any
// more (W1): only its address is looked at until a thread is seen to wait in it.  The lock is found by a computation,
// which the static analysis cannot follow: hence the exceptions from it below.
class WaitQueueGuard {
public:
    explicit WaitQueueGuard(WaitQueue& queue) : WaitQueueGuard{&queue, static_cast<bool>(queue.owner())} {}
    WaitQueueGuard(WaitQueue* queue, bool owned) NO_THREAD_SAFETY_ANALYSIS
        : queue_{queue},
          lock_{owned ? nullptr : &lock_of(queue)}
    {
        if (lock_ != nullptr)
            lock_->acquire();
    }
    ~WaitQueueGuard() NO_THREAD_SAFETY_ANALYSIS
    {
        if (lock_ != nullptr)
            lock_->release();
    }
    WaitQueueGuard(const WaitQueueGuard&) = delete;
    WaitQueueGuard& operator=(const WaitQueueGuard&) = delete;

    void append(Thread& thread) { queue_->threads_.push_back(thread.wait_link_); }
    Thread* first() { return queue_->threads_.empty() ? nullptr : &queue_->threads_.front().thread; }
    Thread* highest()
    {
        Thread* best = nullptr;
        for (auto& link : queue_->threads_)
            if (best == nullptr || link.thread.priority() > best->priority())
                best = &link.thread;
        return best;
    }
    bool holds(const Thread& thread) const { return thread.wait_queue_ == queue_; }

    // Takes it out, its wait ended with `result`, but not yet runnable: claimed (W3).
    void take(Thread& thread, WaitResult result)
    {
        queue_->threads_.erase(queue_->threads_.iterator_to(thread.wait_link_));
        Guard guard{thread.lock()};
        Scheduler::end_wait(thread, result);
    }

private:
    WaitQueue* const queue_;
    WaitLock* const lock_;
};

WaitResult assert_wait(Thread& self, WaitQueue& queue, Interruptible interruptible, Deadline deadline)
{
    WaitQueueGuard waiters{queue};
    const WaitResult result = Scheduler::begin_wait(self, &queue, interruptible, deadline);
    if (result == WaitResult::Waiting)
        waiters.append(self);
    return result;
}

WaitResult assert_wait_timeout(Thread& self, Interruptible interruptible, Deadline deadline)
{
    return Scheduler::begin_wait(self, nullptr, interruptible, deadline);
}

bool thread_wakeup_one(WaitQueue& queue, WaitResult result)
{
    Thread* thread = wait_queue_claim(queue, result);
    if (thread == nullptr)
        return false;
    thread_go(*thread);
    return true;
}

unsigned thread_wakeup_all(WaitQueue& queue, WaitResult result)
{
    unsigned count = 0;
    WaitQueueGuard waiters{queue};
    while (Thread* thread = waiters.first()) {
        waiters.take(*thread, result);
        thread_go(*thread);
        ++count;
    }
    return count;
}

bool clear_wait_in(WaitQueue& queue, Thread& thread, WaitResult result)
{
    if (!wait_queue_claim_thread(queue, thread, result))
        return false;
    thread_go(thread);
    return true;
}

bool clear_wait(Thread& thread, WaitResult result)
{
    return Scheduler::clear_wait_if(thread, result, [](const Thread&) { return true; });
}

Thread* wait_queue_claim(WaitQueue& queue, WaitResult result)
{
    WaitQueueGuard waiters{queue};
    Thread* thread = waiters.first();
    if (thread != nullptr)
        waiters.take(*thread, result);
    return thread;
}

Thread* wait_queue_claim_highest(WaitQueue& queue, WaitResult result)
{
    WaitQueueGuard waiters{queue};
    Thread* thread = waiters.highest();
    if (thread != nullptr)
        waiters.take(*thread, result);
    return thread;
}

bool wait_queue_claim_thread(WaitQueue& queue, Thread& thread, WaitResult result)
{
    WaitQueueGuard waiters{queue};
    if (!waiters.holds(thread))
        return false;
    waiters.take(thread, result);
    return true;
}

void thread_go(Thread& claimed)
{
    Guard guard{claimed.lock()};
    Scheduler::go(claimed);
}

// ---- Waits seen from the thread's side.

// With the queue's lock, if there is a queue.  From the moment that the thread is marked as waiting it also says in which
// queue, so that whoever ends its wait from another processor goes there, and waits for that lock.
WaitResult Scheduler::begin_wait(Thread& self, WaitQueue* queue, Interruptible interruptible,
                                 Deadline deadline)
{
    Guard guard{self.lock_};
    KASSERT(!self.waiting_, "W1: a thread waits for one thing at a time");
    self.claimed_ = false;
    self.interruptible_ = interruptible;
    if (interrupted_already(self, interruptible))
        return self.wait_result_ = WaitResult::Interrupted;
    if (!deadline.is_never() && deadline.ns() <= machine::now_ns())
        return self.wait_result_ = WaitResult::TimedOut;
    self.waiting_ = true;
    self.wait_queue_ = queue;
    self.wait_deadline_ns_ = deadline.ns();
    self.wait_result_ = WaitResult::Waiting;
    if (!deadline.is_never()) {
        self.set_pending(Thread::ParticularDeadline);
        timer_arm(self.wait_timer_, deadline);
    }
    return WaitResult::Waiting;
}

bool Scheduler::interrupted_already(const Thread& self, Interruptible interruptible)
{
    uint32_t bits = 0;
    if (interruptible != Interruptible::No)
        bits |= Thread::PendingTerminate | Thread::PendingAbort;
    if (interruptible == Interruptible::Safely)
        bits |= Thread::PendingAbortSafely;
    return (self.pending() & bits) != 0;
}

// The wait is over, but the thread stays where it is until go().
void Scheduler::end_wait(Thread& thread, WaitResult result)
{
    KASSERT(thread.waiting_ && !thread.claimed_, "W3: a wait ends once");
    thread.wait_queue_ = nullptr;
    thread.claimed_ = true;
    thread.wait_result_ = result;
    if ((thread.pending() & Thread::ParticularDeadline) == 0)
        return;
    thread.clear_pending(Thread::ParticularDeadline);
    thread.wait_deadline_ns_ = UINT64_MAX;
    if (thread.wait_timer_.armed())
        timer_cancel(thread.wait_timer_);
}

void Scheduler::go(Thread& thread)
{
    KASSERT(thread.claimed_ && thread.waiting_, "W3: only a claimed thread is made to go");
    thread.claimed_ = false;
    thread.waiting_ = false;
    if (!thread.running_)  // Else it has not left its processor yet, and goes on there.
        make_runnable(thread, /*at_front=*/false);
}

bool Scheduler::clear_wait_if(Thread& thread, WaitResult result, bool (*condition)(const Thread&))
{
    for (;;) {
        WaitQueue* queue;
        {
            Guard guard{thread.lock_};
            if (!thread.waiting_ || thread.claimed_ || !condition(thread))
                return false;
            queue = thread.wait_queue_;
            if (queue == nullptr || queue->owner()) {
                if (queue != nullptr && !queue->owner().try_acquire()) {
                    guard.unlock();
                    machine::spin_wait();  // For its holder, who may want this thread.
                    continue;
                }
                clear_owned_wait(thread, queue, result);
                return true;
            }
        }
        // The queue's lock comes before the thread's: look again once both are held.
        WaitQueueGuard waiters{queue, /*owned=*/false};
        if (!waiters.holds(thread))
            continue;
        {
            Guard guard{thread.lock_};
            if (!condition(thread))
                return false;
        }
        waiters.take(thread, result);
        thread_go(thread);
        return true;
    }
}

void Scheduler::await_wakers(Thread& thread)
{
    for (;;) {
        {
            Guard guard{thread.lock_};
            WaitQueue* const queue = thread.wait_queue_;
            if (queue == nullptr || !queue->owner())
                return;
            if (queue->owner().try_acquire()) {
                queue->owner().release();
                return;
            }
        }
        machine::spin_wait();
    }
}

// The thread waits in no queue, or in one whose owner's lock is held.
void Scheduler::clear_owned_wait(Thread& thread, WaitQueue* queue, WaitResult result)
{
    if (queue != nullptr)
        queue->remove(thread.wait_link_);
    end_wait(thread, result);
    go(thread);
    if (queue != nullptr)
        queue->owner().release();
}

void Scheduler::wait_timed_out(Timer& timer)
{
    Thread& thread = *boost::intrusive::get_parent_from_member(&timer, &Thread::wait_timer_);
    // The timer may belong to a wait that has ended and been followed by another: that one's own deadline decides.
    clear_wait_if(thread, WaitResult::TimedOut, [](const Thread& t) NO_THREAD_SAFETY_ANALYSIS {
        return t.wait_deadline_ns_ <= machine::now_ns();
    });
}
