// kernel/kern/timer.cpp

#include <kern/timer.h>

#include <kern/scheduler.h>
#include <machine/clock.h>
#include <machine/processor.h>

bool TimerQueue::arm(Timer& timer, uint64_t deadline)
{
    Guard guard{lock_};
    KASSERT(timer.queue_ == nullptr, "T1: a timer is armed once");
    timer.deadline_ = deadline;
    timer.queue_.store(this, std::memory_order_release);
    timers_.insert(timer);
    note_first();
    return &*timers_.begin() == &timer;
}

bool TimerQueue::cancel(Timer& timer)
{
    Guard guard{lock_};
    if (timer.queue_.load(std::memory_order_relaxed) != this)
        return false;
    timers_.erase(timers_.iterator_to(timer));
    timer.queue_.store(nullptr, std::memory_order_release);
    note_first();
    return true;
}

void TimerQueue::note_first()
{
    next_.store(timers_.empty() ? UINT64_MAX : timers_.begin()->deadline_, std::memory_order_relaxed);
}

void TimerQueue::expire(uint64_t now)
{
    while (next_deadline() <= now) {
        Timer* timer;
        {
            Guard guard{lock_};
            if (timers_.empty() || timers_.begin()->deadline_ > now)
                return;
            timer = &*timers_.begin();
            timers_.erase(timers_.begin());
            running_.store(
                timer, std::memory_order_release);  // Before it looks disarmed: see timer_cancel_and_wait.
            timer->queue_.store(nullptr, std::memory_order_release);
            note_first();
        }
        timer->callback_(*timer);
        running_.store(nullptr, std::memory_order_release);
    }
}

void timer_arm(Timer& timer, Deadline deadline)
{
    if (machine::current_processor().sched.timers.arm(timer, deadline.ns()))
        Scheduler::program_clock();
}

bool timer_cancel(Timer& timer)
{
    // The clock is not reprogrammed: at worst it finds nothing due.
    TimerQueue* queue = timer.queue_.load(std::memory_order_acquire);
    return queue != nullptr && queue->cancel(timer);
}

void timer_cancel_and_wait(Timer& timer)
{
    if (timer_cancel(timer))
        return;
    for (uint32_t id = 0; id < machine::processor_count(); ++id)
        while (machine::processor(id).sched.timers.running(timer))
            machine::while_spinning();
}
