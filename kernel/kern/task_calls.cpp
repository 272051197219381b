// kernel/kern/task_calls.cpp: task.defs, and the part of host_security.defs that makes tasks.

#include <array>

#include <ipc/ipc_kobject.h>
#include <kern/call_support.h>
#include <kern/kernel_objects.h>
#include <mach/task_info.h>

#include <host_security_kernel.h>  // Made by mig.
#include <task_kernel.h>

using mach::failure;
using mach::Result;

namespace {

// The ledger that a creator names; null: the parent's.
Result<LedgerRef> ledger_of(IpcPortArray& ledgers)
{
    if (ledgers.size() == 0)
        return LedgerRef{};
    LedgerRef ledger = convert_port_to_ledger(ledgers[0].raw());
    if (!ledger)
        return failure(KERN_INVALID_LEDGER);
    return ledger;
}

Result<RefPtr<Task>> create(Task& parent, IpcPortArray& ledgers, boolean_t inherit_memory)
{
    LedgerRef ledger = TRY(ledger_of(ledgers));
    return Task::create(&parent, inherit_memory != FALSE, std::move(ledger));
}

// Only a processor that executes the task's code at this moment has to be waited for: everyone else meets the
// suspension before user mode.
Result<void> wait_for_threads(Task& task)
{
    Thread& self = current_thread();
    for (RefPtr<Thread> thread = task.next_thread(0); thread; thread = task.next_thread(thread->id() + 1)) {
        if (thread.get() == &self || !thread->runs_elsewhere())
            continue;
        if (Result<void> stopped = thread->wait_until_stopped(self);
            !stopped && stopped.error() == KERN_ABORTED)
            return stopped;
    }
    return {};
}

struct Times {
    uint64_t user_ns = 0;
    uint64_t system_ns = 0;
};

Times times_of_threads(Task& task)
{
    Times times;
    Guard guard{task.lock()};
    for (const Thread& thread : task.threads()) {
        times.user_ns += thread.user_time_ns();
        times.system_ns += thread.system_time_ns();
    }
    return times;
}

Result<void> basic_info(Task& task, mig::OutArray<integer_t>& out)
{
    mach_task_basic_info_data_t info{};
    info.virtual_size = task.map().virtual_size();
    info.resident_size = task.map().resident_pages() * page_size;
    info.resident_size_max = info.resident_size;
    info.user_time = time_value_of(task.events.user_time_ns);
    info.system_time = time_value_of(task.events.system_time_ns);
    info.policy = POLICY_TIMESHARE;
    {
        Guard guard{task.lock()};
        info.suspend_count = static_cast<integer_t>(task.suspend_count());
    }
    return answer_info(out, info);
}

Result<void> events_info(Task& task, mig::OutArray<integer_t>& out)
{
    const Task::Events& events = task.events;
    const auto number = [](const std::atomic<uint32_t>& counter) {
        return static_cast<integer_t>(counter.load());
    };
    // Each message that a thread has sent by the shortest way was a trap, too.
    uint32_t sent = 0;
    uint32_t received = 0;
    {
        Guard guard{task.lock()};
        for (const Thread& thread : task.threads()) {
            sent += thread.fast_sent;
            received += thread.fast_received;
        }
    }
    task_events_info_data_t info{};
    info.faults = number(events.faults);
    info.pageins = number(events.pageins);
    info.cow_faults = number(events.cow_faults);
    info.messages_sent = number(events.messages_sent) + static_cast<integer_t>(sent);
    info.messages_received = number(events.messages_received) + static_cast<integer_t>(received);
    info.syscalls_mach = number(events.traps) + static_cast<integer_t>(sent);
    info.csw = number(events.switches);
    return answer_info(out, info);
}

bool may_be_set(int which)
{
    return which == TASK_KERNEL_PORT || which == TASK_HOST_PORT || which == TASK_BOOTSTRAP_PORT;
}

}  // namespace

namespace task_calls {

Result<SendRight> task_create(TaskRef parent_task, IpcPortArray ledgers, boolean_t inherit_memory)
{
    RefPtr<Task> task = TRY(create(*parent_task, ledgers, inherit_memory));
    return ipc_kobject_port(*task);
}

Result<void> task_terminate(TaskRef target_task) { return target_task->terminate(); }

Result<IpcPortArray> task_threads(TaskRef target_task)
{
    uint32_t room;
    {
        Guard guard{target_task->lock()};
        room = target_task->thread_count();
    }
    IpcPortArray ports = TRY(IpcPortArray::create(room));
    uint32_t count = 0;
    RefPtr<Thread> thread = target_task->next_thread(0);
    for (; thread && count < room; thread = target_task->next_thread(thread->id() + 1))
        ports.put(count++, IpcRight{ipc_kobject_port(*thread)});
    return ports;  // A thread that has ended meanwhile leaves a null right.
}

Result<void> mach_ports_register(TaskRef target_task, IpcPortArray init_port_set)
{
    if (init_port_set.size() > TASK_PORT_REGISTER_MAX)
        return failure(KERN_INVALID_ARGUMENT);
    std::array<SendRight, TASK_PORT_REGISTER_MAX> ports;
    for (uint32_t i = 0; i < init_port_set.size(); ++i) {
        IpcRight& right = init_port_set[i];
        if (!right.is_null() && right.kind() != RightKind::Send)
            return failure(KERN_INVALID_VALUE);
        ports[i] = right.take_send();
    }
    Guard guard{target_task->lock()};
    std::swap(ports, target_task->registered_ports());
    return {};
}

Result<IpcPortArray> mach_ports_lookup(TaskRef target_task)
{
    IpcPortArray ports = TRY(IpcPortArray::create(TASK_PORT_REGISTER_MAX));
    Guard guard{target_task->lock()};
    for (uint32_t i = 0; i < TASK_PORT_REGISTER_MAX; ++i)
        ports.put(i, IpcRight{target_task->registered_ports()[i].copy()});
    return ports;
}

Result<void> task_info(TaskRef target_task, task_flavor_t flavor, mig::OutArray<integer_t>& task_info_out)
{
    Task& task = *target_task;
    switch (flavor) {
    case MACH_TASK_BASIC_INFO:
        return basic_info(task, task_info_out);
    case TASK_EVENTS_INFO:
        return events_info(task, task_info_out);
    case TASK_THREAD_TIMES_INFO: {
        const Times times = times_of_threads(task);
        return answer_info(task_info_out, task_thread_times_info_data_t{time_value_of(times.user_ns),
                                                                        time_value_of(times.system_ns)});
    }
    case TASK_SECURITY_TOKEN:
        return answer_info(task_info_out, task.security_token());
    case TASK_AUDIT_TOKEN:
        return answer_info(task_info_out, task.audit_token());
    default:
        return failure(KERN_INVALID_ARGUMENT);
    }
}

Result<void> task_suspend(TaskRef target_task)
{
    TRY(target_task->suspend());
    return wait_for_threads(*target_task);
}

Result<void> task_resume(TaskRef target_task) { return target_task->resume(); }

Result<SendRight> task_get_special_port(TaskRef task, int which_port)
{
    if (which_port == TASK_KERNEL_PORT)
        return ipc_kobject_port(*task);
    if (which_port == TASK_NAME_PORT)
        return ipc_kobject_make_send(*task->name_port);
    if (!may_be_set(which_port))
        return failure(KERN_INVALID_ARGUMENT);
    Guard guard{task->lock()};
    return task->special_port(which_port).copy();
}

Result<void> task_set_special_port(TaskRef task, int which_port, SendRight special_port)
{
    if (!may_be_set(which_port))
        return failure(KERN_INVALID_ARGUMENT);
    Guard guard{task->lock()};
    std::swap(task->special_port(which_port),
              special_port);  // The old one goes after the lock: it is the argument now.
    return {};
}

Result<SendRight> thread_create(TaskRef parent_task)
{
    RefPtr<Thread> thread = TRY(Thread::create(*parent_task));
    return ipc_kobject_port(*thread);
}

Result<SendRight> thread_create_running(TaskRef parent_task, thread_state_flavor_t flavor,
                                        std::span<const natural_t> new_state)
{
    RefPtr<Thread> thread = TRY(Thread::create(*parent_task));
    SendRight port = ipc_kobject_port(*thread);
    Result<void> set =
        thread->user.set_state(flavor, new_state.data(), static_cast<natural_t>(new_state.size()));
    if (!set) {
        thread->terminate();
        return failure(set.error());
    }
    TRY(thread->resume());
    return port;
}

Result<void> task_set_exception_ports(TaskRef task, exception_mask_t exception_mask, SendRight new_port,
                                      exception_behavior_t behavior, thread_state_flavor_t new_flavor)
{
    TRY(exception_check(exception_mask, behavior, new_flavor));
    ExceptionActions actions = exception_actions_for(exception_mask, new_port, behavior, new_flavor);
    Guard guard{task->lock()};
    exception_actions_replace(task->exception_actions(), exception_mask, actions);
    return {};
}

Result<SendRight> semaphore_create(TaskRef task, sync_policy_t policy, int value)
{
    if (value < 0 || (policy != SYNC_POLICY_FIFO && policy != SYNC_POLICY_FIXED_PRIORITY))
        return failure(KERN_INVALID_ARGUMENT);
    SemaphoreRef semaphore = TRY(Semaphore::create(*task, policy, static_cast<uint32_t>(value)));
    return semaphore->port();
}

Result<void> semaphore_destroy(TaskRef task, SemaphoreRef semaphore) { return semaphore->destroy(*task); }

}  // namespace task_calls

namespace host_security_calls {

Result<SendRight> host_security_create_task_token(HostSecurityRef, TaskRef parent_task,
                                                  const security_token_t& sec_token,
                                                  const audit_token_t& audit_token, IpcPortArray ledgers,
                                                  boolean_t inherit_memory)
{
    RefPtr<Task> task = TRY(create(*parent_task, ledgers, inherit_memory));
    task->set_tokens(sec_token, audit_token);
    return ipc_kobject_port(*task);
}

Result<void> host_security_set_task_token(HostSecurityRef, TaskRef target_task,
                                          const security_token_t& sec_token, const audit_token_t& audit_token)
{
    target_task->set_tokens(sec_token, audit_token);
    return {};
}

}  // namespace host_security_calls
