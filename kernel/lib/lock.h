// kernel/lib/lock.h
//
// Spin locks with a rank in their type, and the guard that holds one for a scope.
//
// The kernel runs with interrupts disabled and is preempted only where it holds no lock, so a spin lock need not touch
// the interrupt flag, and an interrupt handler may take any lock (it may only run where none is held).
//
// LockWord is chosen by build path: lib/lock/smp spins, lib/lock/up does nothing (there is nobody to spin for), and
// arch/host has its own for the seeded scheduler.  Each has acquire(), try_acquire(), release() and is_held().
//
// Debug checks (PORTICO_DEBUG_CHECKS): the rank order, and no guard alive where a stack is given up.
#ifndef PORTICO_LIB_LOCK_H
#define PORTICO_LIB_LOCK_H

#include <lib/annotations.h>
#include <lib/assert.h>
#include <lib/census.h>
#include <lib/death_point.h>
#include <lib/lock_check.h>
#include <lib/lock_rank.h>
#include <lock_word.h>

template <LockRank R>
class SpinLock;

// A spin lock of whatever rank, or none: for who only tries it, and so may do that in any order.
class AnyLock {
public:
    constexpr AnyLock() = default;
    template <LockRank R>
    constexpr explicit AnyLock(SpinLock<R>& lock) : word_{&lock.word_}, rank_{R}
    {
    }
    explicit operator bool() const { return word_ != nullptr; }

    [[nodiscard]] bool try_acquire() const
    {
        if (!word_->try_acquire())
            return false;
        lock_check_try_acquired(rank_);
        return true;
    }
    void release() const
    {
        lock_check_release(rank_);
        word_->release();
    }

private:
    LockWord* word_ = nullptr;
    LockRank rank_ = LockRank::Count;
};

template <LockRank R>
class CAPABILITY("spin lock") SpinLock {
    static_assert(R > last_sleep_rank, "that rank is a sleep lock's");

public:
    static constexpr LockRank rank = R;

    constexpr SpinLock() = default;
    SpinLock(const SpinLock&) = delete;
    SpinLock& operator=(const SpinLock&) = delete;

    void acquire() ACQUIRE() NO_THREAD_SAFETY_ANALYSIS
    {
        death_point(DeathPoint::Lock);
        lock_check_acquire(R, false);
        word_.acquire();
    }
    // While `first`, a lock of the same rank, is held.  The order of the two is the caller's, and the same everywhere.
    void acquire_after(const SpinLock& first) ACQUIRE() NO_THREAD_SAFETY_ANALYSIS
    {
        (void)first;
        death_point(DeathPoint::Lock);
        lock_check_acquire(R, true);
        word_.acquire();
    }
    // In any order, since it does not wait.
    [[nodiscard]] bool try_acquire() TRY_ACQUIRE(true) NO_THREAD_SAFETY_ANALYSIS
    {
        if (!word_.try_acquire())
            return false;
        lock_check_try_acquired(R);
        return true;
    }
    void release() RELEASE() NO_THREAD_SAFETY_ANALYSIS
    {
        lock_check_release(R);
        word_.release();
    }
    // For assertions.
    bool is_held() const { return word_.is_held(); }

private:
    friend class AnyLock;
    LockWord word_;
};

// Holds a lock (a SpinLock, or a Mutex of kern/mutex.h) until the end of the scope, or until unlock().
template <class Lock>
class SCOPED_CAPABILITY Guard {
public:
    explicit Guard(Lock& lock) ACQUIRE(lock) NO_THREAD_SAFETY_ANALYSIS : lock_{lock}
    {
        lock_.acquire();
        census_note(this, +1);
    }
    ~Guard() RELEASE() NO_THREAD_SAFETY_ANALYSIS
    {
        if (held_)
            unlock();
    }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

    // Before the end of the scope; at most once.
    void unlock() RELEASE() NO_THREAD_SAFETY_ANALYSIS
    {
        held_ = false;
        census_note(this, -1);
        lock_.release();
    }

private:
    Lock& lock_;
    bool held_ = true;
};

template <class Lock>
Guard(Lock&) -> Guard<Lock>;

#endif
