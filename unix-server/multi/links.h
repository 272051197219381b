// unix-server/multi/links.h
//
// tty and pipe as fs and process see them in the wiring "multi": each may die and be started again while its callers live
// (design D16).  What it held is lost: its channels give EIO.  A call that meets its death fails with that; one that comes
// while it is away waits.
#pragma once

#include <pipe_service_interface.h>
#include <process_events_interface.h>
#include <tty_service_interface.h>

#include "../support/service_link.h"

namespace portico {

class TtyLink final : public tty_service::Interface {
public:
    explicit TtyLink(mach::EventLoop& loop) : link_{loop, "tty"} {}

    mach::Async<mach::Result<mach::SendRight>> open(call_number_t call, int32_t pid, uint32_t device,
                                                    uint32_t flags) override
    {
        const auto tty = CO_TRY(co_await link_.remote(call));
        co_return co_await tty->open(call, pid, device, flags);
    }
    void cancel(call_number_t call) override
    {
        if (const auto tty = link_.remote_now())
            tty->cancel(call);
    }

private:
    ServiceLink<tty_service::Remote> link_;
};

class PipeLink final : public pipe_service::Interface {
public:
    explicit PipeLink(mach::EventLoop& loop) : link_{loop, "pipe"} {}

    mach::Async<mach::Result<pipe_service::CreateReply>> create(uint32_t flags) override
    {
        const auto pipe = CO_TRY(co_await link_.remote());
        co_return co_await pipe->create(flags);
    }
    mach::Async<mach::Result<mach::SendRight>> open_fifo(call_number_t call, uint64_t fifo,
                                                         uint32_t flags) override
    {
        const auto pipe = CO_TRY(co_await link_.remote(call));
        co_return co_await pipe->open_fifo(call, fifo, flags);
    }
    void cancel(call_number_t call) override
    {
        if (const auto pipe = link_.remote_now())
            pipe->cancel(call);
    }

private:
    ServiceLink<pipe_service::Remote> link_;
};

// Announcements to tty.  One that is away, or dies, counts as having answered: `returned` tells it of everybody who lives.
class TtyEventsLink final : public process_events::Interface {
public:
    TtyEventsLink(mach::EventLoop& loop, std::function<mach::Async<void>()> returned)
        : link_{loop, "tty", std::move(returned)}
    {
    }

    mach::Async<mach::Result<void>> process_started(const unix_identity_t& identity) override
    {
        const auto tty = link_.remote_now();
        co_return tty == nullptr ? mach::Result<void>{} : answered(co_await tty->process_started(identity));
    }
    mach::Async<mach::Result<void>> process_changed(const unix_identity_t& identity) override
    {
        const auto tty = link_.remote_now();
        co_return tty == nullptr ? mach::Result<void>{} : answered(co_await tty->process_changed(identity));
    }
    mach::Async<mach::Result<void>> process_exited(int32_t pid, integer_t status) override
    {
        const auto tty = link_.remote_now();
        co_return tty == nullptr ? mach::Result<void>{} : answered(co_await tty->process_exited(pid, status));
    }
    mach::Async<mach::Result<void>> process_reaped(int32_t pid) override
    {
        const auto tty = link_.remote_now();
        co_return tty == nullptr ? mach::Result<void>{} : answered(co_await tty->process_reaped(pid));
    }

private:
    static mach::Result<void> answered(mach::Result<void> result)
    {
        return !result && service_died(result.error()) ? mach::Result<void>{} : result;
    }

    ServiceLink<process_events::Remote> link_;
};

}  // namespace portico
