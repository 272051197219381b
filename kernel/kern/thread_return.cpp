// kernel/kern/thread_return.cpp
//
// The way back to user mode, and what can keep a thread from getting there.

#include <kern/death_point.h>
#include <kern/processor.h>
#include <kern/sched.h>
#include <kern/scheduler.h>
#include <kern/task.h>
#include <kern/thread.h>
#include <machine/context.h>
#include <machine/processor.h>

void thread_return(Thread& self, kern_return_t result)
{
    self.user.set_trap_result(static_cast<uint64_t>(static_cast<int64_t>(result)));
    thread_exception_return(self);
}

void thread_exception_return(Thread& self)
{
    lock_check_none_held("return to user mode");
    census_assert_none("return to user mode");
    reaper_kick();
    const uint32_t pending = self.pending();
    ProcessorSched& processor = machine::current_processor().sched;
    if ((pending & Thread::PendingTerminate) != 0) {
        death_plan_at_end(self);
        Scheduler::end_thread(self);
    }
    if ((pending & Thread::PendingSuspend) != 0 && Scheduler::begin_stop(self))
        thread_block_with(self, thread_exception_return);
    // The call that an abort was meant for is over.
    if ((pending & (Thread::PendingAbort | Thread::PendingAbortSafely)) != 0)
        self.clear_pending(Thread::PendingAbort | Thread::PendingAbortSafely);
    if (processor.preempt.load(std::memory_order_acquire))
        Scheduler::preempt_with(self, thread_exception_return);
    processor.in_user_mode = false;
    death_plan_at_return(self);
    machine::return_to_user(self);
}

// True: the thread is now parked, and will be when it blocks, until nobody suspends it any more or it is terminated.
bool Scheduler::begin_stop(Thread& self)
{
    Guard guard{self.lock_};
    if (self.hold_count_ == 0 || self.terminating())
        return false;
    self.clear_pending(Thread::PendingAbort | Thread::PendingAbortSafely);
    self.stopped_ = true;
    self.waiting_ = true;
    self.claimed_ = false;
    self.interruptible_ = Interruptible::No;
    self.wait_result_ = WaitResult::Waiting;
    return true;
}

void Scheduler::end_stop(Thread& thread)
{
    thread.stopped_ = false;
    end_wait(thread, WaitResult::Awakened);
    go(thread);
}

// ---- Suspension: counted, by the thread's own calls and once for its task.

void Scheduler::hold(Thread& thread)
{
    if (thread.hold_count_++ == 0)
        thread.set_pending(Thread::PendingSuspend);
    notice_pending(thread);
}

void Scheduler::unhold(Thread& thread)
{
    KASSERT(thread.hold_count_ > 0, "a hold is undone once");
    if (--thread.hold_count_ != 0)
        return;
    thread.clear_pending(Thread::PendingSuspend);
    if (thread.stopped_)
        end_stop(thread);
}

mach::Result<void> Thread::suspend()
{
    Guard guard{lock_};
    if (!active())
        return mach::failure(KERN_TERMINATED);
    ++suspend_count_;
    Scheduler::hold(*this);
    return {};
}

mach::Result<void> Thread::resume()
{
    Guard guard{lock_};
    if (!active())
        return mach::failure(KERN_TERMINATED);
    if (suspend_count_ == 0)
        return mach::failure(KERN_FAILURE);
    --suspend_count_;
    Scheduler::unhold(*this);
    return {};
}

// Off every processor, and without a wake-up on the way: nobody but a resumer can make it change its registers.
bool Scheduler::is_stopped(const Thread& thread)
{
    return thread.ended_ || (!thread.running_ && thread.waiting_ && !thread.claimed_);
}

mach::Result<void> Thread::wait_until_stopped(Thread& self)
{
    for (;;) {
        // Assert first, then look: so a stop in between is not missed.
        assert_wait(self, stop_waiters_, Interruptible::Safely, Deadline::never());
        {
            Guard guard{lock_};
            if (!active() || Scheduler::is_stopped(*this))
                break;
            stop_wanted_ = true;
        }
        if (thread_block(self) == WaitResult::Interrupted)
            return mach::failure(KERN_ABORTED);
    }
    clear_wait(self, WaitResult::Awakened);
    return active() ? mach::Result<void>{} : mach::failure(KERN_TERMINATED);
}

// ---- Abort and termination: requests, which the thread meets on its way (H4).

void Thread::abort()
{
    {
        Guard guard{lock_};
        if (stopped_)
            return;  // At its return to user mode: there is nothing to abort.
        set_pending(PendingAbort);
    }
    Scheduler::clear_wait_if(*this, WaitResult::Interrupted, Scheduler::is_interruptible);
}

mach::Result<void> Thread::abort_safely()
{
    {
        Guard guard{lock_};
        if (stopped_)
            return {};
        if (waiting_ && interruptible_ != Interruptible::Safely)
            return mach::failure(KERN_FAILURE);
        set_pending(PendingAbortSafely);
    }
    Scheduler::clear_wait_if(*this, WaitResult::Interrupted, Scheduler::is_safely_interruptible);
    return {};
}

bool Scheduler::is_interruptible(const Thread& thread) { return thread.interruptible_ != Interruptible::No; }
bool Scheduler::is_safely_interruptible(const Thread& thread)
{
    return thread.interruptible_ == Interruptible::Safely;
}

void Thread::terminate()
{
    {
        Guard guard{lock_};
        set_pending(PendingTerminate);
        if (stopped_)
            Scheduler::end_stop(*this);
        else
            Scheduler::notice_pending(*this);
    }
    Scheduler::clear_wait_if(*this, WaitResult::Interrupted, Scheduler::is_interruptible);
}
