// bootstrap/services.h: named services and their ports.
//
// A service that is checked in has its port from the start: clients' messages wait in its queue until the
// server comes, and while it is started again, because the receive right comes back here when the server
// dies. For one that is registered, look-ups wait until the server has brought the port, and clients have to
// look it up again when that has died.
//
// Owns        for each service a send right, and the receive right while no server has it.
// Lock        none: one event loop.
// Invariants  (S1) clients_ names the port that look-ups give out; it is null only while no port is
//             registered.
//             (S2) Of a service that is checked in, either receive_ is here or server_ has it.
#ifndef PORTICO_BOOTSTRAP_SERVICES_H
#define PORTICO_BOOTSTRAP_SERVICES_H

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <mach/result.h>
#include <notify_interface.h>
#include <portico/event_loop.h>
#include <portico/rights.h>

namespace boot {

class Service final : public notify::Interface, public mach::Object {
public:
    // A service that is checked in, if create_port() is called; else one to be registered.
    mach::Result<void> create_port();

    // bootstrap.defs has the errors of these. `server` is only compared: who checks in twice is refused, who
    // follows a server that has died waits until the kernel has brought the receive right back.
    mach::Async<mach::Result<mach::ReceiveRight>> check_in(const void* server);
    mach::Result<void> register_port(mach::SendRight port);
    mach::Async<mach::Result<mach::SendRight>> look_up(bool wait);

    bool dispatch(mig::Request& request) override { return notify::Server::dispatch(*this, request); }

private:
    // Of the notifications only this one is asked for.
    void mach_notify_port_destroyed(mach::ReceiveRight right) override;
    void mach_notify_port_deleted(mach_port_name_t) override {}
    void mach_notify_send_possible(mach_port_name_t) override {}
    void mach_notify_no_senders(mach_port_mscount_t) override {}
    void mach_notify_send_once() override {}
    void mach_notify_dead_name(mach_port_name_t) override {}

    mach::Result<void> ask_for_return();

    bool checked_in_ = false;
    mach::ReceiveRight receive_;
    const void* server_ = nullptr;
    mach::SendRight clients_;
    mach::DeathWatch registered_;
    mach::WaitQueue changed_;  // One of these has changed.
};

class Services {
public:
    enum class Kind { checked_in, registered };
    mach::Result<void> add(const std::string& name, Kind kind);
    // Null: no such service.
    Service* find(std::string_view name) const;

private:
    std::map<std::string, std::shared_ptr<Service>, std::less<>> services_;
};

}  // namespace boot

#endif
