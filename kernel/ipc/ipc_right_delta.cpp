// kernel/ipc/ipc_right_delta.cpp
//
// Counting and giving up the rights that a name denotes: mach_port_type, get_refs, mod_refs, deallocate,
// destroy.
#include <ipc/ipc_port_death.h>
#include <ipc/ipc_right_locked.h>

namespace {

// The entry that `name` denotes, a dead port's already turned into a dead name.
mach::Result<IpcEntry*> find(IpcSpace& space, mach_port_name_t name, RightAftermath& after)
    REQUIRES(space.lock())
{
    IpcEntry* entry = space.lookup(name);
    if (entry == nullptr)
        return mach::failure(KERN_INVALID_NAME);
    ipc_right_check(space, *entry, after);
    return entry;
}

// P6: the holder has asked not to be allowed this.  The end of the space is no mistake of the holder's.
bool is_guarded(const IpcSpace& space, const IpcEntry& entry) REQUIRES(space.lock())
{
    if (!entry.has(IpcEntry::Receive) || !space.active())
        return false;
    Guard guard{entry.port->lock()};
    return entry.port->guarded();
}

// Everything that the entry denotes goes.
void give_up_all(IpcSpace& space, IpcEntry& entry, RightAftermath& after) REQUIRES(space.lock())
{
    if (entry.has(IpcEntry::PortSet)) {
        after.set = RefPtr<IpcPset>::adopt(entry.pset);
    } else if (entry.has_port()) {
        IpcPort* port = entry.port;
        if (entry.has(IpcEntry::Receive)) {
            Guard guard{port->lock()};
            ipc_port_leave_space(*port, MACH_RCV_PORT_DIED);
        }
        ipc_right_cancel_request(entry, after);
        if (entry.has(IpcEntry::Send) && !entry.has(IpcEntry::Receive))
            space.unindex_send(entry);
        if (entry.has(IpcEntry::Send) && entry.has(IpcEntry::Receive))
            port->reference();
        if (entry.has(IpcEntry::Send))
            after.drop(IpcRight::adopt(port, RightKind::Send));
        if (entry.has(IpcEntry::Receive))
            after.drop(IpcRight::adopt(port, RightKind::Receive));
        if (entry.has(IpcEntry::SendOnce))
            after.drop(IpcRight::adopt(port, RightKind::SendOnce));
    }
    space.end_use(entry);
}

// The receive right goes.  A send right under the same name stays, and will be found dead.
void give_up_receive(IpcSpace& space, IpcEntry& entry, RightAftermath& after) REQUIRES(space.lock())
{
    if (!entry.has(IpcEntry::Send))
        return give_up_all(space, entry, after);
    {
        Guard guard{entry.port->lock()};
        ipc_port_leave_space(*entry.port, MACH_RCV_PORT_DIED);
    }
    entry.port->reference();
    after.drop(IpcRight::adopt(entry.port, RightKind::Receive));
    entry.rights = IpcEntry::Send;
    space.index_send(entry);
}

// The send right's last user reference goes.
void give_up_send(IpcSpace& space, IpcEntry& entry, RightAftermath& after) REQUIRES(space.lock())
{
    if (!entry.has(IpcEntry::Receive))
        return give_up_all(space, entry, after);
    entry.rights = IpcEntry::Receive;
    entry.user_references = 0;
    entry.port->reference();
    after.drop(IpcRight::adopt(entry.port, RightKind::Send));
}

mach::Result<void> change_user_references(IpcSpace& space, IpcEntry& entry, mach_port_delta_t delta,
                                          RightAftermath& after) REQUIRES(space.lock())
{
    const int64_t count = int64_t{entry.user_references} + delta;
    if (count < 0)
        return mach::failure(KERN_INVALID_VALUE);
    if (count > MACH_PORT_UREFS_MAX)
        return mach::failure(KERN_UREFS_OVERFLOW);
    if (count != 0)
        entry.user_references = static_cast<uint16_t>(count);
    else if (entry.has(IpcEntry::Send))
        give_up_send(space, entry, after);
    else
        give_up_all(space, entry, after);
    return {};
}

// Receive, send-once and set rights: there is one, and it can only stay or go.
mach::Result<bool> single_goes(mach_port_delta_t delta)
{
    if (delta != 0 && delta != -1)
        return mach::failure(KERN_INVALID_VALUE);
    return delta == -1;
}

mach::Result<uint8_t> rights_of(mach_port_right_t right)
{
    switch (right) {
    case MACH_PORT_RIGHT_SEND:
        return IpcEntry::Send;
    case MACH_PORT_RIGHT_RECEIVE:
        return IpcEntry::Receive;
    case MACH_PORT_RIGHT_SEND_ONCE:
        return IpcEntry::SendOnce;
    case MACH_PORT_RIGHT_PORT_SET:
        return IpcEntry::PortSet;
    case MACH_PORT_RIGHT_DEAD_NAME:
        return IpcEntry::DeadName;
    default:
        return mach::failure(KERN_INVALID_VALUE);
    }
}

}  // namespace

mach::Result<IpcRightInfo> ipc_right_info(IpcSpace& space, mach_port_name_t name)
{
    RightAftermath after;
    Guard guard{space.lock()};
    const IpcEntry* entry = TRY(find(space, name, after));
    IpcRightInfo info{entry->type(), entry->user_references};
    if (entry->request != nullptr)
        info.type |= ipc_name_request_type(*entry);
    return info;
}

mach::Result<mach_port_urefs_t> ipc_right_references(IpcSpace& space, mach_port_name_t name,
                                                     mach_port_right_t right)
{
    const uint8_t wanted = TRY(rights_of(right));
    RightAftermath after;
    Guard guard{space.lock()};
    const IpcEntry* entry = TRY(find(space, name, after));
    if (!entry->has(wanted))
        return 0;
    const bool counted = wanted == IpcEntry::Send || wanted == IpcEntry::DeadName;
    return counted ? mach_port_urefs_t{entry->user_references} : 1;
}

mach::Result<void> ipc_right_dealloc(IpcSpace& space, mach_port_name_t name)
{
    RightAftermath after;
    Guard guard{space.lock()};
    IpcEntry* entry = TRY(find(space, name, after));
    if (!entry->has(IpcEntry::Send | IpcEntry::SendOnce | IpcEntry::DeadName))
        return mach::failure(KERN_INVALID_RIGHT);
    return change_user_references(space, *entry, -1, after);
}

mach::Result<void> ipc_right_destroy(IpcSpace& space, mach_port_name_t name)
{
    RightAftermath after;
    Guard guard{space.lock()};
    IpcEntry* entry = TRY(find(space, name, after));
    if (is_guarded(space, *entry))
        return mach::failure(KERN_INVALID_RIGHT);
    give_up_all(space, *entry, after);
    return {};
}

mach::Result<void> ipc_right_delta(IpcSpace& space, mach_port_name_t name, mach_port_right_t right,
                                   mach_port_delta_t delta)
{
    const uint8_t wanted = TRY(rights_of(right));
    RightAftermath after;
    Guard guard{space.lock()};
    IpcEntry* entry = TRY(find(space, name, after));
    if (!entry->has(wanted))
        return mach::failure(KERN_INVALID_RIGHT);
    if (wanted == IpcEntry::Send || wanted == IpcEntry::DeadName)
        return change_user_references(space, *entry, delta, after);
    if (!TRY(single_goes(delta)))
        return {};
    if (is_guarded(space, *entry))
        return mach::failure(KERN_INVALID_RIGHT);
    if (wanted == IpcEntry::Receive)
        give_up_receive(space, *entry, after);
    else
        give_up_all(space, *entry, after);
    return {};
}
