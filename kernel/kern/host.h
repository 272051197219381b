// kernel/kern/host.h
//
// The host: the objects behind its ports, which live for ever, and its exception ports.
//
// Lock        host_lock, LockRank::Host: the exception actions.
#ifndef PORTICO_KERN_HOST_H
#define PORTICO_KERN_HOST_H

#include <ipc/ipc_kobject.h>
#include <kern/exception.h>
#include <lib/lock.h>
#include <lib/ref.h>
#include <mach/clock_types.h>

// An object that there is one of, and its port.
template <IpcKobjectType Type>
class HostObject final : public RefCounted<HostObject<Type>> {
public:
    mach::Result<void> start()
    {
        port_ = TRY(ipc_kobject_create(Type, this));
        return {};
    }
    [[nodiscard]] SendRight port() { return ipc_kobject_make_send(*port_); }
    static void destroy_last_reference(HostObject*) { panic("an object of the host has gone"); }

private:
    RefPtr<IpcPort> port_;
};

using Host = HostObject<IpcKobjectType::Host>;
using HostPriv = HostObject<IpcKobjectType::HostPriv>;
using HostSecurity = HostObject<IpcKobjectType::HostSecurity>;
using HostRef = RefPtr<Host>;
using HostPrivRef = RefPtr<HostPriv>;
using HostSecurityRef = RefPtr<HostSecurity>;

class Clock final : public RefCounted<Clock> {
public:
    explicit Clock(clock_id_t id) : id_{id} {}
    mach::Result<void> start();
    [[nodiscard]] SendRight port() { return ipc_kobject_make_send(*port_); }
    clock_id_t id() const { return id_; }
    uint64_t now_ns() const;  // By this clock.
    static void destroy_last_reference(Clock*) { panic("a clock has gone"); }

private:
    const clock_id_t id_;
    RefPtr<IpcPort> port_;
};
using ClockRef = RefPtr<Clock>;

Host& the_host();
HostPriv& the_host_priv();
HostSecurity& the_host_security();
Clock& the_clock(clock_id_t id);  // SYSTEM_CLOCK, CALENDAR_CLOCK

[[nodiscard]] HostRef convert_port_to_host(IpcPort* port);  // The privileged port will do, too.
[[nodiscard]] HostPrivRef convert_port_to_host_priv(IpcPort* port);
[[nodiscard]] HostSecurityRef convert_port_to_host_security(IpcPort* port);
[[nodiscard]] ClockRef convert_port_to_clock(IpcPort* port);

extern SpinLock<LockRank::Host> host_lock;
ExceptionActions& host_exception_actions() REQUIRES(host_lock);

// Start-up: makes the ports, and names the interfaces of kern/ to ipc/.
void host_init();

#endif
