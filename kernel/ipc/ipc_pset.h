// kernel/ipc/ipc_pset.h
//
// A port set: a thread that receives from it gets the next message of any of its ports.
//
// As in Darwin, a port may be in several sets and still be received from directly; messages stay in their
// port, and a set only knows which of its members have some.
//
// Owns        its links to members.
// Lifetime    RefPtr.  Dies with its name; freed with its last reference.
// Lock        lock_, LockRank::PortSet: after a port.  Who comes from the set's side takes a reference to the
//             port, drops the set's lock, locks the port, and looks again.
// Invariants  (T1) A link is in its port's list and its set's list, or in neither; both change under both
//                  locks.  So a link found under either lock has a living port and a living set.
//             (T2) A link is ready exactly if its port has something to receive.
//             (T3) Ready links  =>  nobody waits in the set: who marks a link ready wakes a thread that
//                  waits, under the set's lock, and a thread asserts its wait only after it has found no
//                  ready link, under that lock, too.
#ifndef PORTICO_IPC_IPC_PSET_H
#define PORTICO_IPC_IPC_PSET_H

#include <cstdint>
#include <span>

#include <boost/intrusive/list.hpp>

#include <kern/wait_queue.h>
#include <lib/lock.h>
#include <lib/ref.h>
#include <mach/port.h>
#include <mach/result.h>

class IpcPort;
class IpcPset;

// One port's membership in one set.
struct IpcPsetLink {
    using Hook =
        boost::intrusive::list_member_hook<boost::intrusive::link_mode<boost::intrusive::normal_link>>;

    IpcPort& port;
    IpcPset& set;
    // Of the port, in the space that holds both: a port that leaves it leaves its sets.  Set's lock.
    mach_port_name_t name;
    Hook of_port;        // Port's lock.
    Hook of_set;         // Set's lock.
    Hook among_ready;    // Set's lock.
    bool ready = false;  // Set's lock.

    IpcPsetLink(IpcPort& p, IpcPset& s, mach_port_name_t n) : port{p}, set{s}, name{n} {}

    template <Hook IpcPsetLink::* Member>
    using List = boost::intrusive::list<IpcPsetLink, boost::intrusive::member_hook<IpcPsetLink, Hook, Member>,
                                        boost::intrusive::constant_time_size<false>>;
    using OfPort = List<&IpcPsetLink::of_port>;
    using OfSet = List<&IpcPsetLink::of_set>;
    using Ready = List<&IpcPsetLink::among_ready>;
};

class IpcPset final : public RefCounted<IpcPset> {
public:
    [[nodiscard]] static mach::Result<RefPtr<IpcPset>> create();

    SpinLock<LockRank::PortSet>& lock() const RETURN_CAPABILITY(lock_) { return lock_; }
    bool active() const REQUIRES(lock_) { return active_; }

    WaitQueue& receivers() REQUIRES(lock_) { return receivers_; }
    // The member whose turn it is, or null.  Its turn passes to the next.
    [[nodiscard]] RefPtr<IpcPort> next_ready() REQUIRES(lock_);
    void mark_ready(IpcPsetLink& link) REQUIRES(lock_);
    void unmark_ready(IpcPsetLink& link) REQUIRES(lock_);
    bool has_ready() const REQUIRES(lock_) { return !ready_.empty(); }

    // The set's name goes: members leave, and receivers are told MACH_RCV_PORT_DIED.  With no lock held.
    void die();

    static void destroy_last_reference(IpcPset* set);

private:
    template <class>
    friend class Zone;
    friend struct IpcPsetMembership;  // ipc_pset.cpp

    IpcPset() = default;
    ~IpcPset();

    mutable SpinLock<LockRank::PortSet> lock_;
    bool active_ GUARDED_BY(lock_) = true;
    WaitQueue receivers_{AnyLock{lock_}};
    IpcPsetLink::OfSet members_ GUARDED_BY(lock_);
    IpcPsetLink::Ready ready_ GUARDED_BY(lock_);
};

// ---- Membership, for ports that are in a space.  With no lock held.
// KERN_ALREADY_IN_SET, KERN_RESOURCE_SHORTAGE; KERN_INVALID_RIGHT if the port or the set has gone.
mach::Result<void> ipc_pset_add(IpcPset& set, IpcPort& port, mach_port_name_t name);
mach::Result<void> ipc_pset_remove(IpcPset& set, IpcPort& port);  // KERN_NOT_IN_SET
// The names of the members in the space that holds them; returns how many there are (which may be more than
// fit).
uint32_t ipc_pset_members(IpcPset& set, std::span<mach_port_name_t> names);

uint64_t ipc_pset_count();

#endif
