// kernel/ipc/ipc_right.cpp
//
// Rights: how they leave spaces (copyin), and how they end.  How they enter spaces: ipc_right_copyout.cpp;
// counting them: ipc_right_delta.cpp; what is registered for them: ipc_right_request.cpp.
#include <ipc/ipc_right.h>

#include <ipc/ipc_kobject.h>
#include <ipc/ipc_port_death.h>
#include <ipc/ipc_right_locked.h>

mach_msg_type_name_t disposition_of(RightKind kind)
{
    switch (kind) {
    case RightKind::Send:
        return MACH_MSG_TYPE_PORT_SEND;
    case RightKind::SendOnce:
        return MACH_MSG_TYPE_PORT_SEND_ONCE;
    case RightKind::Receive:
        return MACH_MSG_TYPE_PORT_RECEIVE;
    case RightKind::None:
        break;
    }
    return MACH_MSG_TYPE_PORT_NONE;
}

namespace {

void release_send(IpcPort* raw)
{
    const RefPtr<IpcPort> port = RefPtr<IpcPort>::adopt(raw);
    KmsgPtr due;
    bool kernel_object_lost = false;
    {
        Guard guard{port->lock()};
        if (port->take_back_send_unless_last()) [[likely]]
            return;
        IpcNotification notification = port->drop_send();
        if (notification)
            due = std::move(notification).as_no_senders(port->make_send_count());
        kernel_object_lost = port->send_rights() == 0 && port->in_kernel() != nullptr;
    }
    if (due)
        ipc_mqueue_send_always(std::move(due));
    if (kernel_object_lost)
        ipc_kobject_no_senders(*port);
}

}  // namespace

void ipc_right_release(IpcPort* port, RightKind kind)
{
    if (!ipc_port_valid(port))
        return;
    switch (kind) {
    case RightKind::Send:
        return release_send(port);
    case RightKind::SendOnce:
        return ipc_notify_send_once(port);
    case RightKind::Receive:
        return ipc_port_destroy(ReceiveRight{PortRight<RightKind::Receive>::adopt(port)});
    case RightKind::None:
        panic("a right of no kind has a port");
    }
}

void ipc_right_consume_send_once(IpcRight right)
{
    if (!right)
        return;
    const RefPtr<IpcPort> port = RefPtr<IpcPort>::adopt(right.leak());
    Guard guard{port->lock()};
    port->drop_send_once();
}

SendRight SendRight::copy() const
{
    if (!*this)
        return SendRight{PortRight<RightKind::Send>::adopt(raw())};
    Guard guard{port().lock()};
    if (!port().active())
        return SendRight{PortRight<RightKind::Send>::adopt(ipc_port_dead())};
    return port().copy_send();
}

// ---- What comes after the lock.

void RightAftermath::settle()
{
    if (notification)
        ipc_mqueue_send_always(std::move(notification));
    if (set)
        set->die();
    for (IpcRight& right : dropped)
        IpcRight gone{std::move(right)};  // In the order in which the entry gave them up.
}

void RightAftermath::drop(IpcRight right)
{
    IpcRight& place = dropped[0].is_null() ? dropped[0] : dropped[1];
    KASSERT(place.is_null(), "an operation on one entry gives up at most two rights");
    place = std::move(right);
}

// ---- Copy-in.

bool ipc_right_check(IpcSpace& space, IpcEntry& entry, RightAftermath& after)
{
    if (entry.has(IpcEntry::DeadName))
        return true;
    if (!entry.has(IpcEntry::Send | IpcEntry::SendOnce) || entry.has(IpcEntry::Receive))
        return false;  // E4: with the receive right here, the port lives.
    {
        Guard guard{entry.port->lock()};
        if (entry.port->active())
            return false;
    }
    // Dead ports stay dead, so there is nothing to be quick about from here on.
    bool one_more = false;
    if (entry.request != nullptr) {
        one_more = entry.request->dead_name_sent;
        ipc_name_request_free(std::exchange(entry.request, nullptr));
    }
    const bool was_send = entry.has(IpcEntry::Send);
    if (was_send)
        space.unindex_send(entry);
    after.drop(IpcRight::adopt(std::exchange(entry.port, nullptr),
                               was_send ? RightKind::Send : RightKind::SendOnce));
    entry.rights = IpcEntry::DeadName;
    if (one_more && entry.user_references < MACH_PORT_UREFS_MAX)
        ++entry.user_references;
    return true;
}

namespace {

bool is_strictly_guarded(IpcPort& port)
{
    Guard guard{port.lock()};
    return port.guard_kind() == IpcPort::GuardKind::Strict;
}

}  // namespace

mach::Result<void> ipc_right_copyin_check(const IpcEntry& entry, mach_msg_type_name_t disposition,
                                          bool dead_ok)
{
    uint8_t needed = IpcEntry::None;
    switch (disposition) {
    case MACH_MSG_TYPE_MAKE_SEND:
    case MACH_MSG_TYPE_MAKE_SEND_ONCE:
    case MACH_MSG_TYPE_MOVE_RECEIVE:
        needed = IpcEntry::Receive;
        break;
    case MACH_MSG_TYPE_COPY_SEND:
    case MACH_MSG_TYPE_MOVE_SEND:
        needed = IpcEntry::Send | (dead_ok ? IpcEntry::DeadName : IpcEntry::None);
        break;
    case MACH_MSG_TYPE_MOVE_SEND_ONCE:
        needed = IpcEntry::SendOnce | (dead_ok ? IpcEntry::DeadName : IpcEntry::None);
        break;
    default:
        return mach::failure(KERN_INVALID_VALUE);
    }
    if (!entry.has(needed))
        return mach::failure(KERN_INVALID_RIGHT);
    if (disposition == MACH_MSG_TYPE_MOVE_RECEIVE && is_strictly_guarded(*entry.port))
        return mach::failure(KERN_INVALID_RIGHT);
    return {};
}

namespace {

RightKind kind_of_copied(mach_msg_type_name_t disposition)
{
    switch (disposition) {
    case MACH_MSG_TYPE_MOVE_RECEIVE:
        return RightKind::Receive;
    case MACH_MSG_TYPE_MOVE_SEND_ONCE:
    case MACH_MSG_TYPE_MAKE_SEND_ONCE:
        return RightKind::SendOnce;
    default:
        return RightKind::Send;
    }
}

IpcRight copyin_dead(IpcSpace& space, IpcEntry& entry, mach_msg_type_name_t disposition)
    REQUIRES(space.lock())
{
    if (disposition != MACH_MSG_TYPE_COPY_SEND && --entry.user_references == 0)
        space.end_use(entry);
    return IpcRight::adopt(ipc_port_dead(), kind_of_copied(disposition));
}

IpcRight copyin_receive(IpcSpace& space, IpcEntry& entry, RightAftermath& after) REQUIRES(space.lock())
{
    IpcPort* port = entry.port;
    {
        Guard guard{port->lock()};
        ipc_port_leave_space(*port, MACH_RCV_PORT_CHANGED);
    }
    if (entry.has(IpcEntry::Send)) {
        // The send right that stays needs a reference of its own: the entry's goes with the receive right.
        port->reference();
        entry.rights = IpcEntry::Send;
        space.index_send(entry);
    } else {
        ipc_right_cancel_request(entry, after);
        space.end_use(entry);
    }
    return IpcRight::adopt(port, RightKind::Receive);
}

IpcRight copyin_move_send(IpcSpace& space, IpcEntry& entry, RightAftermath& after) REQUIRES(space.lock())
{
    IpcPort* port = entry.port;
    if (--entry.user_references != 0) {
        Guard guard{port->lock()};
        return port->copy_send();
    }
    // The entry's own right moves: the port's count stays.
    if (entry.has(IpcEntry::Receive)) {
        entry.rights = IpcEntry::Receive;
        port->reference();
    } else {
        ipc_right_cancel_request(entry, after);
        space.unindex_send(entry);
        space.end_use(entry);
    }
    return IpcRight::adopt(port, RightKind::Send);
}

IpcRight copyin_move_send_once(IpcSpace& space, IpcEntry& entry, RightAftermath& after) REQUIRES(space.lock())
{
    IpcPort* port = entry.port;
    ipc_right_cancel_request(entry, after);
    space.end_use(entry);
    return IpcRight::adopt(port, RightKind::SendOnce);
}

}  // namespace

IpcRight ipc_right_copyin_checked(IpcSpace& space, IpcEntry& entry, mach_msg_type_name_t disposition,
                                  bool dead, RightAftermath& after)
{
    if (dead)
        return copyin_dead(space, entry, disposition);

    switch (disposition) {
    case MACH_MSG_TYPE_MAKE_SEND: {
        Guard guard{entry.port->lock()};
        return IpcRight{entry.port->make_send()};
    }
    case MACH_MSG_TYPE_MAKE_SEND_ONCE: {
        Guard guard{entry.port->lock()};
        return IpcRight{entry.port->make_send_once()};
    }
    case MACH_MSG_TYPE_COPY_SEND: {
        Guard guard{entry.port->lock()};
        return IpcRight{entry.port->copy_send()};
    }
    case MACH_MSG_TYPE_MOVE_RECEIVE:
        return copyin_receive(space, entry, after);
    case MACH_MSG_TYPE_MOVE_SEND:
        return copyin_move_send(space, entry, after);
    default:
        return copyin_move_send_once(space, entry, after);
    }
}

mach::Result<IpcRight> ipc_right_copyin_locked(IpcSpace& space, IpcEntry& entry,
                                               mach_msg_type_name_t disposition, bool dead_ok,
                                               RightAftermath& after)
{
    const bool dead = ipc_right_check(space, entry, after);
    TRY(ipc_right_copyin_check(entry, disposition, dead_ok));
    return ipc_right_copyin_checked(space, entry, disposition, dead, after);
}

mach::Result<IpcRight> ipc_right_copyin(IpcSpace& space, mach_port_name_t name,
                                        mach_msg_type_name_t disposition, bool dead_ok)
{
    RightAftermath after;
    Guard guard{space.lock()};
    IpcEntry* entry = space.lookup(name);
    if (entry == nullptr)
        return mach::failure(KERN_INVALID_NAME);
    return ipc_right_copyin_locked(space, *entry, disposition, dead_ok, after);
}
