// kernel/kern/mutex.cpp

#include <kern/mutex.h>

#include <kern/sched.h>
#include <kern/thread.h>

MutexBase::~MutexBase() { KASSERT(owner_.load() == nullptr, "M1: a mutex goes when nobody holds it"); }

bool MutexBase::owned_by_self() const { return owner_.load(std::memory_order_relaxed) == &current_thread(); }

bool MutexBase::try_lock()
{
    Thread* expected = nullptr;
    Thread& self = current_thread();
    if (!owner_.compare_exchange_strong(expected, &self, std::memory_order_acquire,
                                        std::memory_order_relaxed)) {
        KASSERT(expected != &self, "M1: a thread takes a mutex once");
        return false;
    }
    self.note_mutex_taken(rank_);
    return true;
}

void MutexBase::lock()
{
    death_point(DeathPoint::Lock);
    lock_check_none_held("taking a mutex");
    while (!try_lock()) {
        Thread& self = current_thread();
        {
            Guard guard{lock_};
            if (owner_.load(std::memory_order_relaxed) == nullptr)
                continue;
            contended_.store(true, std::memory_order_seq_cst);
            if (owner_.load(std::memory_order_seq_cst) == nullptr)
                continue;
            assert_wait(self, waiters_, Interruptible::No, Deadline::never());
        }
        thread_block(self);
    }
}

void MutexBase::unlock()
{
    KASSERT(owned_by_self(), "M1: its owner releases a mutex");
    current_thread().note_mutex_released(rank_);
    owner_.store(nullptr, std::memory_order_seq_cst);
    if (!contended_.load(std::memory_order_seq_cst))
        return;
    Guard guard{lock_};
    thread_wakeup_one(waiters_);
    contended_.store(!waiters_.empty(), std::memory_order_relaxed);
}
