// kernel/ipc/ipc_right.h
//
// Rights as C++ objects, for the kernel's own hands and for messages, and the operations on rights that a
// space names.
//
// Owns        one right each (null and dead ones own nothing), and with it one reference to the port's
//             record.
// Lifetime    move-only.  A right that is dropped does what Mach's rules say: the last send right may set off
//             a no-senders notification, a send-once right sends a send-once notification, a receive right
//             kills its port.
// Lock        A right is never dropped under a lock of rank IpcSpace or below: dropping takes the port's, and
//             may send a message.  Declare the right before the guard, so that it goes after it.
// Invariants  (R1) Every send (send-once) right, in an entry, in a message or in a variable, counts once in
//                  its port's send_rights (send_once_rights); ipc_audit.h checks it.
//             (R2) A living port has exactly one receive right; a ReceiveRight in a variable or a message is
//                  it, and then the port is in limbo or in transit.
//             (R3) The functions below either succeed or leave the space as it was, but for one thing that
//                  Mach's rules ask for: an entry whose port is found dead turns into a dead name.
// Background  docs/rights-and-references.md; R. Draves, "A Revised IPC Interface", 1990.
#ifndef PORTICO_IPC_IPC_RIGHT_H
#define PORTICO_IPC_IPC_RIGHT_H

#include <cstdint>
#include <utility>

#include <lib/assert.h>
#include <lib/census.h>
#include <mach/message.h>
#include <mach/result.h>

class IpcPort;
class IpcSpace;

enum class RightKind : uint8_t { None, Send, SendOnce, Receive };

// What a message says of a right that is on its way or has arrived: MACH_MSG_TYPE_PORT_*.
mach_msg_type_name_t disposition_of(RightKind kind);

// The port of a right that had died before the right arrived: MACH_PORT_DEAD.  Never dereferenced.
inline IpcPort* ipc_port_dead() { return reinterpret_cast<IpcPort*>(UINTPTR_MAX); }
inline bool ipc_port_valid(const IpcPort* port) { return port != nullptr && port != ipc_port_dead(); }

// Gives up one right of this kind and the reference that goes with it.  `port` may be null or dead.
void ipc_right_release(IpcPort* port, RightKind kind);

// What all rights share: null, dead, or a port.
class RightHolder {
public:
    RightHolder(const RightHolder&) = delete;
    RightHolder& operator=(const RightHolder&) = delete;

    bool is_null() const { return port_ == nullptr; }
    bool is_dead() const { return port_ == ipc_port_dead(); }
    explicit operator bool() const { return ipc_port_valid(port_); }
    IpcPort& port() const
    {
        KASSERT(ipc_port_valid(port_), "a null or dead right has no port");
        return *port_;
    }
    IpcPort* raw() const { return port_; }

    // Gives the right up without ending it: it stays in the port's books, and is the caller's.
    [[nodiscard]] IpcPort* leak()
    {
        IpcPort* port = std::exchange(port_, nullptr);
        if (port != nullptr)
            census_note(this, -1);
        return port;
    }

protected:
    RightHolder() = default;
    ~RightHolder() = default;
    void hold(IpcPort* port)
    {
        port_ = port;
        if (port != nullptr)
            census_note(this, +1);
    }

private:
    IpcPort* port_ = nullptr;
};

template <RightKind Kind>
class PortRight : public RightHolder {
public:
    PortRight() = default;
    PortRight(PortRight&& other) noexcept { hold(other.leak()); }
    PortRight& operator=(PortRight&& other) noexcept
    {
        // The old right goes last, when this object already holds the new one.
        IpcPort* incoming = other.leak();
        PortRight old{std::move(*this)};
        hold(incoming);
        return *this;
    }
    ~PortRight()
    {
        if (IpcPort* port = leak())
            ipc_right_release(port, Kind);
    }

    // Takes over a right, with its count and its reference, that is in `port`'s books already.
    [[nodiscard]] static PortRight adopt(IpcPort* port)
    {
        PortRight right;
        right.hold(port);
        return right;
    }
    void release() { PortRight gone{std::move(*this)}; }
};

class SendRight final : public PortRight<RightKind::Send> {
public:
    SendRight() = default;
    SendRight(PortRight&& right) noexcept : PortRight{std::move(right)} {}
    // One more right to the same port (none to a dead one: the copy is dead, too).
    [[nodiscard]] SendRight copy() const;
};

class SendOnceRight final : public PortRight<RightKind::SendOnce> {
public:
    SendOnceRight() = default;
    SendOnceRight(PortRight&& right) noexcept : PortRight{std::move(right)} {}
};

class ReceiveRight final : public PortRight<RightKind::Receive> {
public:
    ReceiveRight() = default;
    ReceiveRight(PortRight&& right) noexcept : PortRight{std::move(right)} {}
};

// A right of any kind: what a message carries.  A null or dead one still has the kind that it was sent as.
class IpcRight final : public RightHolder {
public:
    IpcRight() = default;
    IpcRight(SendRight right) : kind_{RightKind::Send} { hold(right.leak()); }
    IpcRight(SendOnceRight right) : kind_{RightKind::SendOnce} { hold(right.leak()); }
    IpcRight(ReceiveRight right) : kind_{RightKind::Receive} { hold(right.leak()); }
    IpcRight(IpcRight&& other) noexcept : kind_{std::exchange(other.kind_, RightKind::None)}
    {
        hold(other.leak());
    }
    IpcRight& operator=(IpcRight&& other) noexcept
    {
        const RightKind kind = std::exchange(other.kind_, RightKind::None);
        IpcPort* incoming = other.leak();
        IpcRight old{std::move(*this)};
        kind_ = kind;
        hold(incoming);
        return *this;
    }
    ~IpcRight()
    {
        if (IpcPort* port = leak())
            ipc_right_release(port, kind_);
    }

    [[nodiscard]] static IpcRight adopt(IpcPort* port, RightKind kind)
    {
        IpcRight right;
        right.kind_ = kind;
        right.hold(port);
        return right;
    }
    RightKind kind() const { return kind_; }

    // As the kind that it is; null if it is another.  The object is empty afterwards.
    [[nodiscard]] SendRight take_send() { return take<SendRight, RightKind::Send>(); }
    [[nodiscard]] SendOnceRight take_send_once() { return take<SendOnceRight, RightKind::SendOnce>(); }
    [[nodiscard]] ReceiveRight take_receive() { return take<ReceiveRight, RightKind::Receive>(); }

private:
    template <class T, RightKind K>
    T take()
    {
        if (kind_ != K)
            return T{};
        return T{PortRight<K>::adopt(leak())};
    }

    RightKind kind_ = RightKind::None;
};

// ---- A space's rights: what mach_port_* calls and messages do to them.  Each locks the space itself.

// Takes the right that `name` denotes out of the space, or makes one from it, as the disposition
// (MACH_MSG_TYPE_MOVE_*, COPY_SEND, MAKE_*) says.  With `dead_ok` a dead name gives a dead right; otherwise
// it is KERN_INVALID_RIGHT.  KERN_INVALID_NAME, KERN_INVALID_RIGHT, KERN_INVALID_VALUE (no such disposition).
[[nodiscard]] mach::Result<IpcRight> ipc_right_copyin(IpcSpace& space, mach_port_name_t name,
                                                      mach_msg_type_name_t disposition, bool dead_ok);

// Gives the space a right, and says under which name.  A send right joins the name by which the space knows
// the port already.  A null right is MACH_PORT_NULL; a dead one, or one whose port is dead, is
// MACH_PORT_DEAD. KERN_RESOURCE_SHORTAGE, KERN_NO_SPACE (no name is free), KERN_UREFS_OVERFLOW,
// KERN_TERMINATED: `right` is still whole.
[[nodiscard]] mach::Result<mach_port_name_t> ipc_right_copyout(IpcSpace& space, IpcRight& right);

// The same under a name that the caller chooses (mach_port_insert_right).  Also KERN_NAME_EXISTS,
// KERN_RIGHT_EXISTS, KERN_INVALID_VALUE, KERN_INVALID_CAPABILITY (a null or dead right).
[[nodiscard]] mach::Result<void> ipc_right_copyout_name(IpcSpace& space, mach_port_name_t name,
                                                        IpcRight& right);

// mach_port_allocate() of each kind; `name` MACH_PORT_NULL: the kernel chooses.
[[nodiscard]] mach::Result<mach_port_name_t> ipc_port_alloc(IpcSpace& space,
                                                            mach_port_name_t name = MACH_PORT_NULL);
[[nodiscard]] mach::Result<mach_port_name_t> ipc_pset_alloc(IpcSpace& space,
                                                            mach_port_name_t name = MACH_PORT_NULL);
[[nodiscard]] mach::Result<mach_port_name_t> ipc_dead_name_alloc(IpcSpace& space,
                                                                 mach_port_name_t name = MACH_PORT_NULL);

struct IpcRightInfo {
    mach_port_type_t type = MACH_PORT_TYPE_NONE;  // With MACH_PORT_TYPE_*REQUEST.
    mach_port_urefs_t user_references = 0;        // Of the send, send-once or dead-name right.
};
// KERN_INVALID_NAME.
[[nodiscard]] mach::Result<IpcRightInfo> ipc_right_info(IpcSpace& space, mach_port_name_t name);

// How many user references the name has of this kind of right; 0 if it denotes other kinds.
[[nodiscard]] mach::Result<mach_port_urefs_t> ipc_right_references(IpcSpace& space, mach_port_name_t name,
                                                                   mach_port_right_t right);

// mach_port_rename(): everything that `old_name` denotes is `new_name`'s from now on.  See mach_port.defs for the errors.
mach::Result<void> ipc_right_rename(IpcSpace& space, mach_port_name_t old_name, mach_port_name_t new_name);

// mach_port_deallocate(), mach_port_destroy(), mach_port_mod_refs(): see mach_port.defs for the errors.
mach::Result<void> ipc_right_dealloc(IpcSpace& space, mach_port_name_t name);
mach::Result<void> ipc_right_destroy(IpcSpace& space, mach_port_name_t name);
mach::Result<void> ipc_right_delta(IpcSpace& space, mach_port_name_t name, mach_port_right_t right,
                                   mach_port_delta_t delta);

// mach_port_request_notification(): gives back what was registered before.  On failure `notify` dies.
[[nodiscard]] mach::Result<SendOnceRight> ipc_right_request(IpcSpace& space, mach_port_name_t name,
                                                            mach_msg_id_t event, mach_port_mscount_t sync,
                                                            SendOnceRight notify);
// A send to `name` found the queue full: arms the send-possible notification that is registered for it, if
// any.
void ipc_right_arm_send_possible(IpcSpace& space, mach_port_name_t name);

// A send-once right has been used: it ends without a notification.
void ipc_right_consume_send_once(IpcRight right);

#endif
