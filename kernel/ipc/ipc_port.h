// kernel/ipc/ipc_port.h
//
// A port: a protected message queue with one receiver and any number of senders.
//
// Owns        its place, its queue, the counts of the rights that name it, and the notifications registered
//             for it.
// Lifetime    RefPtr; every right has one reference.  A port *dies* with its receive right and is *freed*
//             with its last reference.  Dead ports are ordinary: every user checks active() under the lock.
// Lock        lock_, LockRank::Port: after a space, before a port set.  It covers the queue, too.  Two ports
//             of one rank are locked only by ipc_port_pair.h, by address.
// Invariants  (P1) Each send right in an entry, a message or a variable counts once in send_rights_; the like
//                  for send-once rights.  So does the place: not Dead  <=>  there is one receive right.
//             (P2) A port in transit refers to its destination, and no chain of destinations comes back to
//                  it: ipc_port_check_circularity() marks the message that would close one.
//             (P3) Only a port InSpace is a member of sets, and each membership is one IpcPsetLink in links_.
//             (P4) Dead  =>  the queue is empty, nobody waits, nothing is registered, and there are no links.
//             (P5) InKernel  =>  the queue is empty: a message to a kernel object is a call (kernel_call.h).
//             (P6) Guarded  =>  InSpace: a receive right that leaves its space loses its guard.
// Background  docs/rights-and-references.md; R. Draves, "A Revised IPC Interface", 1990.
#ifndef PORTICO_IPC_IPC_PORT_H
#define PORTICO_IPC_IPC_PORT_H

#include <cstdint>
#include <variant>

#include <boost/intrusive/list.hpp>

#include <ipc/ipc_mqueue.h>
#include <ipc/ipc_notify.h>
#include <ipc/ipc_pset.h>
#include <ipc/ipc_right.h>
#include <kern/ledger.h>
#include <lib/lock.h>
#include <lib/ref.h>
#include <mach/port.h>

class IpcSpace;

// Which kernel object a port stands for; IpcPort::InKernel::object points to it.
enum class IpcKobjectType : uint8_t {
    None,  // The kernel receives on it as a thread does (exceptions).
    Task,
    TaskName,
    Thread,
    Host,
    HostPriv,
    HostSecurity,
    Clock,
    Semaphore,
    Ledger,
    MemoryObjectControl,
    MemoryEntry,
    DeviceMaster,
    DeviceIoPorts,
    DeviceInterrupt,
    DeviceDma,
    Count,
};

class IpcPort final : public RefCounted<IpcPort> {
public:
    struct InLimbo {};
    struct InSpace {
        IpcSpace* space;  // Not a reference: the space owns us.
        mach_port_name_t name;
    };
    struct InTransit {
        RefPtr<IpcPort> destination;
    };
    struct InKernel {
        IpcKobjectType type;
        void* object;  // Who made the port keeps it alive (ipc_kobject.h).
    };
    struct Dead {};
    using Place = std::variant<InLimbo, InSpace, InTransit, InKernel, Dead>;

    // A new port in limbo.  `payer` may be null.  KERN_RESOURCE_SHORTAGE.
    [[nodiscard]] static mach::Result<ReceiveRight> create(const RefPtr<Ledger>& payer);

    SpinLock<LockRank::Port>& lock() const RETURN_CAPABILITY(lock_) { return lock_; }

    bool active() const REQUIRES(lock_) { return !std::holds_alternative<Dead>(place_); }
    const Place& place() const REQUIRES(lock_) { return place_; }
    const InSpace* in_space() const REQUIRES(lock_) { return std::get_if<InSpace>(&place_); }
    const InKernel* in_kernel() const REQUIRES(lock_) { return std::get_if<InKernel>(&place_); }
    const InTransit* in_transit() const REQUIRES(lock_) { return std::get_if<InTransit>(&place_); }
    bool received_in(const IpcSpace& space) const REQUIRES(lock_)
    {
        const InSpace* here = in_space();
        return here != nullptr && here->space == &space;
    }
    // The receive right moves.  Gives the old place back, to be dropped without the lock.
    [[nodiscard]] Place set_place(Place place) REQUIRES(lock_)
    {
        return std::exchange(place_, std::move(place));
    }

    // ---- Rights.  Each returns a right that is in the books.
    [[nodiscard]] SendRight make_send() REQUIRES(lock_);
    [[nodiscard]] SendOnceRight make_send_once() REQUIRES(lock_);
    [[nodiscard]] SendRight copy_send() REQUIRES(lock_);
    uint32_t send_rights() const REQUIRES(lock_) { return send_rights_; }
    uint32_t send_once_rights() const REQUIRES(lock_) { return send_once_rights_; }
    // One right less.  The last send right may release a notification, to be sent without the lock.
    [[nodiscard]] IpcNotification drop_send() REQUIRES(lock_);
    void drop_send_once() REQUIRES(lock_);

    // The same without an object that holds it: the right and its reference are the caller's to place, and to take back
    // while the port's receive right keeps it alive.
    void place_send() REQUIRES(lock_) { ++send_rights_; }
    void place_send_once() REQUIRES(lock_) { ++send_once_rights_; }
    void take_back_send_once() REQUIRES(lock_)
    {
        KASSERT(send_once_rights_ != 0, "P1");
        --send_once_rights_;
    }
    // False: the last send right ends by drop_send(), which may have something to tell.
    [[nodiscard]] bool take_back_send_unless_last() REQUIRES(lock_)
    {
        KASSERT(send_rights_ != 0, "P1");
        if (send_rights_ == 1)
            return false;
        --send_rights_;
        return true;
    }

    mach_port_mscount_t make_send_count() const REQUIRES(lock_) { return make_send_count_; }
    void set_make_send_count(mach_port_mscount_t count) REQUIRES(lock_) { make_send_count_ = count; }

    IpcMqueue& queue() REQUIRES(lock_) { return queue_; }

    // ---- Notifications.
    using NameRequests = boost::intrusive::list<
        IpcNameRequest,
        boost::intrusive::member_hook<IpcNameRequest, IpcNameRequest::PortHook, &IpcNameRequest::port_hook>,
        boost::intrusive::constant_time_size<false>>;
    NameRequests& name_requests() REQUIRES(lock_) { return name_requests_; }
    // How many of them wait for room in the queue (SendPossible, armed).
    uint32_t& armed_requests() REQUIRES(lock_) { return armed_requests_; }
    IpcNotification& no_senders_request() REQUIRES(lock_) { return no_senders_; }
    IpcNotification& port_destroyed_request() REQUIRES(lock_) { return port_destroyed_; }

    // ---- Sets.
    IpcPsetLink::OfPort& links() REQUIRES(lock_) { return links_; }

    mach_port_context_t context() const REQUIRES(lock_) { return context_; }
    void set_context(mach_port_context_t context) REQUIRES(lock_) { context_ = context; }
    // Against mistakes of the receiver itself: a guarded receive right is not given up while its task lives, and
    // with a strict guard it does not move in messages, either.  The guard is the context (P6).
    enum class GuardKind : uint8_t { None, Loose, Strict };
    GuardKind guard_kind() const REQUIRES(lock_) { return guard_kind_; }
    bool guarded() const REQUIRES(lock_) { return guard_kind_ != GuardKind::None; }
    void set_guard(GuardKind kind, mach_port_context_t guard) REQUIRES(lock_)
    {
        guard_kind_ = kind;
        context_ = guard;
    }
    bool copies_memory_at_send() const REQUIRES(lock_) { return ool_copy_at_send_; }
    void set_copies_memory_at_send(bool copies) REQUIRES(lock_) { ool_copy_at_send_ = copies; }

    static void destroy_last_reference(IpcPort* port);

private:
    template <class>
    friend class Zone;
    friend class IpcPset;
    friend class IpcPortDeath;  // ipc_port_death.cpp
    friend class IpcAudit;

    explicit IpcPort(LedgerCharge charge) : charge_{std::move(charge)} {}
    ~IpcPort();

    mutable SpinLock<LockRank::Port> lock_;
    Place place_ GUARDED_BY(lock_);
    uint32_t send_rights_ GUARDED_BY(lock_) = 0;
    uint32_t send_once_rights_ GUARDED_BY(lock_) = 0;
    mach_port_mscount_t make_send_count_ GUARDED_BY(lock_) = 0;
    bool ool_copy_at_send_ GUARDED_BY(lock_) = false;
    GuardKind guard_kind_ GUARDED_BY(lock_) = GuardKind::None;
    IpcPsetLink::OfPort links_ GUARDED_BY(lock_);
    IpcMqueue queue_ GUARDED_BY(lock_){AnyLock{lock_}};
    mach_port_context_t context_ GUARDED_BY(lock_) = 0;
    NameRequests name_requests_ GUARDED_BY(lock_);
    uint32_t armed_requests_ GUARDED_BY(lock_) = 0;
    IpcNotification no_senders_ GUARDED_BY(lock_);
    IpcNotification port_destroyed_ GUARDED_BY(lock_);
    LedgerCharge charge_;
};

// Marks `moving` as in transit to `destination`, or says false if it would then be (indirectly) in its own
// queue.
[[nodiscard]] bool ipc_port_check_circularity(IpcPort& moving, IpcPort& destination);

// ---- What other files do under a port's lock.
// Out of all its sets: how many there were (ipc_pset.cpp).
uint32_t ipc_pset_unlink_all(IpcPort& port) REQUIRES(port.lock());
// One more send-once notification is due to the port, which is active (ipc_mqueue.cpp).
void ipc_mqueue_post_send_once_notice(IpcPort& port) REQUIRES(port.lock());

// A receive right that came in a message is in the kernel's hands: no longer in transit, but in limbo.
void ipc_port_arrived_in_kernel(IpcPort& port);

// Living ports, the kernel's own included.
uint64_t ipc_port_count();

#endif
