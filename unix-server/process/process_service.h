// unix-server/process/process_service.h
//
// The process service: who lives, who waits for whom, what a signal does.
//
// Owns        the table of processes, the alarms, the host name.
// Calls       fs and tty, downwards; the kernel.  tty's notices come up one way.
// Lock        each process's life_lock around fork, exec and end.
#pragma once

#include <map>
#include <string>

#include <fs_admin_interface.h>
#include <process_events_interface.h>
#include <process_notices_interface.h>

#include "process.h"

namespace portico {

class ProcessService final : public mach::Object, public process_notices::Interface {
public:
    struct Services {
        fs_admin::Interface& fs;
        process_events::Interface& fs_events;
        process_events::Interface& tty_events;
        mach::SendRight host_priv;  // To switch the machine off.
    };

    ProcessService(mach::EventLoop& loop, Services services);

    // Makes process 1 from `arguments[0]` and keeps it alive: when it ends it is made again.
    mach::Async<void> run_init(std::vector<std::string> arguments, std::vector<std::string> environment);

    bool dispatch(mig::Request& request) override
    {
        return process_notices::Server::dispatch(*this, request);
    }
    void no_senders() override {}
    void signal_group(int32_t pgid, integer_t signal) override;
    void hang_up(int32_t sid) override;

    // ---- What ProcessClient asks, in the name of its process.

    mach::EventLoop& loop() { return loop_; }
    ProcessTable& table() { return table_; }
    const Services& services() const { return services_; }
    std::string& host_name() { return host_name_; }

    mach::Async<mach::Result<int32_t>> fork(ProcessRef parent, uint64_t ip, uint64_t sp, uint64_t fs_base);
    mach::Async<mach::Result<void>> exec(ProcessRef process, std::string path,
                                         std::vector<std::string> arguments,
                                         std::vector<std::string> environment);
    // Ends a process with a wait status.  Goes on by itself; a second end of one process does nothing.
    void end(const ProcessRef& process, int wait_status);

    // Sends a signal, whoever may.  Signal 0 does nothing.
    void send_signal(const ProcessRef& process, const SignalDetails& details);
    // After a change of mask or action: what was held back happens now.
    void recheck_signals(const ProcessRef& process);
    // An exception of the process's own thread; the answer says whether it goes on.
    bool take_fault(const ProcessRef& process, const SignalDetails& details);

    // Tells fs and tty of a change of identity.
    mach::Async<void> announce_change(ProcessRef process);
    // tty has been started again, and knows of nobody.
    mach::Async<void> announce_all_to_tty();
    mach::Async<void> reap(ProcessRef child);
    void set_alarm(const ProcessRef& process, mach::Time at, uint64_t interval_ns);
    static unix_usage_t usage_of(const Process& process);
    // Never, if that is too late to be told.
    static mach::Time later(mach::Time time, uint64_t ns)
    {
        return ns < mach::never - time ? time + ns : mach::never;
    }

private:
    mach::Result<void> start_in_task(const ProcessRef& process, mach::SendRight task, mach::SendRight thread,
                                     mach::SendRight fs_client);
    mach::Result<mach::SendRight> make_forked_thread(mach_port_t task, uint64_t ip, uint64_t sp,
                                                     uint64_t fs_base);
    mach::Result<ProcessRef> make_child_record(const Process& parent);
    mach::Async<mach::Result<void>> announce_fork(ProcessRef child, mach::SendRight task,
                                                  mach::SendRight thread);
    mach::Async<void> withdraw_child(ProcessRef child);
    // Ends the task and closes its ports here, which hold the process as it holds them.  The rights stay until no fork or
    // exec under way needs their names any more: release_task().
    static void end_task(Process& process);
    static void release_task(Process& process);
    mach::Async<mach::Result<void>> make_init(std::vector<std::string> arguments,
                                              std::vector<std::string> environment);
    mach::Result<void> become(const ProcessRef& process, const unix_stat_t& status);

    mach::Async<void> finish(ProcessRef process, int wait_status);
    void orphan_children(const ProcessRef& process);
    void check_orphaned_groups(const ProcessRef& process);
    void tell_parent(const ProcessRef& process, int code, int status);
    void apply(const ProcessRef& process, SignalEffect effect, const SignalDetails& details);
    void stop(const ProcessRef& process, int signal);
    void resume(const ProcessRef& process);
    mach::Async<void> run_alarms();
    void host_log_line(std::string text) const;

    mach::EventLoop& loop_;
    Services services_;
    ProcessTable table_;
    std::string host_name_ = "portico";
    std::multimap<mach::Time, int32_t> alarms_;
    mach::WaitQueue alarms_changed_;
    mach::WaitQueue init_ended_;
};

}  // namespace portico
