// kernel/ipc/ipc_pset.cpp: see ipc_pset.h.
#include <ipc/ipc_pset.h>

#include <ipc/ipc_port.h>
#include <kern/thread.h>
#include <kern/zone.h>

namespace {

constinit Zone<IpcPset> set_zone{"ipc port sets"};
constinit Zone<IpcPsetLink> link_zone{"ipc port set members"};

}  // namespace

uint64_t ipc_pset_count() { return set_zone.live(); }

// Links and unlinks, under both locks (T1).
struct IpcPsetMembership {
    // False if the set's name has gone.  A thread that waits in the set is sent to look if there is something
    // now.
    static bool link_if_active(IpcPort& port, IpcPsetLink& link) REQUIRES(port.lock())
    {
        Guard guard{link.set.lock()};
        if (!link.set.active_)
            return false;
        port.links().push_back(link);
        link.set.members_.push_back(link);
        if (port.queue().has_something()) {
            link.set.mark_ready(link);
            thread_wakeup_all(link.set.receivers_, WaitResult::Restart);
        }
        return true;
    }
    static void unlink(IpcPort& port, IpcPsetLink& link) REQUIRES(port.lock())
    {
        Guard guard{link.set.lock()};
        link.set.unmark_ready(link);
        port.links().erase(port.links().iterator_to(link));
        link.set.members_.erase(link.set.members_.iterator_to(link));
    }
    // A member of the set, with a reference; null if there is none.
    static RefPtr<IpcPort> any_member(IpcPset& set)
    {
        Guard guard{set.lock()};
        return set.members_.empty() ? RefPtr<IpcPort>{} : RefPtr<IpcPort>{set.members_.front().port};
    }
    // The port's link to the set; null if there is none.
    static IpcPsetLink* find(IpcPort& port, const IpcPset& set) REQUIRES(port.lock())
    {
        for (IpcPsetLink& link : port.links())
            if (&link.set == &set)
                return &link;
        return nullptr;
    }
    static uint32_t names(IpcPset& set, std::span<mach_port_name_t> into)
    {
        Guard guard{set.lock()};
        uint32_t count = 0;
        for (IpcPsetLink& link : set.members_) {
            if (count < into.size())
                into[count] = link.name;
            ++count;
        }
        return count;
    }
};

mach::Result<RefPtr<IpcPset>> IpcPset::create()
{
    IpcPset* set = set_zone.create();
    if (set == nullptr)
        return mach::failure(KERN_RESOURCE_SHORTAGE);
    return RefPtr<IpcPset>::adopt(set);
}

IpcPset::~IpcPset()
{
    Guard guard{lock_};  // Nobody else is here; it satisfies the analysis.
    KASSERT(!active_ && members_.empty() && ready_.empty(), "T1: a set is emptied when its name goes");
}

void IpcPset::destroy_last_reference(IpcPset* set) { set_zone.destroy(set); }

RefPtr<IpcPort> IpcPset::next_ready()
{
    if (ready_.empty())
        return {};
    IpcPsetLink& link = ready_.front();
    ready_.splice(ready_.end(), ready_, ready_.begin());
    return RefPtr<IpcPort>{link.port};
}

void IpcPset::mark_ready(IpcPsetLink& link)
{
    if (!std::exchange(link.ready, true))
        ready_.push_back(link);
}

void IpcPset::unmark_ready(IpcPsetLink& link)
{
    if (std::exchange(link.ready, false))
        ready_.erase(ready_.iterator_to(link));
}

void IpcPset::die()
{
    {
        Guard guard{lock_};
        active_ = false;  // From here on nobody adds a member.
    }
    while (const RefPtr<IpcPort> port = IpcPsetMembership::any_member(*this)) {
        IpcPsetLink* link = nullptr;
        {
            Guard guard{port->lock()};
            link = IpcPsetMembership::find(*port, *this);
            if (link != nullptr)
                IpcPsetMembership::unlink(*port, *link);
        }
        if (link != nullptr)
            link_zone.destroy(link);
    }
    Guard guard{lock_};
    while (Thread* thread = wait_queue_claim(receivers_)) {
        thread->ipc.receive_result = MACH_RCV_PORT_DIED;
        thread_go(*thread);
    }
}

mach::Result<void> ipc_pset_add(IpcPset& set, IpcPort& port, mach_port_name_t name)
{
    IpcPsetLink* link = link_zone.create(port, set, name);
    if (link == nullptr)
        return mach::failure(KERN_RESOURCE_SHORTAGE);
    kern_return_t code = KERN_SUCCESS;
    {
        Guard guard{port.lock()};
        if (port.in_space() == nullptr)
            code = KERN_INVALID_RIGHT;
        else if (IpcPsetMembership::find(port, set) != nullptr)
            code = KERN_ALREADY_IN_SET;
        else if (!IpcPsetMembership::link_if_active(port, *link))
            code = KERN_INVALID_RIGHT;
    }
    if (code == KERN_SUCCESS)
        return {};
    link_zone.destroy(link);
    return mach::failure(code);
}

mach::Result<void> ipc_pset_remove(IpcPset& set, IpcPort& port)
{
    IpcPsetLink* link = nullptr;
    {
        Guard guard{port.lock()};
        link = IpcPsetMembership::find(port, set);
        if (link == nullptr)
            return mach::failure(KERN_NOT_IN_SET);
        IpcPsetMembership::unlink(port, *link);
    }
    link_zone.destroy(link);
    return {};
}

uint32_t ipc_pset_unlink_all(IpcPort& port)
{
    uint32_t count = 0;
    for (; !port.links().empty(); ++count) {
        IpcPsetLink& link = port.links().front();
        IpcPsetMembership::unlink(port, link);
        link_zone.destroy(&link);
    }
    return count;
}

uint32_t ipc_pset_members(IpcPset& set, std::span<mach_port_name_t> names)
{
    return IpcPsetMembership::names(set, names);
}
