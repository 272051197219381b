// kernel/kern/reaper.cpp

#include <kern/reaper.h>

#include <kern/immortal.h>
#include <kern/sched.h>
#include <kern/thread.h>
#include <kern/wait_queue.h>
#include <lib/assert.h>
#include <lib/lock.h>

namespace {

using ReapList = boost::intrusive::slist<Reapable, boost::intrusive::cache_last<true>,
                                         boost::intrusive::constant_time_size<false>>;

SpinLock<LockRank::Reaper> reap_lock;
ReapList reap_list GUARDED_BY(reap_lock);
std::atomic<bool> has_work = false;
std::atomic<unsigned> being_reaped = 0;
Thread* reaper_thread;
Immortal<WaitQueue> reaper_wait;

Reapable* take_first()
{
    Guard guard{reap_lock};
    if (reap_list.empty())
        return nullptr;
    Reapable& object = reap_list.front();
    reap_list.pop_front();
    has_work.store(!reap_list.empty(), std::memory_order_relaxed);
    being_reaped.fetch_add(1, std::memory_order_relaxed);
    return &object;
}

void append(Reapable& object)
{
    Guard guard{reap_lock};
    reap_list.push_back(object);
    has_work.store(true, std::memory_order_release);
}

[[noreturn]] void reaper_body(Thread& self)
{
    constexpr size_t steps_between_yields = 16;
    for (;;) {
        while (!reaper_drain(steps_between_yields))
            preemption_point(self);
        assert_wait(self, *reaper_wait, Interruptible::No, Deadline::never());
        if (reaper_has_work())
            clear_wait(self, WaitResult::Awakened);
        thread_block_with(self, reaper_body);
    }
}

}  // namespace

bool reaper_has_work() { return has_work.load(std::memory_order_acquire); }
bool reaper_idle() { return !reaper_has_work() && being_reaped.load(std::memory_order_relaxed) == 0; }

// The wake-up is left to places that hold no lock: an object may come here under any.
void reaper_enqueue(Reapable& object) { append(object); }

void reaper_kick()
{
    if (reaper_has_work() && !reaper_wait->empty())
        thread_wakeup_one(*reaper_wait);
}

bool reaper_drain(size_t steps)
{
    for (; steps > 0; --steps) {
        Reapable* object = take_first();
        if (object == nullptr)
            return true;
        if (object->reap() == Reapable::Step::More)
            append(*object);
        being_reaped.fetch_sub(1, std::memory_order_relaxed);
    }
    return !reaper_has_work();
}

void reaper_start()
{
    reaper_thread = kernel_thread_create("reaper", priority_kernel, reaper_body);
    KASSERT(reaper_thread != nullptr, "there is memory for the reaper thread");
    kernel_thread_start(*reaper_thread);
}
