// kernel/ipc/ipc_port.cpp
//
// Ports: their rights, their birth, and the check that no port gets into its own queue.  Their death is
// ipc_port_death.cpp.
#include <ipc/ipc_port.h>

#include <ipc/ipc_port_death.h>
#include <ipc/ipc_space.h>
#include <kern/mutex.h>
#include <kern/zone.h>

namespace {

constinit Zone<IpcPort> port_zone{"ipc ports"};

}  // namespace

uint64_t ipc_port_count() { return port_zone.live(); }

mach::Result<ReceiveRight> IpcPort::create(const RefPtr<Ledger>& payer)
{
    LedgerCharge charge;
    if (payer)
        charge = TRY(LedgerCharge::take(payer, Resource::Ports, 1));
    IpcPort* port = port_zone.create(std::move(charge));
    if (port == nullptr)
        return mach::failure(KERN_RESOURCE_SHORTAGE);
    return ReceiveRight{PortRight<RightKind::Receive>::adopt(port)};
}

IpcPort::~IpcPort()
{
    Guard guard{lock_};  // Nobody else is here; it satisfies the analysis.
    // A kernel object may go without a word if nobody has a right to its port.
    KASSERT(!active() || in_kernel() != nullptr, "P1: the receive right keeps a reference");
    KASSERT(send_rights_ == 0 && send_once_rights_ == 0, "P1: every right keeps a reference");
    KASSERT(!queue_.has_something() && links_.empty() && name_requests_.empty(), "P4");
}

void IpcPort::destroy_last_reference(IpcPort* port) { port_zone.destroy(port); }

SendRight IpcPort::make_send()
{
    ++make_send_count_;
    return copy_send();
}

SendRight IpcPort::copy_send()
{
    ++send_rights_;
    reference();
    return SendRight{PortRight<RightKind::Send>::adopt(this)};
}

SendOnceRight IpcPort::make_send_once()
{
    ++send_once_rights_;
    reference();
    return SendOnceRight{PortRight<RightKind::SendOnce>::adopt(this)};
}

IpcNotification IpcPort::drop_send()
{
    KASSERT(send_rights_ != 0, "P1");
    if (--send_rights_ != 0)
        return {};
    return std::move(no_senders_);
}

void IpcPort::drop_send_once()
{
    KASSERT(send_once_rights_ != 0, "P1");
    --send_once_rights_;
}

// ---- Circularity (P2).

// Sends that carry receive rights take turns: only they lengthen chains of destinations, so a walk of one of
// them sees no link appear, and may drop each lock before it takes the next.
namespace {

Mutex<LockRank::IpcTransit> transit_mutex;

// The port that `port`'s receive right is on its way to; null if it is not on its way.
RefPtr<IpcPort> destination_of(IpcPort& port)
{
    Guard guard{port.lock()};
    const IpcPort::InTransit* transit = port.in_transit();
    return transit != nullptr ? transit->destination : RefPtr<IpcPort>{};
}

}  // namespace

bool ipc_port_check_circularity(IpcPort& moving, IpcPort& destination)
{
    Guard turn{transit_mutex};
    for (RefPtr<IpcPort> step{destination}; step; step = destination_of(*step))
        if (step == &moving)
            return false;

    IpcPort::Place old;
    {
        Guard guard{moving.lock()};
        KASSERT(std::holds_alternative<IpcPort::InLimbo>(moving.place()),
                "R2: the right is in the sender's hand");
        old = moving.set_place(IpcPort::InTransit{RefPtr<IpcPort>{destination}});
    }
    return true;
}

void ipc_port_arrived_in_kernel(IpcPort& port)
{
    IpcPort::Place old;
    Guard guard{port.lock()};
    if (port.in_transit() != nullptr)
        old = port.set_place(IpcPort::InLimbo{});
}
