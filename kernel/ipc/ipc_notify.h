// kernel/ipc/ipc_notify.h
//
// Notifications: messages that the kernel sends to a send-once right which somebody registered for the
// purpose.
//
// Everything that can fail happens at registration: the message is reserved there.  Sending never blocks,
// never fails and passes a full queue, because a send-once right does.
//
// Lock        none.  A notification is taken out of its port under the port's lock and sent after it is
//             released.
// Invariants  (N1) An IpcNotification that is set owns a send-once right and a message for it, and is used
//                  once.
//             (N2) A name request is owned by its entry and linked in its port exactly while the port is
//                  alive; the port's death takes the notification out of it, and leaves the rest to the
//                  entry.
#ifndef PORTICO_IPC_IPC_NOTIFY_H
#define PORTICO_IPC_IPC_NOTIFY_H

#include <utility>

#include <boost/intrusive/list_hook.hpp>

#include <ipc/ipc_kmsg.h>
#include <ipc/ipc_right.h>
#include <mach/notify.h>
#include <mach/result.h>

class IpcNotification {
public:
    IpcNotification() = default;
    // KERN_RESOURCE_SHORTAGE: `notify` is still whole.  A null right gives an empty notification.
    // With `carries_right` the message has a descriptor (port-destroyed).
    [[nodiscard]] static mach::Result<IpcNotification> reserve(SendOnceRight& notify,
                                                               bool carries_right = false);

    explicit operator bool() const { return static_cast<bool>(message_); }
    const IpcPort* target() const { return notify_.raw(); }  // For the audit.

    // Makes it the message that is due, with its destination: to be sent by ipc_mqueue_send_always(), without
    // a lock. Only of one that is set.
    [[nodiscard]] KmsgPtr as_port_deleted(mach_port_name_t name) &&
    {
        return as(MACH_NOTIFY_PORT_DELETED, name);
    }
    [[nodiscard]] KmsgPtr as_send_possible(mach_port_name_t name) &&
    {
        return as(MACH_NOTIFY_SEND_POSSIBLE, name);
    }
    [[nodiscard]] KmsgPtr as_dead_name(mach_port_name_t name) && { return as(MACH_NOTIFY_DEAD_NAME, name); }
    [[nodiscard]] KmsgPtr as_no_senders(mach_port_mscount_t count) &&
    {
        return as(MACH_NOTIFY_NO_SENDERS, count);
    }
    // Carries a right, so it is made and sent in one: with no lock held.
    void port_destroyed(ReceiveRight right) &&;

    // Not to be sent: gives the right back.
    [[nodiscard]] SendOnceRight cancel() &&
    {
        message_.reset();
        return std::move(notify_);
    }

private:
    [[nodiscard]] KmsgPtr as(mach_msg_id_t id, uint32_t value);

    SendOnceRight notify_;
    KmsgPtr message_;
};

// What is registered under one name of one space: to hear when the port dies, or when its queue has room.
class IpcNameRequest {
public:
    using PortHook =
        boost::intrusive::list_member_hook<boost::intrusive::link_mode<boost::intrusive::normal_link>>;

    enum class Event : uint8_t { DeadName, SendPossible };

    PortHook port_hook;            // Port's lock.
    IpcNotification notification;  // Port's lock; empty: fired.
    mach_port_name_t name = MACH_PORT_NULL;
    Event event = Event::DeadName;
    bool armed = false;           // SendPossible: a sender found the queue full.
    bool dead_name_sent = false;  // The name's conversion adds one user reference.
};

// A send-once right was destroyed unused: its port's receiver will hear.  Takes over the right's count and
// reference. Counted in the port, and made a message when it is received (design D9).  With no lock held.
void ipc_notify_send_once(IpcPort* port);
// The message that such a count becomes.
[[nodiscard]] mach::Result<KmsgPtr> ipc_notify_make_send_once();

#endif
