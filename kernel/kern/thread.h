// kernel/kern/thread.h
//
// A thread: a flow of control in a task, and the kernel's record of it.
//
// Owns        its user registers, the state that ipc/, vm/ and exceptions park in it while it waits (design D6), and at
//             times a kernel stack.
// Lifetime    RefPtr.  A living thread has a reference of its own; it drops it when it has left its last stack.
// Lock        lock_, LockRank::Thread: after WaitQueue.  Its rights, which are reached before ports are locked, have a lock of
//             their own, rights_lock_, LockRank::Task; never together with a task's.  What is marked "self" is the running thread's own and needs no
//             lock; others may look at it while the thread is stopped (thread_stop_and_wait).
// Invariants  (H1) running_ is set from the moment a thread is put into a run queue until it has left the processor: so
//                  a thread with running_ clear is on no stack that is in use.
//             (H2) A thread that is not running_ is waiting_; one that is both will block soon, or wake before it does.
//             (H3) continuation_ is set and stack_ is null for a thread that left a continuation; the other way round
//                  for one that blocked on its stack.
//             (H4) Only the thread itself ends itself: termination is a request that it sees on its way to user mode.
//                  Every interruptible wait ends, its continuation frees what it parked, and returns.
// Background  docs/kernel-core.md
#ifndef PORTICO_KERN_THREAD_H
#define PORTICO_KERN_THREAD_H

#include <array>
#include <atomic>
#include <cstdint>

#include <boost/intrusive/list.hpp>

#include <ipc/ipc_port.h>
#include <ipc/ipc_thread.h>
#include <kern/exception.h>
#include <kern/ledger.h>
#include <kern/reaper.h>
#include <kern/sched.h>
#include <kern/timer.h>
#include <kern/wait_queue.h>
#include <lib/lock.h>
#include <lib/ref.h>
#include <mach/policy.h>
#include <mach/result.h>
#include <machine/context.h>
#include <machine/user_state.h>
#include <vm/vm_thread.h>

class Task;
namespace machine {
class Processor;
}

using TaskThreadHook =
    boost::intrusive::list_member_hook<boost::intrusive::link_mode<boost::intrusive::normal_link>>;

class Thread final : public RefCounted<Thread>, public Reapable {
public:
    // Why a thread must look up before it goes back to user mode: bits of pending_.
    enum Pending : uint32_t {
        PendingTerminate = 1 << 0,
        PendingAbort = 1 << 1,  // thread_abort: the next interruptible wait does not happen.
        PendingAbortSafely = 1 << 2,
        PendingSuspend = 1 << 3,  // suspend_count() > 0, its own or its task's.
        // No requests, but what the shortest ways leave to the others: with any of these bits they are not taken.
        ParticularDeadline = 1 << 8,  // It waits until a point of time.
        ParticularArguments =
            1 << 9,  // It receives, and what mach_msg_trap was given is not in its registers.
        ParticularMachine = 1 << 10,  // The machine layer has more to switch than registers.
    };

    // In `task`, stopped (suspend count 1), with registers of zero.  KERN_RESOURCE_SHORTAGE; KERN_TERMINATED if the task
    // is ending.
    [[nodiscard]] static mach::Result<RefPtr<Thread>> create(Task& task);

    Task& task() const { return *task_; }
    uint64_t id() const { return id_; }  // Never used again.

    // ---- Self.
    machine::UserState user;   // Registers at the last entry from user mode.
    IpcThreadState ipc;        // What a message operation has parked.
    VmThreadState vm;          // The fault in progress.
    ExceptionState exception;  // The exception in progress.
    kern_return_t trap_fault_result =
        KERN_INVALID_ADDRESS;                   // What the running trap answers if its memory is absent.
    kern_return_t fault_result = KERN_SUCCESS;  // How the last vm_fault_then() ended.
    struct SleepState {  // clock_sleep, thread_switch, semaphores: what their continuations need.
        uint64_t started_ns = 0;
        uint64_t argument[3] = {};
    } sleep;

    // Messages that it has sent and received by the shortest way, which has no time for the task's counters.
    uint32_t fast_sent = 0;
    uint32_t fast_received = 0;

    // How the last wait ended.
    WaitResult wait_result() const { return wait_result_; }

    // ---- Control, by other threads (and the thread itself).
    mach::Result<void> suspend();
    mach::Result<void> resume();  // KERN_FAILURE if not suspended.
    // Ends its wait; see Interruptible.  On a thread that is not in the kernel it has no effect.
    void abort();
    mach::Result<void> abort_safely();
    // Asks it to end.  Returns at once.
    void terminate();
    bool terminating() const { return (pending() & PendingTerminate) != 0; }

    // Waits until the thread has left user mode and whatever it was doing in the kernel: at its return to user mode, or
    // waiting with nothing that would change its registers.  It must be suspended.  KERN_ABORTED if `self` was aborted.
    [[nodiscard]] mach::Result<void> wait_until_stopped(Thread& self);
    // Does it execute on another processor at this moment?
    bool runs_elsewhere() const;

    // The lowest priority, for a time (0: until it is ended).
    void depress(uint32_t milliseconds);
    bool end_depression();  // False: there was none.
    bool depressed() const { return depressed_.load(std::memory_order_acquire); }

    SpinLock<LockRank::Thread>& lock() const RETURN_CAPABILITY(lock_) { return lock_; }
    bool active() const { return active_.load(std::memory_order_acquire); }
    uint32_t suspend_count() const REQUIRES(lock_) { return suspend_count_; }
    uint32_t pending() const { return user.pending.load(std::memory_order_acquire); }
    void set_pending(uint32_t bits) { user.pending.fetch_or(bits, std::memory_order_acq_rel); }
    void clear_pending(uint32_t bits) { user.pending.fetch_and(~bits, std::memory_order_acq_rel); }

    Priority priority() const { return priority_; }            // What the scheduler goes by.
    Priority base_priority() const { return base_priority_; }  // What was set.
    policy_t policy() const { return policy_; }
    bool is_kernel_thread() const { return kernel_thread_; }
    bool is_idle_thread() const { return idle_; }
    const char* name() const { return name_; }                     // Of a kernel thread.
    machine::KernelStack* kernel_stack() const { return stack_; }  // For the machine layer; H3.
    uint64_t user_time_ns() const { return user_time_ns_; }
    uint64_t system_time_ns() const { return system_time_ns_; }
    int run_state() const;  // TH_STATE_*

    SpinLock<LockRank::Task>& rights_lock() const RETURN_CAPABILITY(rights_lock_) { return rights_lock_; }
    ExceptionActions& exception_actions() REQUIRES(rights_lock_) { return exception_actions_; }

    // The kernel's port for this thread, and what has been put in its place (thread_set_special_port).
    RefPtr<IpcPort> kernel_port;
    SendRight& special_port() REQUIRES(rights_lock_) { return special_port_; }

    // A mutex is held across blocking, so the thread keeps the record that LockState keeps for spin locks.
    void note_mutex_taken(LockRank rank);
    void note_mutex_released(LockRank rank);
    unsigned mutexes_held() const { return mutexes_held_; }

    static size_t count();
    static void destroy_last_reference(Thread* thread);

    TaskThreadHook task_hook;  // Task::lock

private:
    friend class Scheduler;       // sched.cpp
    friend class WaitQueueGuard;  // wait_queue.cpp
    friend class RunQueue;
    friend Thread* kernel_thread_create(const char*, Priority, Continuation);
    template <class>
    friend class Zone;

    Thread(RefPtr<Task> task, LedgerCharge charge);
    void drop_rights();
    ~Thread();
    Step reap() override;

    mutable SpinLock<LockRank::Thread> lock_;
    RefPtr<Task> task_;
    const uint64_t id_;
    LedgerCharge charge_;
    std::atomic<bool> active_ = true;

    // Scheduling.
    alignas(4) bool running_ GUARDED_BY(lock_) = false;  // H1
    bool waiting_ GUARDED_BY(lock_) = false;
    bool claimed_ = false;  // W3.  These four lie together, for they change together.
    Interruptible interruptible_ = Interruptible::No;
    bool stopped_ GUARDED_BY(lock_) = true;       // Parked by a suspension, or never started.
    bool ended_ GUARDED_BY(lock_) = false;        // Will never run again.
    bool stop_wanted_ GUARDED_BY(lock_) = false;  // Someone is in wait_until_stopped().
    bool kernel_thread_ = false;
    bool idle_ = false;
    uint32_t suspend_count_ GUARDED_BY(lock_) = 0;  // By thread_suspend().
    uint32_t hold_count_ GUARDED_BY(lock_) = 0;     // The same, and one if its task is suspended.
    const char* name_ = "";
    Priority priority_ = priority_default;
    Priority base_priority_ = priority_default;
    Priority max_priority_ = priority_max_user;
    policy_t policy_ = POLICY_TIMESHARE;
    machine::Processor* last_processor_ = nullptr;
    machine::Processor* bound_processor_ =
        nullptr;                                  // Of a user thread: only together with ParticularMachine.
    std::atomic<RunQueue*> run_queue_ = nullptr;  // Q2
    Priority queued_priority_ = 0;                // Of the list that it is in, while in a run queue.
    uint64_t quantum_left_ns_ = quantum_ns;
    uint64_t user_time_ns_ = 0;
    uint64_t system_time_ns_ = 0;
    machine::KernelStack* stack_ = nullptr;
    Continuation continuation_ = nullptr;

    // Waiting: under the wait queue's lock, then lock_.
    WaitQueue* wait_queue_ = nullptr;
    WaitResult wait_result_ = WaitResult::Awakened;
    uint64_t wait_deadline_ns_ = UINT64_MAX;  // Also while it does not wait.
    Timer wait_timer_;
    WaitQueue stop_waiters_;  // Those in wait_until_stopped().
    Timer depress_timer_;
    std::atomic<bool> depressed_ = false;
    unsigned mutexes_held_ = 0;
    std::array<uint8_t, static_cast<size_t>(last_sleep_rank) + 1> mutex_ranks_{};

    ThreadLink<WaitTag> wait_link_{*this};
    ThreadLink<RunTag> run_link_{*this};

    mutable SpinLock<LockRank::Task> rights_lock_;
    ExceptionActions exception_actions_ GUARDED_BY(rights_lock_);
    SendRight special_port_ GUARDED_BY(rights_lock_);
};

#endif
