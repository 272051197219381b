// kernel/kern/thread_calls.cpp: thread_act.defs, and sync.defs.

#include <ipc/ipc_kobject.h>
#include <ipc/mach_msg.h>
#include <kern/call_support.h>
#include <kern/kernel_objects.h>
#include <mach/thread_info.h>

#include <sync_kernel.h>  // Made by mig.
#include <thread_act_kernel.h>

using mach::failure;
using mach::Result;

namespace {

Result<void> check_active(const Thread& thread)
{
    return thread.active() ? Result<void>{} : failure(KERN_TERMINATED);
}

// Holds a thread still while its registers are looked at.
class Stopped {
public:
    // KERN_INVALID_ARGUMENT: the caller itself.  KERN_ABORTED.
    [[nodiscard]] static Result<Stopped> stop(Thread& thread)
    {
        Thread& self = current_thread();
        if (&thread == &self)
            return failure(KERN_INVALID_ARGUMENT);
        TRY(thread.suspend());
        Stopped stopped{thread};
        TRY(thread.wait_until_stopped(self));
        return stopped;
    }
    Stopped(Stopped&& other) noexcept : thread_{std::exchange(other.thread_, nullptr)} {}
    ~Stopped()
    {
        // The analyzer takes a Result that holds an error for one that holds a Stopped.
        if (thread_ != nullptr)  // NOLINT(clang-analyzer-core.UndefinedBinaryOperatorResult)
            (void)thread_->resume();
    }

private:
    explicit Stopped(Thread& thread) : thread_{&thread} {}
    Thread* thread_;
};

Result<void> basic_info(Thread& thread, mig::OutArray<integer_t>& out)
{
    thread_basic_info_data_t info{};
    info.user_time = time_value_of(thread.user_time_ns());
    info.system_time = time_value_of(thread.system_time_ns());
    info.policy = thread.policy();
    info.run_state = thread.run_state();
    info.flags = thread.kernel_stack() == nullptr ? TH_FLAGS_SWAPPED : 0;
    {
        Guard guard{thread.lock()};
        info.suspend_count = static_cast<integer_t>(thread.suspend_count());
    }
    return answer_info(out, info);
}

Result<void> identifier_info(Thread& thread, mig::OutArray<integer_t>& out)
{
    thread_identifier_info_data_t info{};
    info.thread_id = thread.id();
    return answer_info(out, info);
}

}  // namespace

namespace thread_act_calls {

Result<void> thread_terminate(ThreadRef target_act)
{
    TRY(check_active(*target_act));
    target_act->terminate();
    return {};
}

Result<void> thread_get_state(ThreadRef target_act, thread_state_flavor_t flavor,
                              mig::OutArray<natural_t>& old_state)
{
    const Stopped stopped = TRY(Stopped::stop(*target_act));
    old_state.set_count(TRY(target_act->user.get_state(flavor, old_state.data(), old_state.capacity())));
    return {};
}

Result<void> thread_set_state(ThreadRef target_act, thread_state_flavor_t flavor,
                              std::span<const natural_t> new_state)
{
    const Stopped stopped = TRY(Stopped::stop(*target_act));
    mach_msg_keep_arguments(*target_act);
    return target_act->user.set_state(flavor, new_state.data(), static_cast<natural_t>(new_state.size()));
}

Result<void> thread_suspend(ThreadRef target_act)
{
    TRY(target_act->suspend());
    Thread& self = current_thread();
    if (target_act.get() == &self || !target_act->runs_elsewhere())
        return {};
    return target_act->wait_until_stopped(self);
}

Result<void> thread_resume(ThreadRef target_act) { return target_act->resume(); }

Result<void> thread_abort(ThreadRef target_act)
{
    TRY(check_active(*target_act));
    target_act->abort();
    return {};
}

Result<void> thread_abort_safely(ThreadRef target_act)
{
    TRY(check_active(*target_act));
    return target_act->abort_safely();
}

Result<void> thread_depress_abort(ThreadRef thread)
{
    TRY(check_active(*thread));
    return thread->end_depression() ? Result<void>{} : failure(KERN_NOT_DEPRESSED);
}

Result<SendRight> thread_get_special_port(ThreadRef thr_act, int which_port)
{
    TRY(check_active(*thr_act));
    if (which_port != THREAD_KERNEL_PORT)
        return failure(KERN_INVALID_ARGUMENT);
    {
        Guard guard{thr_act->rights_lock()};
        if (!thr_act->special_port().is_null())
            return thr_act->special_port().copy();
    }
    return ipc_kobject_port(*thr_act);
}

Result<void> thread_set_special_port(ThreadRef thr_act, int which_port, SendRight special_port)
{
    if (which_port != THREAD_KERNEL_PORT)
        return failure(KERN_INVALID_ARGUMENT);
    Guard guard{thr_act->rights_lock()};
    if (!thr_act->active())
        return failure(KERN_TERMINATED);
    std::swap(thr_act->special_port(), special_port);  // The old one goes after the lock.
    return {};
}

Result<void> thread_info(ThreadRef target_act, thread_flavor_t flavor,
                         mig::OutArray<integer_t>& thread_info_out)
{
    TRY(check_active(*target_act));
    switch (flavor) {
    case THREAD_BASIC_INFO:
        return basic_info(*target_act, thread_info_out);
    case THREAD_IDENTIFIER_INFO:
        return identifier_info(*target_act, thread_info_out);
    default:
        return failure(KERN_INVALID_ARGUMENT);
    }
}

Result<void> thread_set_exception_ports(ThreadRef thread, exception_mask_t exception_mask, SendRight new_port,
                                        exception_behavior_t behavior, thread_state_flavor_t new_flavor)
{
    TRY(exception_check(exception_mask, behavior, new_flavor));
    ExceptionActions actions = exception_actions_for(exception_mask, new_port, behavior, new_flavor);
    Guard guard{thread->rights_lock()};
    if (!thread->active())
        return failure(KERN_TERMINATED);
    exception_actions_replace(thread->exception_actions(), exception_mask, actions);
    return {};
}

}  // namespace thread_act_calls

namespace sync_calls {

Result<void> semaphore_signal(SemaphoreRef semaphore) { return semaphore->signal(); }
Result<void> semaphore_signal_all(SemaphoreRef semaphore) { return semaphore->signal_all(); }

Result<void> semaphore_wait(SemaphoreRef semaphore)
{
    return semaphore->wait(current_thread(), Deadline::never());
}

Result<void> semaphore_timedwait(SemaphoreRef semaphore, const mach_timespec_t& wait_time)
{
    return semaphore->wait(current_thread(), Deadline::after(TRY(ns_of(wait_time))));
}

}  // namespace sync_calls
