// unix-server/process/process_ports.h
//
// The ports of one process at the process service: process.defs for its library, exc.defs for the kernel.
//
// Lifetime    while the process executes one program; exec makes new ones, so that nobody keeps a port to a program that
//             gained privilege.
#pragma once

#include <exc_interface.h>
#include <process_interface.h>

#include "process_service.h"

namespace portico {

class ProcessClient final : public mach::Object, public process::Interface {
public:
    ProcessClient(ProcessService& service, ProcessRef process)
        : service_{service}, process_{std::move(process)}
    {
    }

    bool dispatch(mig::Request& request) override { return process::Server::dispatch(*this, request); }
    void no_senders() override {}  // The death of the task is what counts.

    mach::Async<mach::Result<int32_t>> fork(uint64_t ip, uint64_t sp, uint64_t fs_base) override;
    mach::Async<mach::Result<void>> exec(std::string_view path, mach::Memory arguments,
                                         mach::Memory environment) override;
    mach::Async<mach::Result<void>> exit(integer_t status) override;
    mach::Async<mach::Result<process::WaitReply>> wait(call_number_t call, int32_t pid,
                                                       integer_t options) override;
    void cancel(call_number_t call) override { mach::Object::cancel(call); }
    mach::Async<mach::Result<void>> kill(int32_t pid, integer_t signal, uint64_t value) override;
    mach::Async<mach::Result<void>> set_entry(uint64_t trampoline, uint64_t trap_begin,
                                              uint64_t trap_end) override;
    mach::Async<mach::Result<void>> set_action(integer_t signal, integer_t disposition, uint32_t flags,
                                               uint64_t mask) override;
    mach::Async<mach::Result<uint64_t>> set_mask(integer_t how, uint64_t set) override;
    mach::Async<mach::Result<unix_signal_t>> take_signal() override;
    mach::Async<mach::Result<void>> finish_signal(uint64_t mask) override;
    mach::Async<mach::Result<void>> suspend(call_number_t call, uint64_t mask) override;
    mach::Async<mach::Result<unix_signal_t>> wait_signal(call_number_t call, uint64_t set,
                                                         uint64_t time_limit_ns) override;
    mach::Async<mach::Result<uint64_t>> pending() override;
    mach::Async<mach::Result<process::SetSignalStackReply>> set_signal_stack(boolean_t change, uint64_t base,
                                                                             uint64_t size) override;
    mach::Async<mach::Result<unix_identity_t>> identity(int32_t pid) override;
    mach::Async<mach::Result<void>> set_group(int32_t pid, int32_t pgid) override;
    mach::Async<mach::Result<int32_t>> set_session() override;
    mach::Async<mach::Result<void>> set_users(uint32_t real, uint32_t effective, uint32_t saved) override;
    mach::Async<mach::Result<void>> set_groups_ids(uint32_t real, uint32_t effective,
                                                   uint32_t saved) override;
    mach::Async<mach::Result<void>> get_groups(mig::OutArray<uint32_t>& groups) override;
    mach::Async<mach::Result<void>> set_groups(std::span<const uint32_t> groups) override;
    mach::Async<mach::Result<unix_timer_t>> set_timer(integer_t which, boolean_t change,
                                                      const unix_timer_t& timer) override;
    mach::Async<mach::Result<unix_usage_t>> usage(integer_t who) override;
    mach::Async<mach::Result<void>> background_access(boolean_t writing) override;
    mach::Async<mach::Result<void>> get_host_name(mig::OutArray<char>& name) override;
    mach::Async<mach::Result<void>> set_host_name(std::string_view name) override;
    mach::Async<mach::Result<void>> reboot(uint32_t how) override;
    mach::Async<mach::Result<void>> set_time(int64_t time_ns) override;

private:
    ProcessRef find_child_with_news(const std::vector<ProcessRef>& candidates, integer_t options) const;
    std::vector<ProcessRef> selected_children(int32_t pid) const;
    mach::Async<process::WaitReply> report(ProcessRef child, integer_t options);
    bool may_signal(const Process& target, int signal) const;
    mach::Result<std::vector<ProcessRef>> signal_targets(int32_t pid) const;

    ProcessService& service_;
    ProcessRef process_;
};

// Where the kernel tells of exceptions of the process's thread.  Keeps the process and no more; exec makes a new one.
class ExceptionPort final : public mach::Object, public exc::Interface {
public:
    ExceptionPort(ProcessService& service, ProcessRef process)
        : service_{service}, process_{std::move(process)}
    {
    }

    bool dispatch(mig::Request& request) override { return exc::Server::dispatch(*this, request); }
    void no_senders() override {}

    mach::Async<mach::Result<void>> exception_raise(mach::SendRight thread, mach::SendRight task,
                                                    exception_type_t exception,
                                                    std::span<const exception_data_type_t> code) override;
    mach::Async<mach::Result<int>> exception_raise_state(exception_type_t exception,
                                                         std::span<const exception_data_type_t> code,
                                                         int flavor, std::span<const natural_t> old_state,
                                                         mig::OutArray<natural_t>& new_state) override;
    mach::Async<mach::Result<int>>
    exception_raise_state_identity(mach::SendRight thread, mach::SendRight task, exception_type_t exception,
                                   std::span<const exception_data_type_t> code, int flavor,
                                   std::span<const natural_t> old_state,
                                   mig::OutArray<natural_t>& new_state) override;

private:
    ProcessService& service_;
    ProcessRef process_;
};

}  // namespace portico
