// kernel/ipc/ipc_right_copyout.cpp
//
// How rights enter a space, by message, by mach_port_insert_right(), and by being made.
#include <ipc/ipc_right_locked.h>

IpcEntry* ipc_right_reverse(IpcSpace& space, IpcPort& port)
{
    {
        Guard guard{port.lock()};
        if (port.received_in(space))
            return space.lookup(port.in_space()->name);
    }
    return space.find_send(port);
}

namespace {

bool is_alive(IpcPort& port)
{
    Guard guard{port.lock()};
    return port.active();
}

// The port's receive right arrives under the entry's name.  The old place owned a reference to where it was
// going.
void place_in(IpcSpace& space, IpcEntry& entry, IpcPort& port, IpcPort::Place& old) REQUIRES(space.lock())
{
    Guard guard{port.lock()};
    old = port.set_place(IpcPort::InSpace{&space, entry.name});
}

// Gives a fresh or matching entry the right.  `old` takes what the port's place held, to be dropped without
// locks.
void enter(IpcSpace& space, IpcEntry& entry, IpcRight& right, RightAftermath& after, IpcPort::Place& old)
    REQUIRES(space.lock())
{
    IpcPort& port = right.port();
    const bool fresh = !entry.in_use();
    switch (right.kind()) {
    case RightKind::Send:
        if (fresh) {
            space.begin_use(entry, IpcEntry::Send);
            entry.port = right.leak();
            space.index_send(entry);
        } else if (entry.has(IpcEntry::Send)) {
            after.drop(std::move(right));  // The entry has one; its user references count the rest.
        } else {
            (void)right.leak();
            port.release();  // The entry's reference does for both of its rights.
            entry.rights |= IpcEntry::Send;
        }
        // Pegged at the limit: what messages bring beyond it is not counted.
        if (entry.user_references < MACH_PORT_UREFS_MAX)
            ++entry.user_references;
        break;
    case RightKind::SendOnce:
        space.begin_use(entry, IpcEntry::SendOnce);
        entry.port = right.leak();
        entry.user_references = 1;
        break;
    case RightKind::Receive:
        if (fresh) {
            space.begin_use(entry, IpcEntry::Receive);
            entry.port = right.leak();
        } else {
            space.unindex_send(entry);
            (void)right.leak();
            port.release();
            entry.rights |= IpcEntry::Receive;
        }
        place_in(space, entry, port, old);
        break;
    case RightKind::None:
        panic("a right of no kind has a port");
    }
}

// A send-once right never joins another: each has a name of its own.
IpcEntry* joins(IpcSpace& space, IpcRight& right) REQUIRES(space.lock())
{
    return right.kind() == RightKind::SendOnce ? nullptr : ipc_right_reverse(space, right.port());
}

}  // namespace

mach::Result<mach_port_name_t> ipc_right_copyout(IpcSpace& space, IpcRight& right)
{
    if (right.is_null())
        return MACH_PORT_NULL;
    if (right.is_dead())
        return MACH_PORT_DEAD;

    RightAftermath after;
    IpcPort::Place old;
    Guard guard{space.lock()};
    if (!space.active())
        return mach::failure(KERN_TERMINATED);
    if (!is_alive(right.port())) {
        after.drop(std::move(right));
        return MACH_PORT_DEAD;
    }
    IpcEntry* entry = joins(space, right);
    if (entry == nullptr)
        entry = TRY(space.allocate());
    enter(space, *entry, right, after, old);
    return entry->name;
}

mach::Result<void> ipc_right_copyout_name(IpcSpace& space, mach_port_name_t name, IpcRight& right)
{
    if (!MACH_PORT_VALID(name))
        return mach::failure(KERN_INVALID_VALUE);
    if (!right)
        return mach::failure(KERN_INVALID_CAPABILITY);

    RightAftermath after;
    IpcPort::Place old;
    Guard guard{space.lock()};
    if (!space.active())
        return mach::failure(KERN_TERMINATED);
    if (!is_alive(right.port()))
        return mach::failure(KERN_INVALID_CAPABILITY);
    IpcEntry* entry = joins(space, right);
    if (entry != nullptr && entry->name != name)
        return mach::failure(KERN_RIGHT_EXISTS);
    if (entry != nullptr && right.kind() == RightKind::Send && entry->user_references >= MACH_PORT_UREFS_MAX)
        return mach::failure(KERN_UREFS_OVERFLOW);
    if (entry == nullptr) {
        // A dead entry under the name is in use all the same: its holder must give it up first.
        entry = TRY(space.allocate_name(name));
    }
    enter(space, *entry, right, after, old);
    return {};
}

// ---- Making.

namespace {

mach::Result<IpcEntry*> fresh_entry(IpcSpace& space, mach_port_name_t name) REQUIRES(space.lock())
{
    if (name == MACH_PORT_DEAD)
        return mach::failure(KERN_INVALID_VALUE);
    return name == MACH_PORT_NULL ? space.allocate() : space.allocate_name(name);
}

}  // namespace

mach::Result<mach_port_name_t> ipc_port_alloc(IpcSpace& space, mach_port_name_t name)
{
    // If no name is to be had, the port dies after the guard.
    IpcRight right{TRY(IpcPort::create(space.ledger()))};
    RightAftermath after;
    IpcPort::Place old;
    Guard guard{space.lock()};
    IpcEntry* entry = TRY(fresh_entry(space, name));
    enter(space, *entry, right, after, old);
    return entry->name;
}

mach::Result<mach_port_name_t> ipc_pset_alloc(IpcSpace& space, mach_port_name_t name)
{
    RightAftermath after;
    Guard guard{space.lock()};
    IpcEntry* entry = TRY(fresh_entry(space, name));
    mach::Result<RefPtr<IpcPset>> set = IpcPset::create();
    if (!set) {
        space.give_back(*entry);
        return mach::failure(set.error());
    }
    space.begin_use(*entry, IpcEntry::PortSet);
    entry->pset = set->leak();
    return entry->name;
}

mach::Result<mach_port_name_t> ipc_dead_name_alloc(IpcSpace& space, mach_port_name_t name)
{
    Guard guard{space.lock()};
    IpcEntry* entry = TRY(fresh_entry(space, name));
    space.begin_use(*entry, IpcEntry::DeadName);
    entry->user_references = 1;
    return entry->name;
}
