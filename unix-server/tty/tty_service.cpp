#include "tty_service.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include "../support/connect.h"

namespace portico {

namespace {

constexpr uint32_t changeable_flags = O_NONBLOCK | O_APPEND;
constexpr uint64_t terminal_device = 4;  // st_dev of terminals seen through their channels.

}  // namespace

// ---- The service.

Terminal& TtyService::add_terminal(std::string name, uint64_t device_number, std::unique_ptr<SerialLine> line,
                                   process_notices::Interface& notices)
{
    terminals_.push_back(
        std::make_unique<Terminal>(loop_, std::move(name), device_number, std::move(line), notices));
    return *terminals_.back();
}

mach::Result<TtyProcess> TtyService::find(int32_t pid) const
{
    const auto found = processes_.find(pid);
    if (found == processes_.end())
        return unix_failure(ESRCH);
    return found->second;
}

bool TtyService::group_is_in_session(int32_t pgid, int32_t sid) const
{
    for (const auto& [pid, process] : processes_) {
        if (process.pgid == pgid && process.sid == sid)
            return true;
    }
    return false;
}

Terminal* TtyService::controlling_terminal(int32_t sid) const
{
    for (const auto& terminal : terminals_) {
        if (terminal->session() == sid)
            return terminal.get();
    }
    return nullptr;
}

Terminal* TtyService::terminal_for(const TtyProcess& process, uint32_t device) const
{
    if (device == 0)
        return controlling_terminal(process.sid);
    const size_t index = device == 1 ? 0 : device - 2;
    return index < terminals_.size() ? terminals_[index].get() : nullptr;
}

// A process that opens has been announced, unless this service has been started again: then it will be soon.
mach::Async<mach::Result<mach::SendRight>> TtyService::open(call_number_t call, int32_t pid, uint32_t device,
                                                            uint32_t flags)
{
    while (!processes_.contains(pid))
        CO_TRY(co_await announced_.wait(call));
    const TtyProcess process = CO_TRY(find(pid));
    Terminal* terminal = terminal_for(process, device);
    if (terminal == nullptr)
        co_return unix_failure(ENXIO);
    const bool leader = process.sid == pid;
    if ((flags & O_NOCTTY) == 0 && leader && terminal->session() == 0 && controlling_terminal(pid) == nullptr)
        terminal->acquire(process.sid, process.pgid);
    const auto description = std::make_shared<TtyDescription>(*this, *terminal, flags);
    co_return make_local_right<description::Interface>(description);
}

mach::Async<mach::Result<void>> TtyService::process_started(const unix_identity_t& identity)
{
    processes_[identity.pid] = {identity.pid, identity.pgid, identity.sid};
    announced_.wake_all();
    co_return {};
}

mach::Async<mach::Result<void>> TtyService::process_changed(const unix_identity_t& identity)
{
    if (const auto known = processes_.find(identity.pid); known != processes_.end())
        known->second = {identity.pid, identity.pgid, identity.sid};
    co_return {};
}

// The end of a session's leader frees its terminal; the foreground group hears SIGHUP.
mach::Async<mach::Result<void>> TtyService::process_exited(int32_t pid, integer_t)
{
    const auto process = processes_.find(pid);
    if (process == processes_.end())
        co_return {};
    const bool leader = process->second.sid == pid;
    processes_.erase(process);
    if (Terminal* terminal = leader ? controlling_terminal(pid) : nullptr)
        terminal->hang_up();
    co_return {};
}

mach::Async<mach::Result<void>> TtyService::process_reaped(int32_t) { co_return {}; }

// ---- Descriptions.

TtyDescription::TtyDescription(TtyService& service, Terminal& terminal, uint32_t flags)
    : service_{service}, terminal_{terminal}, flags_{flags & (O_ACCMODE | changeable_flags)}
{
}

void TtyDescription::set_flags(uint32_t flags)
{
    flags_ = (flags_ & ~changeable_flags) | (flags & changeable_flags);
}

mach::Async<mach::Result<description::ChannelReply>> TtyDescription::channel(int32_t pid)
{
    if (closed_)
        co_return unix_failure(EBADF);
    std::shared_ptr<TtyChannel>& channel = channels_[pid];
    if (channel == nullptr)
        channel =
            std::make_shared<TtyChannel>(std::static_pointer_cast<TtyDescription>(shared_from_this()), pid);
    mach::SendRight right = CO_TRY(channel->make_send());
    co_return description::ChannelReply{std::move(right), UNIX_CHANNEL_TERMINAL};
}

void TtyDescription::end_channel(TtyChannel& channel)
{
    terminal_.watches().remove_all(&channel);
    channel.close();
}

mach::Async<mach::Result<void>> TtyDescription::close_channel(int32_t pid)
{
    const auto held = channels_.find(pid);
    if (held == channels_.end())
        co_return {};
    const std::shared_ptr<TtyChannel> channel = std::move(held->second);
    channels_.erase(held);
    end_channel(*channel);
    co_return {};
}

void TtyDescription::close_now()
{
    closed_ = true;
    for (const auto& [pid, channel] : channels_)
        end_channel(*channel);
    channels_.clear();
}

void TtyDescription::no_senders()
{
    close_now();
    mach::Object::close();
}

mach::Async<mach::Result<void>> TtyDescription::close()
{
    close_now();
    co_return {};
}

// ---- Channels: bytes.

mach::Async<mach::Result<void>> TtyChannel::read(call_number_t call, int64_t offset, uint32_t amount,
                                                 mig::OutArray<char>& data)
{
    if ((description_->flags() & O_ACCMODE) == O_WRONLY)
        co_return unix_failure(EBADF);
    if (offset != -1)
        co_return unix_failure(ESPIPE);
    const TtyProcess reader = CO_TRY(self());
    co_return co_await terminal().read(reader, call, data, amount, (description_->flags() & O_NONBLOCK) == 0);
}

mach::Async<mach::Result<uint32_t>> TtyChannel::write(call_number_t call, int64_t offset, boolean_t permitted,
                                                      std::span<const char> data)
{
    if ((description_->flags() & O_ACCMODE) == O_RDONLY)
        co_return unix_failure(EBADF);
    if (offset != -1)
        co_return unix_failure(ESPIPE);
    const TtyProcess writer = CO_TRY(self());
    co_return co_await terminal().write(writer, call, permitted, data,
                                        (description_->flags() & O_NONBLOCK) == 0);
}

mach::Async<mach::Result<unix_stat_t>> TtyChannel::stat()
{
    unix_stat_t status{};
    status.st_dev = terminal_device;
    status.st_ino = 1 + std::hash<std::string>{}(terminal().name()) % 1000;
    status.st_mode = S_IFCHR | 0620;
    status.st_nlink = 1;
    status.st_rdev = terminal().device_number();
    status.st_blksize = 1024;
    status.st_kind = UNIX_CHANNEL_TERMINAL;
    co_return status;
}

mach::Async<mach::Result<uint32_t>> TtyChannel::get_flags() { co_return description_->flags(); }

mach::Async<mach::Result<void>> TtyChannel::set_flags(uint32_t flags)
{
    description_->set_flags(flags);
    co_return {};
}

mach::Async<mach::Result<uint32_t>> TtyChannel::poll(uint32_t events)
{
    co_return terminal().ready() & (events | POLLERR | POLLHUP);
}

mach::Async<mach::Result<uint32_t>> TtyChannel::watch(call_number_t watch, uint32_t events,
                                                      mach::SendOnceRight notify)
{
    const uint32_t ready = terminal().ready() & (events | POLLERR | POLLHUP);
    if (ready == 0)
        terminal().watches().add(this, watch, events, std::move(notify));
    co_return ready;
}

mach::Async<mach::Result<void>> TtyChannel::unwatch(call_number_t watch)
{
    terminal().watches().remove(this, watch);
    co_return {};
}

mach::Async<mach::Result<uint64_t>> TtyChannel::readable() { co_return uint64_t{terminal().readable()}; }

// ---- Channels: the terminal.

mach::Result<TtyProcess> TtyChannel::controlled()
{
    const TtyProcess process = TRY(self());
    if (terminal().session() == 0 || terminal().session() != process.sid)
        return unix_failure(ENOTTY);
    return process;
}

mach::Async<mach::Result<unix_termios_t>> TtyChannel::get_attributes() { co_return terminal().attributes(); }

mach::Async<mach::Result<void>> TtyChannel::set_attributes(call_number_t call, integer_t when,
                                                           boolean_t permitted,
                                                           const unix_termios_t& attributes)
{
    const TtyProcess process = CO_TRY(self());
    co_return co_await terminal().set_attributes(process, call, when, permitted, attributes);
}

mach::Async<mach::Result<unix_winsize_t>> TtyChannel::get_window_size()
{
    co_return terminal().window_size();
}

mach::Async<mach::Result<void>> TtyChannel::set_window_size(const unix_winsize_t& size)
{
    terminal().set_window_size(size);
    co_return {};
}

mach::Async<mach::Result<int32_t>> TtyChannel::get_foreground()
{
    CO_TRY(controlled());
    co_return terminal().foreground();
}

mach::Async<mach::Result<void>> TtyChannel::set_foreground(boolean_t permitted, int32_t pgid)
{
    const TtyProcess process = CO_TRY(controlled());
    if (!permitted && terminal().in_background(process))
        co_return mach::failure(UNIX_ERROR_BACKGROUND);
    if (!description_->service().group_is_in_session(pgid, process.sid))
        co_return unix_failure(EPERM);
    terminal().set_foreground(pgid);
    co_return {};
}

mach::Async<mach::Result<int32_t>> TtyChannel::get_session()
{
    CO_TRY(controlled());
    co_return terminal().session();
}

mach::Async<mach::Result<void>> TtyChannel::acquire()
{
    const TtyProcess process = CO_TRY(self());
    if (terminal().session() == process.sid)
        co_return {};
    if (process.sid != process.pid || terminal().session() != 0 ||
        description_->service().controlling_terminal(process.sid) != nullptr)
        co_return unix_failure(EPERM);
    terminal().acquire(process.sid, process.pgid);
    co_return {};
}

mach::Async<mach::Result<void>> TtyChannel::release()
{
    const TtyProcess process = CO_TRY(controlled());
    if (process.sid == process.pid)
        terminal().hang_up();
    co_return {};
}

mach::Async<mach::Result<void>> TtyChannel::flush(integer_t queue) { co_return terminal().flush(queue); }

mach::Async<mach::Result<void>> TtyChannel::flow(integer_t action) { co_return terminal().flow(action); }

mach::Async<mach::Result<void>> TtyChannel::drain(call_number_t call)
{
    co_return co_await terminal().drain(call);
}

mach::Async<mach::Result<void>> TtyChannel::send_break(integer_t) { co_return unix_failure(ENOSYS); }

mach::Async<mach::Result<void>> TtyChannel::name(mig::OutArray<char>& name)
{
    const std::string& path = terminal().name();
    std::memcpy(name.data(), path.c_str(), path.size() + 1);
    name.set_count(static_cast<uint32_t>(path.size() + 1));
    co_return {};
}

}  // namespace portico
