// unix-server/tty/tty_service.h
//
// The terminal service: terminals by device number, descriptions and channels on them.
//
// Owns        the terminals; the processes' groups and sessions as they were announced.
// Lock        none (one event loop).
#pragma once

#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include <description_interface.h>
#include <process_events_interface.h>
#include <terminal_interface.h>
#include <tty_service_interface.h>

#include "terminal.h"

namespace portico {

class TtyService final : public mach::Object,
                         public tty_service::Interface,
                         public process_events::Interface {
public:
    explicit TtyService(mach::EventLoop& loop) : loop_{loop} {}

    // The first is the console, the others serial lines 0, 1 ... as tty.defs numbers them; line 0 is the console, too.
    Terminal& add_terminal(std::string name, uint64_t device_number, std::unique_ptr<SerialLine> line,
                           process_notices::Interface& notices);

    bool dispatch(mig::Request& request) override
    {
        return tty_service::Server::dispatch(*this, request) ||
               process_events::Server::dispatch(*this, request);
    }
    void no_senders() override {}

    mach::Async<mach::Result<mach::SendRight>> open(call_number_t call, int32_t pid, uint32_t device,
                                                    uint32_t flags) override;
    void cancel(call_number_t call) override { mach::Object::cancel(call); }

    mach::Async<mach::Result<void>> process_started(const unix_identity_t& identity) override;
    mach::Async<mach::Result<void>> process_changed(const unix_identity_t& identity) override;
    mach::Async<mach::Result<void>> process_exited(int32_t pid, integer_t status) override;
    mach::Async<mach::Result<void>> process_reaped(int32_t pid) override;

    // ESRCH.
    mach::Result<TtyProcess> find(int32_t pid) const;
    bool group_is_in_session(int32_t pgid, int32_t sid) const;
    Terminal* controlling_terminal(int32_t sid) const;

private:
    Terminal* terminal_for(const TtyProcess& process, uint32_t device) const;

    mach::EventLoop& loop_;
    std::vector<std::unique_ptr<Terminal>> terminals_;
    std::unordered_map<int32_t, TtyProcess> processes_;
    mach::WaitQueue announced_;  // To this service, since it was started.
};

class TtyDescription final : public mach::Object, public description::Interface {
public:
    TtyDescription(TtyService& service, Terminal& terminal, uint32_t flags);

    bool dispatch(mig::Request& request) override { return description::Server::dispatch(*this, request); }
    void no_senders() override;

    mach::Async<mach::Result<description::ChannelReply>> channel(int32_t pid) override;
    mach::Async<mach::Result<void>> close_channel(int32_t pid) override;
    mach::Async<mach::Result<void>> close() override;

    TtyService& service() { return service_; }
    Terminal& terminal() { return terminal_; }
    uint32_t flags() const { return flags_; }
    void set_flags(uint32_t flags);

private:
    void close_now();
    void end_channel(class TtyChannel& channel);

    TtyService& service_;
    Terminal& terminal_;
    uint32_t flags_;
    bool closed_ = false;
    std::map<int32_t, std::shared_ptr<TtyChannel>> channels_;
};

class TtyChannel final : public Channel, public terminal::Interface {
public:
    TtyChannel(std::shared_ptr<TtyDescription> description, int32_t pid)
        : description_{std::move(description)}, pid_{pid}
    {
    }
    bool dispatch(mig::Request& request) override
    {
        return io::Server::dispatch(*this, request) || terminal::Server::dispatch(*this, request);
    }

    mach::Async<mach::Result<void>> read(call_number_t call, int64_t offset, uint32_t amount,
                                         mig::OutArray<char>& data) override;
    mach::Async<mach::Result<uint32_t>> write(call_number_t call, int64_t offset, boolean_t permitted,
                                              std::span<const char> data) override;
    mach::Async<mach::Result<unix_stat_t>> stat() override;
    mach::Async<mach::Result<uint32_t>> get_flags() override;
    mach::Async<mach::Result<void>> set_flags(uint32_t flags) override;
    mach::Async<mach::Result<uint32_t>> poll(uint32_t events) override;
    mach::Async<mach::Result<uint32_t>> watch(call_number_t watch, uint32_t events,
                                              mach::SendOnceRight notify) override;
    mach::Async<mach::Result<void>> unwatch(call_number_t watch) override;
    mach::Async<mach::Result<uint64_t>> readable() override;

    mach::Async<mach::Result<unix_termios_t>> get_attributes() override;
    mach::Async<mach::Result<void>> set_attributes(call_number_t call, integer_t when, boolean_t permitted,
                                                   const unix_termios_t& attributes) override;
    mach::Async<mach::Result<unix_winsize_t>> get_window_size() override;
    mach::Async<mach::Result<void>> set_window_size(const unix_winsize_t& size) override;
    mach::Async<mach::Result<int32_t>> get_foreground() override;
    mach::Async<mach::Result<void>> set_foreground(boolean_t permitted, int32_t pgid) override;
    mach::Async<mach::Result<int32_t>> get_session() override;
    mach::Async<mach::Result<void>> acquire() override;
    mach::Async<mach::Result<void>> release() override;
    mach::Async<mach::Result<void>> flush(integer_t queue) override;
    mach::Async<mach::Result<void>> flow(integer_t action) override;
    mach::Async<mach::Result<void>> drain(call_number_t call) override;
    mach::Async<mach::Result<void>> send_break(integer_t duration) override;
    mach::Async<mach::Result<void>> name(mig::OutArray<char>& name) override;

private:
    Terminal& terminal() { return description_->terminal(); }
    mach::Result<TtyProcess> self() { return description_->service().find(pid_); }
    // ENOTTY unless it is the controlling terminal of the process's session.
    mach::Result<TtyProcess> controlled();

    std::shared_ptr<TtyDescription> description_;
    int32_t pid_;
};

}  // namespace portico
