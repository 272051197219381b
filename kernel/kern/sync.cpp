// kernel/kern/sync.cpp

#include <kern/sync.h>

#include <ipc/ipc_kobject.h>
#include <kern/sched.h>
#include <kern/task.h>
#include <kern/zone.h>

namespace {

constinit Zone<Semaphore> semaphore_zone{"semaphores"};

}  // namespace

size_t Semaphore::count() { return semaphore_zone.live(); }
SemaphoreRef convert_port_to_semaphore(IpcPort* port)
{
    return ipc_kobject_object<Semaphore>(port, IpcKobjectType::Semaphore);
}

Semaphore::Semaphore(sync_policy_t policy, uint32_t count, LedgerCharge charge)
    : count_{count}, policy_{policy}, charge_{std::move(charge)}
{
}

mach::Result<RefPtr<Semaphore>> Semaphore::create(Task& task, sync_policy_t policy, uint32_t count)
{
    LedgerCharge charge = TRY(LedgerCharge::take(task.ledger(), Resource::Ports, 1));
    Semaphore* memory = semaphore_zone.create(policy, count, std::move(charge));
    if (memory == nullptr)
        return mach::failure(KERN_RESOURCE_SHORTAGE);
    RefPtr<Semaphore> semaphore = RefPtr<Semaphore>::adopt(memory);
    semaphore->task_ = &task;
    semaphore->port_ = TRY(ipc_kobject_create(IpcKobjectType::Semaphore, memory));
    if (!task.add_semaphore(*semaphore)) {
        semaphore->end();
        return mach::failure(KERN_INVALID_TASK);
    }
    return semaphore;
}

mach::Result<void> Semaphore::destroy(Task& task)
{
    if (&task != task_)
        return mach::failure(KERN_INVALID_RIGHT);
    if (!task.remove_semaphore(*this))
        return mach::failure(KERN_TERMINATED);
    end();
    return {};
}

// Its port dies, and who waits is told.
void Semaphore::end()
{
    ipc_kobject_destroy(*port_);
    Guard guard{lock_};
    active_ = false;
    thread_wakeup_all(waiters_, WaitResult::Restart);
}

SendRight Semaphore::port() { return ipc_kobject_make_send(*port_); }

mach::Result<void> Semaphore::signal()
{
    Guard guard{lock_};
    if (!active_)
        return mach::failure(KERN_TERMINATED);
    Thread* thread = policy_ == SYNC_POLICY_FIXED_PRIORITY ? wait_queue_claim_highest(waiters_)
                                                           : wait_queue_claim(waiters_);
    if (thread != nullptr)
        thread_go(*thread);
    else
        ++count_;
    return {};
}

mach::Result<void> Semaphore::signal_all()
{
    Guard guard{lock_};
    if (!active_)
        return mach::failure(KERN_TERMINATED);
    thread_wakeup_all(waiters_);
    return {};
}

mach::Result<void> Semaphore::wait(Thread& self, Deadline deadline)
{
    {
        Guard guard{lock_};
        if (!active_)
            return mach::failure(KERN_TERMINATED);
        if (count_ > 0) {
            --count_;
            return {};
        }
        assert_wait(self, waiters_, Interruptible::Safely, deadline);
    }
    switch (thread_block(self)) {
    case WaitResult::Awakened:
        return {};
    case WaitResult::TimedOut:
        return mach::failure(KERN_OPERATION_TIMED_OUT);
    case WaitResult::Restart:
        return mach::failure(KERN_TERMINATED);
    default:
        return mach::failure(KERN_ABORTED);
    }
}

void Semaphore::destroy_last_reference(Semaphore* semaphore) { semaphore_zone.destroy(semaphore); }
