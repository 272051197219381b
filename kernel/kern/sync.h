// kernel/kern/sync.h
//
// Semaphores (sync.defs): a count, and threads that wait until it is above zero.
//
// Lifetime    RefPtr: the task that it belongs to, and calls under way.  It ends with semaphore_destroy() or with its
//             task; its port dies then.
// Lock        lock_, LockRank::Semaphore.
// Invariants  (S1) Someone waits  =>  count_ == 0.
//             (S2) A semaphore is in its task's list exactly while it is active.
#ifndef PORTICO_KERN_SYNC_H
#define PORTICO_KERN_SYNC_H

#include <boost/intrusive/list.hpp>

#include <ipc/ipc_port.h>
#include <ipc/ipc_right.h>
#include <kern/ledger.h>
#include <kern/wait_queue.h>
#include <lib/lock.h>
#include <lib/ref.h>
#include <mach/result.h>
#include <mach/sync_policy.h>

class Task;
class Thread;

class Semaphore final
    : public RefCounted<Semaphore>,
      public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::normal_link>> {
public:
    // KERN_RESOURCE_SHORTAGE; KERN_INVALID_TASK if the task is ending.
    [[nodiscard]] static mach::Result<RefPtr<Semaphore>> create(Task& task, sync_policy_t policy,
                                                                uint32_t count);
    // KERN_INVALID_RIGHT: it belongs to another task.  KERN_TERMINATED: it has ended already.
    mach::Result<void> destroy(Task& task);

    mach::Result<void> signal();  // KERN_TERMINATED, here and below.
    mach::Result<void> signal_all();
    // Keeps the stack.  KERN_ABORTED, KERN_OPERATION_TIMED_OUT.
    mach::Result<void> wait(Thread& self, Deadline deadline);

    [[nodiscard]] SendRight port();

    // Task's own use, under its lock (S2).
    bool is_linked_in_task() const { return linked_in_task_; }
    void set_linked_in_task(bool linked) { linked_in_task_ = linked; }

    static size_t count();
    static void destroy_last_reference(Semaphore* semaphore);

private:
    template <class>
    friend class Zone;
    friend class Task;

    Semaphore(sync_policy_t policy, uint32_t count, LedgerCharge charge);
    ~Semaphore() = default;
    void end();

    mutable SpinLock<LockRank::Semaphore> lock_;
    bool active_ GUARDED_BY(lock_) = true;
    uint32_t count_ GUARDED_BY(lock_);
    const sync_policy_t policy_;
    const Task* task_ = nullptr;  // Compared only: the task may be gone.
    bool linked_in_task_ = false;
    WaitQueue waiters_;
    RefPtr<IpcPort> port_;
    LedgerCharge charge_;
};

using SemaphoreRef = RefPtr<Semaphore>;
using SemaphoreList = boost::intrusive::list<Semaphore>;
[[nodiscard]] SemaphoreRef convert_port_to_semaphore(IpcPort* port);

#endif
