#include "process_ports.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <mach/exception_types.h>
#include <mach/host_info.h>
#include <mach/mach.h>
#include <mig/runtime.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "../exec/program_stack.h"
#include "../support/unix_error.h"

namespace portico {

// ---- Life.

mach::Async<mach::Result<int32_t>> ProcessClient::fork(uint64_t ip, uint64_t sp, uint64_t fs_base)
{
    co_return co_await service_.fork(process_, ip, sp, fs_base);
}

mach::Async<mach::Result<void>> ProcessClient::exec(std::string_view path, mach::Memory arguments,
                                                    mach::Memory environment)
{
    co_return co_await service_.exec(process_, std::string{path}, split_strings(arguments.chars()),
                                     split_strings(environment.chars()));
}

mach::Async<mach::Result<void>> ProcessClient::exit(integer_t status)
{
    service_.end(process_, status & 0xff00);
    co_return {};
}

// ---- Waiting for children.

std::vector<ProcessRef> ProcessClient::selected_children(int32_t pid) const
{
    std::vector<ProcessRef> children = service_.table().children(process_->pid());
    std::erase_if(children, [&](const ProcessRef& child) {
        if (pid > 0)
            return child->pid() != pid;
        if (pid == 0)
            return child->identity.pgid != process_->identity.pgid;
        return pid < -1 && child->identity.pgid != -pid;
    });
    return children;
}

ProcessRef ProcessClient::find_child_with_news(const std::vector<ProcessRef>& candidates,
                                               integer_t options) const
{
    for (const ProcessRef& child : candidates) {
        if (!child->alive() || ((options & WUNTRACED) != 0 && child->stop_signal != 0) ||
            ((options & WCONTINUED) != 0 && child->continued))
            return child;
    }
    return nullptr;
}

mach::Async<process::WaitReply> ProcessClient::report(ProcessRef child, integer_t options)
{
    process::WaitReply reply{child->pid(), 0, child->usage};
    const bool keep = (options & WNOWAIT) != 0;
    if (!child->alive()) {
        reply.status = child->wait_status;
        if (!keep)
            co_await service_.reap(child);
    } else if (child->stop_signal != 0) {
        reply.status = W_STOPCODE(child->stop_signal);
        child->stop_signal = keep ? child->stop_signal : 0;
    } else {
        reply.status = 0xffff;
        child->continued = keep;
    }
    co_return reply;
}

mach::Async<mach::Result<process::WaitReply>> ProcessClient::wait(call_number_t call, int32_t pid,
                                                                  integer_t options)
{
    for (;;) {
        const std::vector<ProcessRef> candidates = selected_children(pid);
        if (candidates.empty())
            co_return unix_failure(ECHILD);
        if (const ProcessRef child = find_child_with_news(candidates, options))
            co_return co_await report(child, options);
        if ((options & WNOHANG) != 0)
            co_return process::WaitReply{0, 0, {}};
        if (!co_await process_->child_changed.wait(call))
            co_return unix_failure(EINTR);
    }
}

// ---- Signals.

bool ProcessClient::may_signal(const Process& target, int signal) const
{
    const unix_identity_t& own = process_->identity;
    const unix_identity_t& other = target.identity;
    if (own.euid == 0 || own.ruid == other.ruid || own.ruid == other.suid || own.euid == other.ruid ||
        own.euid == other.suid)
        return true;
    return signal == SIGCONT && own.sid == other.sid;
}

mach::Result<std::vector<ProcessRef>> ProcessClient::signal_targets(int32_t pid) const
{
    if (pid > 0)
        return std::vector<ProcessRef>{TRY(service_.table().find(pid))};
    std::vector<ProcessRef> targets;
    if (pid == -1) {
        targets = service_.table().all();
        std::erase_if(targets,
                      [&](const ProcessRef& target) { return target->pid() == 1 || target == process_; });
    } else {
        targets = service_.table().group(pid == 0 ? process_->identity.pgid : -pid);
    }
    if (targets.empty())
        return unix_failure(ESRCH);
    return targets;
}

mach::Async<mach::Result<void>> ProcessClient::kill(int32_t pid, integer_t signal, uint64_t value)
{
    if (signal != 0 && !is_signal(signal))
        co_return unix_failure(EINVAL);
    const std::vector<ProcessRef> targets = CO_TRY(signal_targets(pid));
    SignalDetails details;
    details.number = signal;
    details.code = SI_USER;
    details.sender_pid = process_->pid();
    details.sender_uid = process_->identity.ruid;
    details.value = value;
    bool any = false;
    for (const ProcessRef& target : targets) {
        if (!may_signal(*target, signal))
            continue;
        any = true;
        service_.send_signal(target, details);
    }
    if (!any)
        co_return unix_failure(EPERM);
    co_return {};
}

mach::Async<mach::Result<void>> ProcessClient::set_entry(uint64_t trampoline, uint64_t trap_begin,
                                                         uint64_t trap_end)
{
    process_->entry = {trampoline, trap_begin, trap_end};
    co_return {};
}

mach::Async<mach::Result<void>> ProcessClient::set_action(integer_t signal, integer_t disposition,
                                                          uint32_t flags, uint64_t mask)
{
    if (disposition < UNIX_SIGNAL_DEFAULT || disposition > UNIX_SIGNAL_CATCH)
        co_return unix_failure(EINVAL);
    CO_TRY(process_->signals.set_action(signal,
                                        {static_cast<unix_signal_disposition>(disposition), flags, mask}));
    co_return {};
}

mach::Async<mach::Result<uint64_t>> ProcessClient::set_mask(integer_t how, uint64_t set)
{
    const SignalSet old = CO_TRY(process_->signals.change_mask(how, set));
    service_.recheck_signals(process_);
    co_return old;
}

mach::Async<mach::Result<unix_signal_t>> ProcessClient::take_signal()
{
    unix_signal_t taken = process_->signals.take().value_or(unix_signal_t{});
    taken.saved_ip = std::exchange(process_->saved_ip, 0);
    taken.saved_sp = std::exchange(process_->saved_sp, 0);
    process_->announced = false;
    co_return taken;
}

mach::Async<mach::Result<void>> ProcessClient::finish_signal(uint64_t mask)
{
    process_->signals.set_mask(mask);
    service_.recheck_signals(process_);
    co_return {};
}

mach::Async<mach::Result<void>> ProcessClient::suspend(call_number_t call, uint64_t mask)
{
    process_->signals.begin_suspend(mask);
    service_.recheck_signals(process_);
    while (!process_->signals.can_take()) {
        if (!co_await process_->signal_arrived.wait(call)) {
            if (!process_->signals.can_take())
                process_->signals.end_suspend();
            break;
        }
    }
    co_return unix_failure(EINTR);
}

mach::Async<mach::Result<unix_signal_t>> ProcessClient::wait_signal(call_number_t call, uint64_t set,
                                                                    uint64_t time_limit_ns)
{
    const mach::Time now = service_.loop().now();
    const mach::Time deadline = ProcessService::later(now, time_limit_ns);
    for (;;) {
        if (auto taken = process_->signals.take_from(set))
            co_return *taken;
        const auto woken = co_await process_->signal_arrived.wait(call, deadline);
        if (!woken)
            co_return unix_failure(woken.error() == KERN_OPERATION_TIMED_OUT ? EAGAIN : EINTR);
    }
}

mach::Async<mach::Result<uint64_t>> ProcessClient::pending() { co_return process_->signals.pending(); }

mach::Async<mach::Result<process::SetSignalStackReply>>
ProcessClient::set_signal_stack(boolean_t change, uint64_t base, uint64_t size)
{
    SignalStack& stack = process_->signals.stack;
    const process::SetSignalStackReply old{stack.base, stack.size};
    if (change)
        stack = {base, size};
    co_return old;
}

// ---- Identity.

mach::Async<mach::Result<unix_identity_t>> ProcessClient::identity(int32_t pid)
{
    if (pid == 0)
        co_return process_->identity;
    co_return CO_TRY(service_.table().find(pid))->identity;
}

mach::Async<mach::Result<void>> ProcessClient::set_group(int32_t pid, int32_t pgid)
{
    if (pgid < 0)
        co_return unix_failure(EINVAL);
    const ProcessRef target = pid == 0 ? process_ : CO_TRY(service_.table().find(pid));
    const bool is_child = target->identity.ppid == process_->pid();
    if (target != process_ && !is_child)
        co_return unix_failure(ESRCH);
    if (is_child && target->executed)
        co_return unix_failure(EACCES);
    if (target->identity.sid == target->pid() || target->identity.sid != process_->identity.sid)
        co_return unix_failure(EPERM);
    const int32_t group = pgid == 0 ? target->pid() : pgid;
    if (group != target->pid() && !service_.table().has_group_in_session(group, target->identity.sid))
        co_return unix_failure(EPERM);
    target->identity.pgid = group;
    co_await service_.announce_change(target);
    co_return {};
}

mach::Async<mach::Result<int32_t>> ProcessClient::set_session()
{
    if (process_->identity.pgid == process_->pid() || !service_.table().group(process_->pid()).empty())
        co_return unix_failure(EPERM);
    process_->identity.sid = process_->identity.pgid = process_->pid();
    co_await service_.announce_change(process_);
    co_return process_->pid();
}

namespace {

// The rules of setresuid and setresgid for one of the three ids; (uint32_t)-1 keeps it.
bool may_become(uint32_t id, uint32_t real, uint32_t effective, uint32_t saved, bool privileged)
{
    return id == static_cast<uint32_t>(-1) || privileged || id == real || id == effective || id == saved;
}

mach::Result<void> set_three(uint32_t& real, uint32_t& effective, uint32_t& saved, uint32_t new_real,
                             uint32_t new_effective, uint32_t new_saved, bool privileged)
{
    constexpr auto unchanged = static_cast<uint32_t>(-1);
    for (const uint32_t id : {new_real, new_effective, new_saved}) {
        if (!may_become(id, real, effective, saved, privileged))
            return unix_failure(EPERM);
    }
    real = new_real == unchanged ? real : new_real;
    effective = new_effective == unchanged ? effective : new_effective;
    saved = new_saved == unchanged ? saved : new_saved;
    return {};
}

}  // namespace

mach::Async<mach::Result<void>> ProcessClient::set_users(uint32_t real, uint32_t effective, uint32_t saved)
{
    unix_identity_t& id = process_->identity;
    CO_TRY(set_three(id.ruid, id.euid, id.suid, real, effective, saved, id.euid == 0));
    co_await service_.announce_change(process_);
    co_return {};
}

mach::Async<mach::Result<void>> ProcessClient::set_groups_ids(uint32_t real, uint32_t effective,
                                                              uint32_t saved)
{
    unix_identity_t& id = process_->identity;
    CO_TRY(set_three(id.rgid, id.egid, id.sgid, real, effective, saved, id.euid == 0));
    co_await service_.announce_change(process_);
    co_return {};
}

mach::Async<mach::Result<void>> ProcessClient::get_groups(mig::OutArray<uint32_t>& groups)
{
    const size_t count = std::min<size_t>(process_->groups.size(), groups.capacity());
    std::copy_n(process_->groups.begin(), count, groups.data());
    groups.set_count(static_cast<uint32_t>(count));
    co_return {};
}

mach::Async<mach::Result<void>> ProcessClient::set_groups(std::span<const uint32_t> groups)
{
    if (process_->identity.euid != 0)
        co_return unix_failure(EPERM);
    process_->groups.assign(groups.begin(), groups.end());
    co_return {};
}

// ---- Time.

mach::Async<mach::Result<unix_timer_t>> ProcessClient::set_timer(integer_t which, boolean_t change,
                                                                 const unix_timer_t& timer)
{
    if (which != ITIMER_REAL)
        co_return unix_failure(EINVAL);
    const mach::Time now = service_.loop().now();
    const unix_timer_t old{process_->alarm_at > now ? process_->alarm_at - now : 0,
                           process_->alarm_interval_ns};
    if (change)
        service_.set_alarm(process_, timer.value_ns == 0 ? 0 : ProcessService::later(now, timer.value_ns),
                           timer.interval_ns);
    co_return old;
}

mach::Async<mach::Result<unix_usage_t>> ProcessClient::usage(integer_t who)
{
    if (who == RUSAGE_SELF)
        co_return ProcessService::usage_of(*process_);
    if (who == RUSAGE_CHILDREN)
        co_return process_->children_usage;
    co_return unix_failure(EINVAL);
}

mach::Async<mach::Result<void>> ProcessClient::background_access(boolean_t writing)
{
    const int signal = writing ? SIGTTOU : SIGTTIN;
    const SignalState& signals = process_->signals;
    if (signals.blocked(signal) || signals.ignored(signal)) {
        if (writing)
            co_return {};
        co_return unix_failure(EIO);
    }
    if (service_.table().is_orphaned(process_->identity.pgid))
        co_return unix_failure(EIO);
    service_.signal_group(process_->identity.pgid, signal);
    co_return unix_failure(EINTR);
}

// ---- The system.

mach::Async<mach::Result<void>> ProcessClient::get_host_name(mig::OutArray<char>& name)
{
    const std::string& host = service_.host_name();
    std::memcpy(name.data(), host.c_str(), host.size() + 1);
    name.set_count(static_cast<uint32_t>(host.size() + 1));
    co_return {};
}

mach::Async<mach::Result<void>> ProcessClient::set_host_name(std::string_view name)
{
    if (process_->identity.euid != 0)
        co_return unix_failure(EPERM);
    if (name.size() >= UNIX_NAME_MAX)
        co_return unix_failure(EINVAL);
    service_.host_name() = name;
    co_return {};
}

mach::Async<mach::Result<void>> ProcessClient::reboot(uint32_t how)
{
    if (process_->identity.euid != 0)
        co_return unix_failure(EPERM);
    int option = 0;
    switch (how) {
    case RB_POWER_OFF:
        option = HOST_REBOOT_POWER_OFF;
        break;
    case RB_AUTOBOOT:
        option = HOST_REBOOT_RESTART;
        break;
    case RB_HALT_SYSTEM:
        option = HOST_REBOOT_HALT;
        break;
    default:
        co_return unix_failure(EINVAL);
    }
    if (host_reboot(service_.services().host_priv.name(), option) != KERN_SUCCESS)
        co_return unix_failure(EIO);
    co_return {};
}

mach::Async<mach::Result<void>> ProcessClient::set_time(int64_t)
{
    co_return unix_failure(ENOSYS);  // The kernel's calendar cannot be set yet: docs/status.md.
}

// ---- Exceptions.

namespace {

SignalDetails signal_of(exception_type_t exception, std::span<const exception_data_type_t> code)
{
    SignalDetails details;
    const int64_t first = code.empty() ? 0 : code[0];
    details.address = code.size() > 1 ? static_cast<uint64_t>(code[1]) : 0;
    switch (exception) {
    case EXC_BAD_ACCESS:
        details.number = first == KERN_INVALID_ADDRESS || first == KERN_PROTECTION_FAILURE ? SIGSEGV : SIGBUS;
        details.code = first == KERN_INVALID_ADDRESS      ? SEGV_MAPERR
                       : first == KERN_PROTECTION_FAILURE ? SEGV_ACCERR
                                                          : BUS_ADRERR;
        break;
    case EXC_BAD_INSTRUCTION:
        details.number = first == EXC_I386_GPFLT ? SIGSEGV : SIGILL;
        details.code = first == EXC_I386_GPFLT ? SI_KERNEL : ILL_ILLOPC;
        break;
    case EXC_ARITHMETIC:
        details.number = SIGFPE;
        details.code = first == EXC_I386_DIV ? FPE_INTDIV : FPE_FLTINV;
        break;
    case EXC_BREAKPOINT:
        details.number = SIGTRAP;
        details.code = TRAP_BRKPT;
        break;
    default:
        details.number = SIGSYS;
        details.code = SI_KERNEL;
        break;
    }
    return details;
}

}  // namespace

mach::Async<mach::Result<void>> ExceptionPort::exception_raise(mach::SendRight, mach::SendRight,
                                                               exception_type_t exception,
                                                               std::span<const exception_data_type_t> code)
{
    if (!service_.take_fault(process_, signal_of(exception, code)))
        co_return mach::failure(KERN_FAILURE);
    co_return {};
}

// The service asks for EXCEPTION_DEFAULT only.
mach::Async<mach::Result<int>> ExceptionPort::exception_raise_state(exception_type_t,
                                                                    std::span<const exception_data_type_t>,
                                                                    int, std::span<const natural_t>,
                                                                    mig::OutArray<natural_t>&)
{
    co_return mach::failure(MIG_BAD_ID);
}

mach::Async<mach::Result<int>>
ExceptionPort::exception_raise_state_identity(mach::SendRight, mach::SendRight, exception_type_t,
                                              std::span<const exception_data_type_t>, int,
                                              std::span<const natural_t>, mig::OutArray<natural_t>&)
{
    co_return mach::failure(MIG_BAD_ID);
}

}  // namespace portico
