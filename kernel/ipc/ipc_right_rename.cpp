// kernel/ipc/ipc_right_rename.cpp
//
// Another name for what a name denotes: mach_port_rename().
#include <ipc/ipc_right_locked.h>

namespace {

// The port says by which name its receiver knows it, and so does each set that it is in.
void rename_receive_right(IpcSpace& space, IpcPort& port, mach_port_name_t name) REQUIRES(space.lock())
{
    Guard guard{port.lock()};
    (void)port.set_place(IpcPort::InSpace{&space, name});  // The old place was this space.
    for (IpcPsetLink& link : port.links()) {
        Guard set_guard{link.set.lock()};
        link.name = name;
    }
}

// What is registered under the name goes with it, and will speak of the new one.
void rename_request(IpcEntry& entry, mach_port_name_t name)
{
    Guard guard{entry.port->lock()};
    entry.request->name = name;
}

void move_entry(IpcSpace& space, IpcEntry& from, IpcEntry& to) REQUIRES(space.lock())
{
    const bool indexed = from.has(IpcEntry::Send) && !from.has(IpcEntry::Receive);
    if (indexed)
        space.unindex_send(from);
    space.begin_use(to, from.rights);
    to.user_references = from.user_references;
    if (from.has(IpcEntry::PortSet))
        to.pset = from.pset;
    else
        to.port = from.port;
    to.request = std::exchange(from.request, nullptr);
    space.end_use(from);
    if (indexed)
        space.index_send(to);
    if (to.request != nullptr)
        rename_request(to, to.name);
    if (to.has(IpcEntry::Receive))
        rename_receive_right(space, *to.port, to.name);
}

}  // namespace

mach::Result<void> ipc_right_rename(IpcSpace& space, mach_port_name_t old_name, mach_port_name_t new_name)
{
    RightAftermath after;
    Guard guard{space.lock()};
    IpcEntry* from = space.lookup(old_name);
    if (from == nullptr)
        return mach::failure(KERN_INVALID_NAME);
    ipc_right_check(space, *from, after);  // A dead port's entry has no port to be told.
    IpcEntry* to = TRY(space.allocate_name(new_name));
    move_entry(space, *from, *to);
    return {};
}
