// kernel/kern/host.cpp

#include <kern/host.h>

#include <kern/immortal.h>
#include <kern/time_page.h>
#include <machine/clock.h>

#include <clock_kernel.h>  // These are made by mig.
#include <host_priv_kernel.h>
#include <host_security_kernel.h>
#include <ledger_kernel.h>
#include <mach_debug_kernel.h>
#include <mach_host_kernel.h>
#include <sync_kernel.h>
#include <task_kernel.h>
#include <thread_act_kernel.h>

SpinLock<LockRank::Host> host_lock;

namespace {

struct Objects {
    Host host;
    HostPriv priv;
    HostSecurity security;
    Clock system_clock{SYSTEM_CLOCK};
    Clock calendar_clock{CALENDAR_CLOCK};
    TimePage time_page;
    ExceptionActions exception_actions;
};
Immortal<Objects> objects;

// The first id of each interface, as its .defs says.
struct Interface {
    mach_msg_id_t first;
    KernelDispatch dispatch;
};
constexpr Interface interfaces[] = {
    {200, mach_host_dispatch},   {400, host_priv_dispatch},   {600, host_security_dispatch},
    {1000, clock_dispatch},      {3000, mach_debug_dispatch}, {3400, task_dispatch},
    {3600, thread_act_dispatch}, {4200, ledger_dispatch},     {617000, sync_dispatch},
};

}  // namespace

Host& the_host() { return objects->host; }
HostPriv& the_host_priv() { return objects->priv; }
HostSecurity& the_host_security() { return objects->security; }
Clock& the_clock(clock_id_t id)
{
    return id == CALENDAR_CLOCK ? objects->calendar_clock : objects->system_clock;
}
TimePage& the_time_page() { return objects->time_page; }
ExceptionActions& host_exception_actions() { return objects->exception_actions; }

HostRef convert_port_to_host(IpcPort* port)
{
    if (HostRef host = ipc_kobject_object<Host>(port, IpcKobjectType::Host))
        return host;
    return ipc_kobject_type(port) == IpcKobjectType::HostPriv ? HostRef{the_host()} : HostRef{};
}

HostPrivRef convert_port_to_host_priv(IpcPort* port)
{
    return ipc_kobject_object<HostPriv>(port, IpcKobjectType::HostPriv);
}

HostSecurityRef convert_port_to_host_security(IpcPort* port)
{
    return ipc_kobject_object<HostSecurity>(port, IpcKobjectType::HostSecurity);
}

ClockRef convert_port_to_clock(IpcPort* port)
{
    return ipc_kobject_object<Clock>(port, IpcKobjectType::Clock);
}

mach::Result<void> Clock::start()
{
    port_ = TRY(ipc_kobject_create(IpcKobjectType::Clock, this));
    return {};
}

uint64_t Clock::now_ns() const
{
    return id_ == CALENDAR_CLOCK ? machine::wall_clock_at_start() + machine::now_ns() : machine::now_ns();
}

void host_init()
{
    Objects& all = *objects;
    const bool started = all.host.start() && all.priv.start() && all.security.start() &&
                         all.system_clock.start() && all.calendar_clock.start() && all.time_page.start();
    KVERIFY(started, "there is memory for the host's ports and the time page");
    ledger_init_port();
    for (const Interface& interface : interfaces)
        ipc_kobject_register(interface.first, interface.dispatch);
}
