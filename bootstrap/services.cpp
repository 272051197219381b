// bootstrap/services.cpp
#include "services.h"

#include <mach/mach.h>
#include <mach/notify.h>

namespace boot {

using mach::failure;
using mach::ReceiveRight;
using mach::Result;
using mach::SendRight;

namespace {

// Clients that are many, or a server that is being started again, should find room.
constexpr mach_port_msgcount_t queue_limit = 64;

}  // namespace

Result<void> Service::create_port()
{
    receive_ = TRY(ReceiveRight::allocate());
    TRY(receive_.set_queue_limit(queue_limit));
    clients_ = TRY(receive_.make_send());
    checked_in_ = true;
    return {};
}

mach::Async<Result<ReceiveRight>> Service::check_in(const void* server)
{
    if (!checked_in_)
        co_return failure(KERN_NO_ACCESS);
    if (server_ == server)
        co_return failure(KERN_RIGHT_EXISTS);
    while (server_ != nullptr)
        CO_TRY(co_await changed_.wait());
    CO_TRY(ask_for_return());
    server_ = server;
    co_return std::move(receive_);
}

Result<void> Service::ask_for_return()
{
    const mach_port_t to = TRY(receive_name());
    mach_port_t previous = MACH_PORT_NULL;
    TRY(mach::result_of(mach_port_request_notification(mach_task_self(), receive_.name(),
                                                       MACH_NOTIFY_PORT_DESTROYED, 0, to,
                                                       MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous)));
    mach::SendOnceRight{previous}.reset();
    return {};
}

void Service::mach_notify_port_destroyed(ReceiveRight right)
{
    receive_ = std::move(right);
    server_ = nullptr;
    (void)receive_.set_queue_limit(queue_limit);
    changed_.wake_all();
}

Result<void> Service::register_port(SendRight port)
{
    if (!port)
        return failure(KERN_INVALID_CAPABILITY);
    if (checked_in_)
        return failure(KERN_NO_ACCESS);
    if (registered_)
        return failure(KERN_RIGHT_EXISTS);
    registered_ = TRY(mach::EventLoop::current().watch_death(port, [this] {
        registered_.reset();
        clients_.reset();
    }));
    clients_ = std::move(port);
    changed_.wake_all();
    return {};
}

mach::Async<Result<SendRight>> Service::look_up(bool wait)
{
    while (!clients_) {
        if (!wait)
            co_return failure(KERN_NOT_WAITING);
        CO_TRY(co_await changed_.wait());
    }
    co_return clients_.copy();
}

Result<void> Services::add(const std::string& name, Kind kind)
{
    auto service = std::make_shared<Service>();
    if (kind == Kind::checked_in)
        TRY(service->create_port());
    services_.emplace(name, std::move(service));
    return {};
}

Service* Services::find(std::string_view name) const
{
    const auto service = services_.find(name);
    return service == services_.end() ? nullptr : service->second.get();
}

}  // namespace boot
