// kernel/ipc/ipc_notify.cpp
//
// Notifications.  See ipc_notify.h; their layouts are those of mach/notify.h, which are frozen: the kernel
// fills them in here, at the one place, because it must be able to do so under a port's lock and without
// memory.
#include <ipc/ipc_notify.h>

#include <cstring>

#include <ipc/ipc_mqueue.h>
#include <ipc/ipc_port.h>
#include <kern/thread.h>

namespace {

// All but port-destroyed: header, NDR, one word.
struct NotificationWithWord {
    mach_msg_header_t header;
    NDR_record_t ndr;
    uint32_t value;
};
static_assert(sizeof(NotificationWithWord) ==
              sizeof(mach_dead_name_notification_t) - sizeof(mach_msg_trailer_t));

constexpr mach_msg_size_t port_destroyed_size =
    sizeof(mach_msg_header_t) + sizeof(mach_msg_body_t) + sizeof(mach_msg_port_descriptor_t);

}  // namespace

mach::Result<IpcNotification> IpcNotification::reserve(SendOnceRight& notify, bool carries_right)
{
    IpcNotification notification;
    if (!notify)
        return notification;
    notification.message_ = carries_right ? TRY(IpcKmsg::create(port_destroyed_size, 1))
                                          : TRY(IpcKmsg::create(sizeof(NotificationWithWord)));
    notification.message_->from_kernel = true;
    notification.notify_ = std::move(notify);
    return notification;
}

KmsgPtr IpcNotification::as(mach_msg_id_t id, uint32_t value)
{
    const NDR_record_t ndr = NDR_RECORD_NATIVE;
    std::byte* bytes = message_->bytes().data();
    message_->header().msgh_id = id;
    std::memcpy(bytes + offsetof(NotificationWithWord, ndr), &ndr, sizeof ndr);
    std::memcpy(bytes + offsetof(NotificationWithWord, value), &value, sizeof value);
    message_->destination = std::move(notify_);
    return std::move(message_);
}

void IpcNotification::port_destroyed(ReceiveRight right) &&
{
    KmsgPtr message = std::move(message_);
    message->header().msgh_id = MACH_NOTIFY_PORT_DESTROYED;
    message->destination = std::move(notify_);
    message->circular = !ipc_port_check_circularity(right.port(), message->destination.port());
    message->descriptors()[0] = IpcRight{std::move(right)};
    ipc_mqueue_send_always(std::move(message));
}

mach::Result<KmsgPtr> ipc_notify_make_send_once()
{
    KmsgPtr message = TRY(IpcKmsg::create(sizeof(mach_msg_header_t)));
    message->header().msgh_id = MACH_NOTIFY_SEND_ONCE;
    message->from_kernel = true;
    return message;
}

void ipc_notify_send_once(IpcPort* raw)
{
    const RefPtr<IpcPort> port = RefPtr<IpcPort>::adopt(raw);
    Guard guard{port->lock()};
    if (port->active())
        ipc_mqueue_post_send_once_notice(*port);
    else
        port->drop_send_once();
}
