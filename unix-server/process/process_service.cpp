#include "process_service.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <mach/mach.h>
#include <mach/special_ports.h>
#include <mach/task_info.h>
#include <mig/runtime.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "../exec/program_loader.h"
#include "../signal/signal_delivery.h"
#include "../support/unix_error.h"
#include "process_ports.h"

namespace portico {

namespace {

constexpr exception_mask_t handled_exceptions = EXC_MASK_BAD_ACCESS | EXC_MASK_BAD_INSTRUCTION |
                                                EXC_MASK_ARITHMETIC | EXC_MASK_BREAKPOINT | EXC_MASK_SYSCALL |
                                                EXC_MASK_SOFTWARE;

mach::Result<mach::SendRight> task_name_of(mach_port_t task)
{
    mach_port_t name = MACH_PORT_NULL;
    TRY(mach::result_of(task_get_special_port(task, TASK_NAME_PORT, &name)));
    return mach::SendRight{name};
}

// When an alarm that was due at `at` is due again.  Periods that have passed unseen are one, and none is shorter than the
// service can keep: a process uses up its own time with alarms, not everybody's.
mach::Time next_period(mach::Time at, uint64_t interval_ns, mach::Time now)
{
    constexpr uint64_t shortest_ns = 1'000'000;
    return std::max(ProcessService::later(at, interval_ns), now + shortest_ns);
}

SignalDetails details_of_child(const Process& child, int code, int status)
{
    SignalDetails details;
    details.number = SIGCHLD;
    details.code = code;
    details.sender_pid = child.pid();
    details.sender_uid = child.identity.ruid;
    details.status = status;
    return details;
}

}  // namespace

ProcessService::ProcessService(mach::EventLoop& loop, Services services)
    : loop_{loop}, services_{std::move(services)}
{
    if (!loop_.spawn(run_alarms()))
        std::abort();  // At start-up, with all memory free.
}

// ---- Beginning.

// The record's task, thread and ports are these from now on; the thread is still suspended.
mach::Result<void> ProcessService::start_in_task(const ProcessRef& process, mach::SendRight task,
                                                 mach::SendRight thread, mach::SendRight fs_client)
{
    auto client = std::make_shared<ProcessClient>(*this, process);
    auto exceptions = std::make_shared<ExceptionPort>(*this, process);
    const mach::SendRight client_right = TRY(client->make_send());
    const mach::SendRight exception_right = TRY(exceptions->make_send());
    mach_port_t ports[] = {client_right.name(), fs_client.name()};
    TRY(mach::result_of(mach_ports_register(task.name(), ports, std::size(ports))));
    TRY(mach::result_of(task_set_special_port(task.name(), TASK_BOOTSTRAP_PORT, MACH_PORT_NULL)));
    // A program must not choose what one with more rights takes for the host, or who handles its faults.
    TRY(mach::result_of(task_set_special_port(task.name(), TASK_HOST_PORT, mach_host_self())));
    TRY(mach::result_of(task_set_exception_ports(task.name(), EXC_MASK_ALL & ~handled_exceptions,
                                                 MACH_PORT_NULL, EXCEPTION_DEFAULT, THREAD_STATE_NONE)));
    TRY(mach::result_of(task_set_exception_ports(task.name(), handled_exceptions, exception_right.name(),
                                                 EXCEPTION_DEFAULT, THREAD_STATE_NONE)));
    mach::DeathWatch death = TRY(loop_.watch_death(task, [this, weak = std::weak_ptr{process}] {
        if (const ProcessRef died = weak.lock())
            end(died,
                SIGKILL);  // The task went without an exit: somebody held its port, or the kernel ended it.
    }));

    if (process->client != nullptr)
        process->client->close();
    if (process->exceptions != nullptr)
        process->exceptions->close();
    process->client = std::move(client);
    process->exceptions = std::move(exceptions);
    process->death = std::move(death);
    process->task = std::move(task);
    process->thread = std::move(thread);
    return {};
}

mach::Result<mach::SendRight> ProcessService::make_forked_thread(mach_port_t task, uint64_t ip, uint64_t sp,
                                                                 uint64_t fs_base)
{
    mach_port_t name = MACH_PORT_NULL;
    TRY(mach::result_of(thread_create(task, &name)));
    mach::SendRight thread{name};
    x86_thread_state64_t registers{};
    registers.rip = ip;
    registers.rsp = sp;
    registers.rflags = 0x202;
    registers.fs_base = fs_base;
    TRY(mach::result_of(thread_set_state(
        name, x86_THREAD_STATE64, reinterpret_cast<thread_state_t>(&registers), x86_THREAD_STATE64_COUNT)));
    return thread;
}

mach::Result<ProcessRef> ProcessService::make_child_record(const Process& parent)
{
    auto child = std::make_shared<Process>();
    child->identity = parent.identity;
    child->identity.pid = TRY(table_.choose_pid());
    child->identity.ppid = parent.pid();
    child->groups = parent.groups;
    child->signals = parent.signals.for_fork();
    child->entry = parent.entry;
    table_.add(child);
    return child;
}

mach::Async<mach::Result<void>> ProcessService::announce_fork(ProcessRef child, mach::SendRight task,
                                                              mach::SendRight thread)
{
    mach::SendRight name = CO_TRY(task_name_of(task.name()));
    mach::SendRight fs_client =
        CO_TRY(co_await services_.fs.fork(child->identity.ppid, child->identity, std::move(name)));
    CO_TRY(co_await services_.tty_events.process_started(child->identity));
    co_return start_in_task(child, std::move(task), std::move(thread), std::move(fs_client));
}

mach::Async<void> ProcessService::withdraw_child(ProcessRef child)
{
    child->ending = true;
    child->state = ProcessState::zombie;
    end_task(*child);
    release_task(*child);
    static_cast<void>(co_await services_.fs_events.process_exited(child->pid(), 0));
    static_cast<void>(co_await services_.tty_events.process_exited(child->pid(), 0));
    static_cast<void>(co_await services_.fs_events.process_reaped(child->pid()));
    static_cast<void>(co_await services_.tty_events.process_reaped(child->pid()));
    table_.remove(child->pid());
}

mach::Async<mach::Result<int32_t>> ProcessService::fork(ProcessRef parent, uint64_t ip, uint64_t sp,
                                                        uint64_t fs_base)
{
    const auto guard = co_await parent->life_lock.lock();
    if (parent->ending)
        co_return unix_failure(ESRCH);
    mach_port_t task_name = MACH_PORT_NULL;
    if (task_create(parent->task.name(), nullptr, 0, TRUE, &task_name) != KERN_SUCCESS)
        co_return unix_failure(ENOMEM);
    mach::SendRight task{task_name};
    mach::Result<mach::SendRight> thread = make_forked_thread(task_name, ip, sp, fs_base);
    mach::Result<ProcessRef> child = thread ? make_child_record(*parent) : unix_failure(ENOMEM);
    if (!child) {
        task_terminate(task_name);
        co_return mach::failure(child.error());
    }
    // The name is the task's for as long as this coroutine needs it: the record keeps the right, or the task is ended here.
    mach::SendRight kept = CO_TRY(task.copy());
    mach::Result<void> announced = co_await announce_fork(*child, std::move(task), std::move(*thread));
    if (announced && parent->ending && parent->signals.pending() == 0)
        announced = unix_failure(EAGAIN);
    if (!announced) {
        task_terminate(kept.name());
        co_await withdraw_child(*child);
        co_return unix_failure(EAGAIN);
    }
    thread_resume((*child)->thread.name());
    co_return (*child)->pid();
}

// Set-user-id and set-group-id take effect; the dispositions of caught signals go back to their default.
mach::Result<void> ProcessService::become(const ProcessRef& process, const unix_stat_t& status)
{
    if ((status.st_mode & S_ISUID) != 0)
        process->identity.euid = status.st_uid;
    if ((status.st_mode & S_ISGID) != 0)
        process->identity.egid = status.st_gid;
    process->identity.suid = process->identity.euid;
    process->identity.sgid = process->identity.egid;
    process->signals.reset_for_exec();
    process->entry = {};
    process->announced = false;
    process->executed = true;
    return {};
}

mach::Async<mach::Result<void>> ProcessService::exec(ProcessRef process, std::string path,
                                                     std::vector<std::string> arguments,
                                                     std::vector<std::string> environment)
{
    const auto guard = co_await process->life_lock.lock();
    std::string shown;
    for (const std::string& argument : arguments) {
        if (shown.size() + argument.size() + 1 <= UNIX_IO_MAX)
            shown.append(argument.c_str(), argument.size() + 1);
    }
    const mach_port_t parent = process->task ? process->task.name() : mach_task_self();
    LoadedProgram program = CO_TRY(co_await load_program(
        loop_, services_.fs,
        {process->pid(), std::move(path), std::move(arguments), std::move(environment), parent}));
    const auto give_up = [&] { task_terminate(program.task.name()); };
    if (process->ending) {
        give_up();
        co_return unix_failure(ESRCH);
    }
    mach::Result<mach::SendRight> name = task_name_of(program.task.name());
    mach::Result<mach::SendRight> fs_client = mach::failure(KERN_FAILURE);
    if (name)
        fs_client = co_await services_.fs.exec(process->pid(), std::move(*name), shown);
    if (!fs_client) {
        give_up();
        co_return unix_failure(ENOMEM);
    }

    // The old program is no more from here on; its request is never answered.
    const mach::SendRight old_task = std::move(process->task);
    process->death.reset();
    if (old_task)
        task_terminate(old_task.name());
    const mach_port_t new_task = program.task.name();
    CO_TRY(become(process, program.status));
    if (const auto started =
            start_in_task(process, std::move(program.task), std::move(program.thread), std::move(*fs_client));
        !started) {
        task_terminate(new_task);
        end(process, SIGKILL);
        co_return unix_failure(ENOMEM);
    }
    co_await announce_change(process);
    if (process->state == ProcessState::stopped)
        task_suspend(process->task.name());
    if (!process->ending)
        thread_resume(process->thread.name());
    recheck_signals(process);
    co_return {};
}

mach::Async<mach::Result<void>> ProcessService::make_init(std::vector<std::string> arguments,
                                                          std::vector<std::string> environment)
{
    auto init = std::make_shared<Process>();
    init->identity.pid = 1;
    init->identity.pgid = init->identity.sid = 1;
    table_.add(init);
    mach::SendRight name = CO_TRY(task_name_of(mach_task_self()));
    static_cast<void>(CO_TRY(co_await services_.fs.fork(0, init->identity, std::move(name))));
    CO_TRY(co_await services_.tty_events.process_started(init->identity));
    std::string path = arguments.front();
    co_return co_await exec(init, std::move(path), std::move(arguments), std::move(environment));
}

mach::Async<void> ProcessService::run_init(std::vector<std::string> arguments,
                                           std::vector<std::string> environment)
{
    for (;;) {
        if (const auto made = co_await make_init(arguments, environment); !made) {
            host_log_line("process: cannot start " + arguments.front() + ": error " +
                          std::to_string(UNIX_ERROR_NUMBER(made.error())));
            co_return;
        }
        static_cast<void>(co_await init_ended_.wait_to_the_end());
        host_log_line("process: init has ended; starting it again");
    }
}

void ProcessService::host_log_line(std::string text) const
{
    text += '\n';
    host_log(services_.host_priv.name(), text.data(), static_cast<mach_msg_type_number_t>(text.size()));
}

// ---- Ending.

unix_usage_t ProcessService::usage_of(const Process& process)
{
    unix_usage_t usage = process.usage;
    if (!process.task)
        return usage;
    const auto add = [&usage](const auto& info) {
        const auto nanoseconds = [](const time_value_t& time) {
            return uint64_t(time.seconds) * 1'000'000'000 + uint64_t(time.microseconds) * 1000;
        };
        usage.user_ns += nanoseconds(info.user_time);
        usage.system_ns += nanoseconds(info.system_time);
    };
    task_basic_info_data_t basic{};  // Threads that have ended.
    mach_msg_type_number_t count = TASK_BASIC_INFO_COUNT;
    if (task_info(process.task.name(), TASK_BASIC_INFO, reinterpret_cast<task_info_t>(&basic), &count) ==
        KERN_SUCCESS) {
        add(basic);
        usage.max_resident_bytes = std::max<uint64_t>(usage.max_resident_bytes, basic.resident_size);
    }
    task_thread_times_info_data_t living{};
    count = TASK_THREAD_TIMES_INFO_COUNT;
    if (task_info(process.task.name(), TASK_THREAD_TIMES_INFO, reinterpret_cast<task_info_t>(&living),
                  &count) == KERN_SUCCESS)
        add(living);
    return usage;
}

void ProcessService::end(const ProcessRef& process, int wait_status)
{
    if (process->ending)
        return;
    process->ending = true;
    process->usage = usage_of(*process);
    end_task(*process);
    set_alarm(process, 0, 0);
    if (!loop_.spawn(finish(process, wait_status)))
        std::abort();  // There is no memory for one coroutine: bootstrap starts the personality again.
}

void ProcessService::end_task(Process& process)
{
    if (process.task)
        task_terminate(process.task.name());
    process.death.reset();
    if (process.client != nullptr)
        process.client->close();
    if (process.exceptions != nullptr)
        process.exceptions->close();
}

void ProcessService::release_task(Process& process)
{
    process.task.reset();
    process.thread.reset();
    process.client.reset();
    process.exceptions.reset();
}

mach::Async<void> ProcessService::finish(ProcessRef process, int wait_status)
{
    {
        const auto guard =
            co_await process->life_lock.lock();  // A fork or exec under way comes to its end first.
        end_task(*process);                      // An exec may have come to its end with another.
        release_task(*process);
    }
    static_cast<void>(co_await services_.fs_events.process_exited(process->pid(), wait_status));
    static_cast<void>(co_await services_.tty_events.process_exited(process->pid(), wait_status));
    process->state = ProcessState::zombie;
    process->wait_status = wait_status;
    orphan_children(process);
    check_orphaned_groups(process);
    if (process->pid() == 1) {
        co_await reap(process);
        init_ended_.wake_all();
        co_return;
    }
    const int code = WIFEXITED(wait_status) ? CLD_EXITED : WCOREDUMP(wait_status) ? CLD_DUMPED : CLD_KILLED;
    tell_parent(process, code, WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : WTERMSIG(wait_status));
}

void ProcessService::orphan_children(const ProcessRef& process)
{
    const auto init = table_.find(1);
    for (const ProcessRef& child : table_.children(process->pid())) {
        child->identity.ppid = 1;
        if (init && !child->alive())
            (*init)->child_changed.wake_all();
    }
}

// A group that nobody outside can continue any more, and that has a stopped member, is hung up.
void ProcessService::check_orphaned_groups(const ProcessRef& process)
{
    const int32_t pgid = process->identity.pgid;
    if (!table_.is_orphaned(pgid))
        return;
    bool any_stopped = false;
    for (const ProcessRef& member : table_.group(pgid))
        any_stopped = any_stopped || member->state == ProcessState::stopped;
    if (any_stopped) {
        signal_group(pgid, SIGHUP);
        signal_group(pgid, SIGCONT);
    }
}

void ProcessService::tell_parent(const ProcessRef& process, int code, int status)
{
    const auto found = table_.find(process->identity.ppid);
    if (!found)
        return;
    const ProcessRef& parent = *found;
    const SignalAction& action = parent->signals.action(SIGCHLD);
    const bool ended = !process->alive();
    const bool wants_no_zombies =
        action.disposition == UNIX_SIGNAL_IGNORE || (action.flags & SA_NOCLDWAIT) != 0;
    if (ended && wants_no_zombies && !loop_.spawn(reap(process)))
        std::abort();
    if (ended || (action.flags & SA_NOCLDSTOP) == 0)
        send_signal(parent, details_of_child(*process, code, status));
    parent->child_changed.wake_all();
}

mach::Async<void> ProcessService::reap(ProcessRef child)
{
    if (const auto parent = table_.find(child->identity.ppid)) {
        unix_usage_t& total = (*parent)->children_usage;
        total.user_ns += child->usage.user_ns + child->children_usage.user_ns;
        total.system_ns += child->usage.system_ns + child->children_usage.system_ns;
        (*parent)->child_changed.wake_all();
    }
    table_.remove(child->pid());
    static_cast<void>(co_await services_.fs_events.process_reaped(child->pid()));
    static_cast<void>(co_await services_.tty_events.process_reaped(child->pid()));
}

// ---- Changing.

mach::Async<void> ProcessService::announce_change(ProcessRef process)
{
    static_cast<void>(co_await services_.fs_events.process_changed(process->identity));
    static_cast<void>(co_await services_.tty_events.process_changed(process->identity));
}

mach::Async<void> ProcessService::announce_all_to_tty()
{
    for (const ProcessRef& process : table_.all()) {
        if (process->alive() && !process->ending)
            static_cast<void>(co_await services_.tty_events.process_started(process->identity));
    }
}

// ---- Signals.

void ProcessService::send_signal(const ProcessRef& process, const SignalDetails& details)
{
    if (details.number == 0 || !process->alive() || process->ending)
        return;
    if (details.number == SIGCONT || details.number == SIGKILL)
        resume(process);
    if (process->pid() == 1 && details.number != SIGCHLD &&
        process->signals.action(details.number).disposition != UNIX_SIGNAL_CATCH)
        return;  // Nobody can end or stop init.
    apply(process, process->signals.post(details), details);
    process->signal_arrived.wake_all();
}

void ProcessService::apply(const ProcessRef& process, SignalEffect effect, const SignalDetails& details)
{
    switch (effect) {
    case SignalEffect::none:
    case SignalEffect::resume:
        return;
    case SignalEffect::terminate:
        end(process, details.number);
        return;
    case SignalEffect::terminate_with_core:
        end(process, details.number);
        return;  // No core files: docs/status.md.
    case SignalEffect::stop: {
        const bool keyboard_stop = details.number != SIGSTOP;
        if (!keyboard_stop || !table_.is_orphaned(process->identity.pgid))
            stop(process, details.number);
        return;
    }
    case SignalEffect::catch_it:
        if (process->state == ProcessState::running && process->thread)
            announce_signal(*process);
        return;
    }
}

void ProcessService::recheck_signals(const ProcessRef& process)
{
    SignalDetails details;
    for (;;) {
        const SignalEffect effect = process->signals.next_effect(details);
        if (effect == SignalEffect::none || process->ending)
            return;
        apply(process, effect, details);
        if (effect == SignalEffect::catch_it)
            return;
    }
}

void ProcessService::stop(const ProcessRef& process, int signal)
{
    if (process->state != ProcessState::running)
        return;
    process->state = ProcessState::stopped;
    process->stop_signal = signal;
    process->continued = false;
    if (process->task)
        task_suspend(process->task.name());
    services_.fs.state(process->pid(), 'T');
    tell_parent(process, CLD_STOPPED, signal);
}

void ProcessService::resume(const ProcessRef& process)
{
    if (process->state != ProcessState::stopped)
        return;
    process->state = ProcessState::running;
    process->stop_signal = 0;
    process->continued = true;
    if (process->task)
        task_resume(process->task.name());
    services_.fs.state(process->pid(), 'R');
    tell_parent(process, CLD_CONTINUED, SIGCONT);
    if (process->signals.can_take())
        announce_signal(*process);
}

bool ProcessService::take_fault(const ProcessRef& process, const SignalDetails& details)
{
    if (process->ending)
        return false;
    const bool blocked = process->signals.blocked(details.number);
    if (blocked || process->signals.post(details) != SignalEffect::catch_it ||
        process->entry.trampoline == 0) {
        end(process, details.number);
        return false;
    }
    redirect_to_signal(*process);
    return true;
}

void ProcessService::signal_group(int32_t pgid, integer_t signal)
{
    if (!is_signal(signal))
        return;  // tty says it, and nobody has checked it.
    SignalDetails details;
    details.number = signal;
    details.code = SI_KERNEL;
    for (const ProcessRef& member : table_.group(pgid))
        send_signal(member, details);
}

void ProcessService::hang_up(int32_t sid)
{
    const auto leader = table_.find(sid);
    if (!leader)
        return;
    SignalDetails details;
    details.code = SI_KERNEL;
    details.number = SIGHUP;
    send_signal(*leader, details);
    details.number = SIGCONT;
    send_signal(*leader, details);
}

// ---- Alarms.

void ProcessService::set_alarm(const ProcessRef& process, mach::Time at, uint64_t interval_ns)
{
    const auto [first, last] = alarms_.equal_range(process->alarm_at);
    for (auto alarm = first; alarm != last; ++alarm) {
        if (alarm->second == process->pid()) {
            alarms_.erase(alarm);
            break;
        }
    }
    process->alarm_at = at;
    process->alarm_interval_ns = interval_ns;
    if (at == 0 || at == mach::never)
        return;
    const auto added = alarms_.emplace(at, process->pid());
    if (added == alarms_.begin())
        alarms_changed_.wake_all();
}

mach::Async<void> ProcessService::run_alarms()
{
    for (;;) {
        const mach::Time next = alarms_.empty() ? mach::never : alarms_.begin()->first;
        static_cast<void>(co_await alarms_changed_.wait(0, next));
        const mach::Time now = loop_.now();
        while (!alarms_.empty() && alarms_.begin()->first <= now) {
            const auto [at, pid] = *alarms_.begin();
            alarms_.erase(alarms_.begin());
            const auto process = table_.find(pid);
            if (!process || (*process)->alarm_at != at)
                continue;
            (*process)->alarm_at = 0;
            if (const uint64_t interval = (*process)->alarm_interval_ns; interval != 0)
                set_alarm(*process, next_period(at, interval, now), interval);
            SignalDetails details;
            details.number = SIGALRM;
            details.code = SI_KERNEL;
            send_signal(*process, details);
        }
    }
}

}  // namespace portico
