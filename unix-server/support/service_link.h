// unix-server/support/service_link.h
//
// A service in another task that may die and be started again alone (design D16): who calls it finds the port that is
// registered now, and waits while there is none.
//
//     ServiceLink<tty_service::Remote> tty{loop, "tty"};
//     const auto remote = CO_TRY(co_await tty.remote(call));
//     co_return co_await remote->open(call, ...);
//
// Owns        the remote, and the watch on its port.
// Lock        none: one event loop.
// Invariants  (L1) remote_ is null from the report of its port's death until the next port has been looked up.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <portico/event_loop.h>

#include "startup.h"

namespace portico {

// Did a call fail because its service has died?  Such a service counts as having answered (design D16).
inline bool service_died(kern_return_t code)
{
    return code == MIG_SERVER_DIED || code == MACH_SEND_INVALID_DEST;
}

template <class Remote>
class ServiceLink {
public:
    // Waits until the service is there for the first time.  `returned` runs whenever it has been started again.
    ServiceLink(mach::EventLoop& loop, std::string name, std::function<mach::Async<void>()> returned = {})
        : loop_{loop}, name_{std::move(name)}, returned_{std::move(returned)}
    {
        if (const auto attached = attach(require_service(name_.c_str())); !attached)
            give_up(name_ + " died at once", attached.error());
    }

    // Null while the service is being started again.
    const std::shared_ptr<Remote>& remote_now() const { return remote_; }

    // Waits for it.  The errors of waiting: the call was cancelled, or its client has gone.
    mach::Async<mach::Result<std::shared_ptr<Remote>>> remote(call_number_t call = 0)
    {
        while (remote_ == nullptr)
            CO_TRY(co_await came_back_.wait(call));
        co_return remote_;
    }

private:
    mach::Result<void> attach(mach::SendRight right)
    {
        watch_ = TRY(loop_.watch_death(right, [this] { died(); }));
        remote_ = std::make_shared<Remote>(loop_, std::move(right));
        return {};
    }

    void died()
    {
        watch_.reset();
        remote_.reset();  // (L1)
        if (const auto spawned = loop_.spawn(find_again()); !spawned)
            give_up("no memory to find " + name_ + " again", spawned.error());
    }

    // The name server may not have heard of the death yet and give out the dead port once more.
    mach::Async<void> find_again()
    {
        while (remote_ == nullptr) {
            mach::Result<mach::SendRight> right = co_await look_up_service(loop_, name_);
            if (right)
                static_cast<void>(attach(std::move(*right)));
        }
        if (returned_)
            co_await returned_();
        came_back_.wake_all();
    }

    mach::EventLoop& loop_;
    const std::string name_;
    const std::function<mach::Async<void>()> returned_;
    std::shared_ptr<Remote> remote_;
    mach::DeathWatch watch_;
    mach::WaitQueue came_back_;
};

}  // namespace portico
