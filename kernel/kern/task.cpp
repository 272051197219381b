// kernel/kern/task.cpp
//
// Making tasks, stopping them, and their end.

#include <kern/task.h>

#include <ipc/ipc_kobject.h>
#include <ipc/ipc_space.h>
#include <kern/immortal.h>
#include <kern/scheduler.h>
#include <kern/sync.h>
#include <kern/zone.h>
#include <machine/io_ports.h>
#include <vm/vm_map.h>

namespace {

constinit Zone<Task> task_zone{"tasks"};
Task* the_kernel_task;

struct IdOf {
    using type = uint64_t;
    type operator()(const Task& task) const { return task.id(); }
};
using TasksById =
    boost::intrusive::set<Task, boost::intrusive::member_hook<Task, Task::ListHook, &Task::list_hook>,
                          boost::intrusive::key_of_value<IdOf>, boost::intrusive::constant_time_size<false>>;

// Every active task.  Each has references while it is in here (K3).
struct TaskList {
    SpinLock<LockRank::TaskList> lock;
    TasksById tasks GUARDED_BY(lock);
    uint64_t next_id GUARDED_BY(lock) = 0;
};
Immortal<TaskList> task_list;

}  // namespace

Task& kernel_task() { return *the_kernel_task; }
size_t Task::count() { return task_zone.live(); }

Task::Task(RefPtr<VmMap> map, RefPtr<IpcSpace> space, RefPtr<Ledger> ledger, LedgerCharge charge)
    : map_{std::move(map)}, space_{std::move(space)}, ledger_{std::move(ledger)}, charge_{std::move(charge)}
{
}

Task::~Task() = default;

mach::Result<RefPtr<Task>> Task::create(Task* parent, bool inherit_memory, RefPtr<Ledger> ledger)
{
    if (!ledger)
        ledger = parent != nullptr ? parent->ledger() : kernel_ledger();
    LedgerCharge charge = TRY(LedgerCharge::take(ledger, Resource::Tasks, 1));
    RefPtr<VmMap> map =
        TRY(parent != nullptr && inherit_memory ? parent->map().fork(ledger) : VmMap::create(ledger));
    RefPtr<IpcSpace> space = TRY(IpcSpace::create(ledger));

    Task* memory = task_zone.create(std::move(map), std::move(space), std::move(ledger), std::move(charge));
    if (memory == nullptr)
        return mach::failure(KERN_RESOURCE_SHORTAGE);
    RefPtr<Task> task = RefPtr<Task>::adopt(memory);
    TRY(task->create_ports());
    (void)RefPtr<Task>{*task}.leak();  // K3; Remains gives it back.
    if (parent != nullptr) {
        task->inherit_ports(*parent);
        task->set_name(parent->name());
    }
    task->enlist();
    if (!task->ledger_->takes_tasks()) {
        (void)task->terminate();  // Unless end_some_charged_to() has found it first.
        return mach::failure(KERN_TERMINATED);
    }
    return task;
}

mach::Result<void> Task::create_ports()
{
    RefPtr<IpcPort> port = TRY(ipc_kobject_create(IpcKobjectType::Task, this));
    mach::Result<RefPtr<IpcPort>> name = ipc_kobject_create(IpcKobjectType::TaskName, this);
    if (!name) {
        ipc_kobject_destroy(*port);
        return mach::failure(name.error());
    }
    kernel_port = std::move(port);
    name_port = std::move(*name);
    return {};
}

mach::Result<void> Task::create_kernel_task()
{
    Task* memory = task_zone.create(TRY(VmMap::create(kernel_ledger())),
                                    TRY(IpcSpace::create(kernel_ledger())), kernel_ledger(), LedgerCharge{});
    if (memory == nullptr)
        return mach::failure(KERN_RESOURCE_SHORTAGE);
    the_kernel_task = memory;
    memory->set_name({"kernel"});
    memory->enlist();
    return {};
}

// Everything is copied under the parent's lock, and stored when it is released: no two tasks' locks at once.
void Task::inherit_ports(Task& parent)
{
    ExceptionActions actions;
    std::array<SendRight, TASK_BOOTSTRAP_PORT + 1> special;
    std::array<SendRight, TASK_PORT_REGISTER_MAX> registered;
    {
        Guard guard{parent.lock_};
        for (size_t i = 0; i < actions.size(); ++i) {
            const ExceptionAction& theirs = parent.exception_actions_[i];
            actions[i] = ExceptionAction{theirs.port.copy(), theirs.behavior, theirs.flavor};
        }
        for (int which : {TASK_HOST_PORT, TASK_BOOTSTRAP_PORT})
            special[static_cast<size_t>(which)] = parent.special_ports_[static_cast<size_t>(which)].copy();
        for (size_t i = 0; i < registered.size(); ++i)
            registered[i] = parent.registered_ports_[i].copy();
    }
    set_tokens(parent.security_token(), parent.audit_token());
    Guard guard{lock_};
    std::swap(exception_actions_, actions);
    std::swap(special_ports_, special);
    std::swap(registered_ports_, registered);
}

// ---- The list of tasks, and their names.

void Task::enlist()
{
    TaskList& list = *task_list;
    Guard guard{list.lock};
    id_ = list.next_id++;
    list.tasks.insert(list.tasks.end(), *this);
}

void Task::delist()
{
    TaskList& list = *task_list;
    Guard guard{list.lock};
    list.tasks.erase(list.tasks.iterator_to(*this));
}

RefPtr<Task> Task::next(uint64_t id)
{
    TaskList& list = *task_list;
    Guard guard{list.lock};
    const auto found = list.tasks.lower_bound(id);
    return found == list.tasks.end() ? RefPtr<Task>{} : RefPtr<Task>{*found};
}

uint64_t Task::end_some_charged_to(const Ledger& ledger, uint64_t first)
{
    constexpr unsigned step = 32;  // Interrupts are off until the call returns.
    RefPtr<Task> task = next(first);
    for (unsigned looked_at = 0; task && looked_at < step; ++looked_at, task = next(task->id() + 1))
        if (task->ledger_.get() == &ledger || task->ledger_->is_below(ledger))
            (void)task->terminate();  // Or somebody else has just done it.
    return task ? task->id() : 0;
}

Task::Name Task::name() const
{
    Guard guard{lock_};
    return name_;
}

void Task::set_name(const Name& name)
{
    Guard guard{lock_};
    name_ = name;
}

// ---- Tokens.

security_token_t Task::security_token() const
{
    Guard guard{tokens_lock_};
    return security_token_;
}

audit_token_t Task::audit_token() const
{
    Guard guard{tokens_lock_};
    return audit_token_;
}

void Task::set_tokens(const security_token_t& security, const audit_token_t& audit)
{
    Guard guard{tokens_lock_};
    security_token_ = security;
    audit_token_ = audit;
}

// ---- Threads.

bool Task::add_thread(Thread& thread)
{
    Guard guard{lock_};
    if (!active())
        return false;
    Scheduler::begin_life(thread, /*holds=*/suspend_count_ > 0 ? 2 : 1);
    threads_.push_back(thread);
    ++thread_count_;
    return true;
}

void Task::remove_thread(Thread& thread)
{
    bool last;
    {
        Guard guard{lock_};
        threads_.erase(threads_.iterator_to(thread));
        --thread_count_;
        last = threads_.empty() && !active();
    }
    events.messages_sent += thread.fast_sent;
    events.messages_received += thread.fast_received;
    events.traps += thread.fast_sent;
    events.user_time_ns += thread.user_time_ns();
    events.system_time_ns += thread.system_time_ns();
    if (last)
        finish();
}

// The lock order is task, then thread, so a task's threads are stopped under its lock.
mach::Result<void> Task::suspend()
{
    Guard guard{lock_};
    if (!active())
        return mach::failure(KERN_INVALID_TASK);
    if (suspend_count_++ == 0)
        for (Thread& thread : threads_) {
            Guard thread_guard{thread.lock()};
            Scheduler::hold(thread);
        }
    return {};
}

mach::Result<void> Task::resume()
{
    Guard guard{lock_};
    if (!active())
        return mach::failure(KERN_INVALID_TASK);
    if (suspend_count_ == 0)
        return mach::failure(KERN_FAILURE);
    if (--suspend_count_ == 0)
        for (Thread& thread : threads_) {
            Guard thread_guard{thread.lock()};
            Scheduler::unhold(thread);
        }
    return {};
}

// ---- The end.

mach::Result<void> Task::terminate()
{
    bool empty;
    {
        Guard guard{lock_};
        if (!active())
            return mach::failure(KERN_INVALID_TASK);
        active_.store(false, std::memory_order_release);
        empty = threads_.empty();
    }
    delist();
    ipc_kobject_destroy(*kernel_port);
    ipc_kobject_destroy(*name_port);
    terminate_threads();
    if (empty)
        finish();
    return {};
}

// A thread's termination wakes it, which takes the wait queue's lock and so cannot be done under ours.
void Task::terminate_threads()
{
    for (RefPtr<Thread> thread = next_thread(0); thread; thread = next_thread(thread->id() + 1))
        thread->terminate();
}

RefPtr<Thread> Task::next_thread(uint64_t id)
{
    Guard guard{lock_};
    for (Thread& thread : threads_)  // In the order of their ids: they are appended.
        if (thread.id() >= id)
            return RefPtr<Thread>{thread};
    return {};
}

// No thread is left and none will come: what the task holds goes, step by step, from the reap list (K2).
void Task::finish() { reaper_enqueue(remains_); }

Reapable::Step Task::Remains::reap()
{
    if (task.space().terminate() == Step::More)
        return Step::More;
    task.map().terminate();
    task.drop_rights();
    task.end_semaphores();
    task.release();  // K3
    return Step::Done;
}

void Task::drop_rights()
{
    ExceptionActions actions;  // These go when the lock has been released: a right's end may send a message.
    std::array<SendRight, TASK_BOOTSTRAP_PORT + 1> special;
    std::array<SendRight, TASK_PORT_REGISTER_MAX> registered;
    Guard guard{lock_};
    std::swap(actions, exception_actions_);
    std::swap(special, special_ports_);
    std::swap(registered, registered_ports_);
}

// ---- Semaphores.

bool Task::add_semaphore(Semaphore& semaphore)
{
    Guard guard{lock_};
    if (!active())
        return false;
    semaphores_.push_back(semaphore);
    semaphore.set_linked_in_task(true);
    (void)RefPtr<Semaphore>{semaphore}.leak();
    return true;
}

bool Task::remove_semaphore(Semaphore& semaphore)
{
    RefPtr<Semaphore> listed;
    Guard guard{lock_};
    if (!semaphore.is_linked_in_task())
        return false;
    semaphores_.erase(semaphores_.iterator_to(semaphore));
    semaphore.set_linked_in_task(false);
    listed = RefPtr<Semaphore>::adopt(&semaphore);
    return true;
}

void Task::end_semaphores()
{
    for (;;) {
        RefPtr<Semaphore> semaphore;
        {
            Guard guard{lock_};
            if (semaphores_.empty())
                return;
            semaphore = RefPtr<Semaphore>::adopt(&semaphores_.front());
            semaphore->set_linked_in_task(false);
            semaphores_.pop_front();
        }
        semaphore->end();
    }
}

void Task::destroy_last_reference(Task* task) { reaper_enqueue(*task); }

Reapable::Step Task::reap()
{
    machine::io_ports_destroy(*this);
    task_zone.destroy(this);
    return Step::Done;
}
