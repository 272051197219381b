// kernel/kern/wait_queue.h
//
// Waiting, in Mach's protocol: a thread first *asserts* that it will wait, under the lock of whatever it waits for;
// then drops that lock; then blocks (kern/sched.h).  A wake-up between the two is not lost: the block returns at once.
//
//     {
//         Guard guard{port.lock()};
//         assert_wait(self, port.receivers, Interruptible::Safely, Deadline::never());
//     }
//     thread_block_with(self, receive_continue);      // self.wait_result() says how the wait ended
//
// Owns        nothing: a queue is a list of threads that wait.  A thread waits in one queue at a time.
// Lock        its owner's, if it was made with one (W4).  Otherwise one of a fixed set of spin locks, LockRank::WaitQueue, picked by the queue's address.  The lock outlives
//             the queue, so that a time-out or an abort, which comes from the thread's side, may find that the queue
//             has gone: it locks first and then looks whether the thread is still in that queue.
// Invariants  (W1) A thread's wait_queue is &q exactly while the thread is in q's list; both change under q's lock.
//             (W2) A queue is empty when it is destroyed: its owner wakes everyone first.
//             (W3) A *claimed* thread is in no queue and cannot run yet; who claimed it makes it go, soon and once.
//                  It cannot end before, so the claimer needs no reference.
//             (W4) A queue with an owner changes only under the owner's lock.  Whoever asserts a wait in it or wakes
//                  somebody holds that anyway; who comes from the thread's side, with the thread's lock, tries it:
//                  while a thread waits in the queue the owner is there.
#ifndef PORTICO_KERN_WAIT_QUEUE_H
#define PORTICO_KERN_WAIT_QUEUE_H

#include <cstdint>

#include <boost/intrusive/list.hpp>

#include <lib/assert.h>
#include <lib/lock.h>

class Thread;

// How a wait ended.
enum class WaitResult : uint8_t {
    Waiting,      // Not yet.
    Awakened,     // What was waited for has happened.
    TimedOut,     // The deadline passed.
    Interrupted,  // thread_abort, or the thread is being terminated.
    Restart,      // What was waited for has changed or gone: look again from the start.
};

// Who may end a wait early.  Termination counts as an abort; the thread ends at its next return to user mode.
enum class Interruptible : uint8_t {
    No,      // Nobody: for waits that the kernel itself ends soon.
    Yes,     // thread_abort and termination, not thread_abort_safely: the operation has had effects.
    Safely,  // Also thread_abort_safely: nothing has happened yet, and the call can be made again.
};

// A point of machine::now_ns()'s time.
class Deadline {
public:
    static constexpr Deadline never() { return Deadline{UINT64_MAX}; }
    static constexpr Deadline at(uint64_t ns) { return Deadline{ns}; }
    static Deadline after(uint64_t ns);  // From now; saturates to never().
    static Deadline after_milliseconds(uint64_t milliseconds);

    constexpr bool is_never() const { return ns_ == UINT64_MAX; }
    constexpr uint64_t ns() const { return ns_; }

private:
    explicit constexpr Deadline(uint64_t ns) : ns_{ns} {}
    uint64_t ns_;
};

// A thread's place in a list: each Thread has one for waiting and one for the run queue and others like it.
struct WaitTag;
struct RunTag;
template <class Tag>
struct ThreadLink
    : boost::intrusive::list_base_hook<boost::intrusive::tag<Tag>,
                                       boost::intrusive::link_mode<boost::intrusive::normal_link>> {
    explicit ThreadLink(Thread& t) : thread{t} {}
    Thread& thread;
};
template <class Tag>
using ThreadList = boost::intrusive::list<ThreadLink<Tag>, boost::intrusive::base_hook<ThreadLink<Tag>>,
                                          boost::intrusive::constant_time_size<false>>;

class WaitQueue {
public:
    WaitQueue() = default;
    explicit WaitQueue(AnyLock owner) : owner_{owner} {}
    ~WaitQueue() { KASSERT(empty(), "W2: a wait queue goes only when nobody waits in it"); }
    WaitQueue(const WaitQueue&) = delete;
    WaitQueue& operator=(const WaitQueue&) = delete;

    // A hint, unless the lock is held under which threads assert their waits here.
    bool empty() const { return threads_.begin() == threads_.end(); }

    AnyLock owner() const { return owner_; }

    // ---- With the owner's lock.
    Thread& first() { return threads_.front().thread; }
    void append(ThreadLink<WaitTag>& link) { threads_.push_back(link); }
    void remove(ThreadLink<WaitTag>& link) { threads_.erase(ThreadList<WaitTag>::s_iterator_to(link)); }

private:
    friend class WaitQueueGuard;  // kern/wait_queue.cpp
    ThreadList<WaitTag> threads_;
    const AnyLock owner_;
};

// Says that `self` is about to wait in `queue`, at its end.  Called with the lock held that wakers hold.  Waiting: block
// now.  Anything else: the wait has ended before it began (deadline passed, abort pending), and blocking returns at once.
WaitResult assert_wait(Thread& self, WaitQueue& queue, Interruptible interruptible, Deadline deadline);

// As assert_wait, for a wait that nothing but time, an abort or clear_wait() ends.
WaitResult assert_wait_timeout(Thread& self, Interruptible interruptible, Deadline deadline);

// Ends the wait of the thread that has waited longest: false if there was none.
bool thread_wakeup_one(WaitQueue& queue, WaitResult result = WaitResult::Awakened);
// Ends everyone's wait, and says how many there were.
unsigned thread_wakeup_all(WaitQueue& queue, WaitResult result = WaitResult::Awakened);

// Ends this thread's wait, if it waits.  True: this call ended it.
bool clear_wait(Thread& thread, WaitResult result);
// As clear_wait, only if that thread waits in `queue`: for a waker that picks the thread itself.
bool clear_wait_in(WaitQueue& queue, Thread& thread, WaitResult result);

// Takes the thread that has waited longest (or has the highest priority) out of the queue without making it run: the
// caller puts what it gives the thread into the thread's record, then calls thread_go() or thread_hand_off() (W3).
Thread* wait_queue_claim(WaitQueue& queue, WaitResult result = WaitResult::Awakened);
Thread* wait_queue_claim_highest(WaitQueue& queue, WaitResult result = WaitResult::Awakened);
// As above, a given thread; false if it does not wait there (any more).
bool wait_queue_claim_thread(WaitQueue& queue, Thread& thread, WaitResult result = WaitResult::Awakened);
// A claimed thread becomes runnable.
void thread_go(Thread& claimed);

#endif
