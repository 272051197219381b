// kernel/ipc/ipc_notify.h
//
// Notifications: messages that the kernel sends to a send-once right which somebody registered for the purpose.
//
// Everything that can fail happens at registration: the message is reserved there.  Sending never blocks, never fails
// and passes a full queue, because a send-once right does.
//
// Lock        none.  A notification is taken out of its port under the port's lock and sent after it is released.
// Invariants  (N1) An IpcNotification that is set owns a send-once right and a message for it, and is used once.
//             (N2) A name request is owned by its entry and linked in its port exactly while the port is alive; the
//                  port's death takes the notification out of it, and leaves the rest to the entry.
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
    [[nodiscard]] static mach::Result<IpcNotification> reserve(SendOnceRight& notify);

    explicit operator bool() const { return static_cast<bool>(message_); }

    // Send it: with no lock held.  An empty one does nothing.
    void port_deleted(mach_port_name_t name) &&;
    void send_possible(mach_port_name_t name) &&;
    void dead_name(mach_port_name_t name) &&;
    void no_senders(mach_port_mscount_t count) &&;
    void port_destroyed(ReceiveRight right) &&;

    // Not to be sent: gives the right back.
    [[nodiscard]] SendOnceRight cancel() &&
    {
        message_.reset();
        return std::move(notify_);
    }

private:
    void send_name(mach_msg_id_t id, uint32_t value) &&;

    SendOnceRight notify_;
    KmsgPtr message_;
};

// What is registered under one name of one space: to hear when the port dies, or when its queue has room.
class IpcNameRequest {
public:
    using PortHook = boost::intrusive::list_member_hook<boost::intrusive::link_mode<boost::intrusive::normal_link>>;

    enum class Event : uint8_t { DeadName, SendPossible };

    PortHook port_hook;            // Port's lock.
    IpcNotification notification;  // Port's lock; empty: fired.
    mach_port_name_t name = MACH_PORT_NULL;
    Event event = Event::DeadName;
    bool armed = false;      // SendPossible: a sender found the queue full.
    bool dead_name_sent = false;  // The name's conversion adds one user reference.
};

// A send-once right to `port` was destroyed unused: its receiver will hear.  Counted in the port, and made a message
// when it is received (design D9).  With no lock held.
void ipc_notify_send_once(SendOnceRight right);

#endif
