// kernel/kern/mutex.h
//
// A lock that is held over blocking: for address maps.  A thread that finds it taken sleeps on its kernel stack.
//
// Lock        the word itself; waiters in a WaitQueue.
// Invariants  (M1) owner_ is the thread that holds it, from acquire() to release() by the same thread.
//             (M2) Nobody blocks with a continuation, returns to user mode or ends while owning one.
#ifndef PORTICO_KERN_MUTEX_H
#define PORTICO_KERN_MUTEX_H

#include <atomic>

#include <kern/wait_queue.h>
#include <lib/lock.h>

// What does not depend on the rank.
class MutexBase {
protected:
    explicit MutexBase(LockRank rank) : rank_{rank} {}
    ~MutexBase();
    void lock();
    bool try_lock();
    void unlock();
    bool owned_by_self() const;

private:
    SpinLock<LockRank::Mutex> lock_;
    std::atomic<Thread*> owner_ = nullptr;
    std::atomic<bool> contended_ = false;  // Someone waits, or is about to: whoever releases looks.
    WaitQueue waiters_;
    const LockRank rank_;
};

template <LockRank R>
class CAPABILITY("mutex") Mutex : private MutexBase {
public:
    Mutex() : MutexBase{R} {}
    Mutex(const Mutex&) = delete;
    Mutex& operator=(const Mutex&) = delete;

    void acquire() ACQUIRE() NO_THREAD_SAFETY_ANALYSIS { lock(); }
    [[nodiscard]] bool try_acquire() TRY_ACQUIRE(true) NO_THREAD_SAFETY_ANALYSIS { return try_lock(); }
    void release() RELEASE() NO_THREAD_SAFETY_ANALYSIS { unlock(); }
    // For assertions: is it the calling thread that holds it?
    bool held_by_self() const { return owned_by_self(); }
};

#endif
