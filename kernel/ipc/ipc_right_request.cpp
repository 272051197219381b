// kernel/ipc/ipc_right_request.cpp
//
// Registering notifications: mach_port_request_notification().  Sending them: ipc_notify.cpp.
#include <ipc/ipc_right_locked.h>
#include <kern/zone.h>

namespace {

constinit Zone<IpcNameRequest> request_zone{"ipc name requests"};

}  // namespace

void ipc_name_request_free(IpcNameRequest* request) { request_zone.destroy(request); }

mach_port_type_t ipc_name_request_type(const IpcEntry& entry)
{
    Guard guard{entry.port->lock()};
    const IpcNameRequest& request = *entry.request;
    if (!request.notification)
        return MACH_PORT_TYPE_NONE;
    if (request.event == IpcNameRequest::Event::DeadName)
        return MACH_PORT_TYPE_DNREQUEST;
    return request.armed ? MACH_PORT_TYPE_SPREQUEST : MACH_PORT_TYPE_SPREQUEST_DELAYED;
}

IpcNotification ipc_right_withdraw_request(IpcEntry& entry)
{
    IpcNameRequest* request = std::exchange(entry.request, nullptr);
    if (request == nullptr)
        return {};
    IpcNotification notification;
    {
        Guard guard{entry.port->lock()};
        // After the port's death it is in no list, and its notification has been sent.
        if (entry.port->active()) {
            entry.port->name_requests().erase(entry.port->name_requests().iterator_to(*request));
            if (request->armed)
                --entry.port->armed_requests();
            notification = std::move(request->notification);
        }
    }
    ipc_name_request_free(request);
    return notification;
}

void ipc_right_cancel_request(IpcEntry& entry, RightAftermath& after)
{
    IpcNotification notification = ipc_right_withdraw_request(entry);
    if (notification)
        after.notification = std::move(notification).as_port_deleted(entry.name);
}

namespace {

using Previous = mach::Result<SendOnceRight>;

// Registers under the entry's name, which has a living port, unless that dies now: then false.
bool enlist(IpcEntry& entry, IpcNameRequest* request, bool arm, RightAftermath& after)
{
    IpcPort& port = *entry.port;
    Guard guard{port.lock()};
    if (!port.active())
        return false;
    entry.request = request;
    port.name_requests().push_back(*request);
    if (!arm)
        return true;
    if (!port.queue().full()) {
        after.notification = std::move(request->notification).as_send_possible(request->name);
    } else {
        request->armed = true;
        ++port.armed_requests();
    }
    return true;
}

// Dead already: said at once if the caller wanted that.
Previous request_for_dead(IpcEntry& entry, mach_port_mscount_t sync, IpcNotification& notification,
                          RightAftermath& after)
{
    if (!notification || sync == 0)
        return mach::failure(KERN_INVALID_ARGUMENT);
    if (entry.user_references >= MACH_PORT_UREFS_MAX)
        return mach::failure(KERN_UREFS_OVERFLOW);
    ++entry.user_references;
    after.notification = std::move(notification).as_dead_name(entry.name);
    return SendOnceRight{};
}

Previous request_by_name(IpcSpace& space, mach_port_name_t name, IpcNameRequest::Event event,
                         mach_port_mscount_t sync, SendOnceRight& notify)
{
    // All of these outlive the guard.
    RightAftermath after;
    IpcNotification notification = TRY(IpcNotification::reserve(notify));
    IpcNotification withdrawn;
    Guard guard{space.lock()};
    IpcEntry* entry = space.lookup(name);
    if (entry == nullptr)
        return mach::failure(KERN_INVALID_NAME);
    if (ipc_right_check(space, *entry, after))
        return request_for_dead(*entry, sync, notification, after);
    const bool wants_room = event == IpcNameRequest::Event::SendPossible;
    if (!entry->has_port() || (wants_room && !entry->has(IpcEntry::Send)))
        return mach::failure(KERN_INVALID_RIGHT);

    withdrawn = ipc_right_withdraw_request(*entry);
    if (!notification)
        return std::move(withdrawn).cancel();
    IpcNameRequest* request = request_zone.create();
    if (request == nullptr)
        return mach::failure(KERN_RESOURCE_SHORTAGE);
    request->notification = std::move(notification);
    request->name = name;
    request->event = event;
    if (!enlist(*entry, request, wants_room && sync != 0, after)) {
        notification = std::move(request->notification);
        ipc_name_request_free(request);
        ipc_right_check(space, *entry, after);
        return request_for_dead(*entry, sync, notification, after);
    }
    return std::move(withdrawn).cancel();
}

// Registrations in the port, by the holder of its receive right.  They outlive the guard.
Previous request_by_receiver(IpcSpace& space, mach_port_name_t name, mach_msg_id_t event,
                             mach_port_mscount_t sync, SendOnceRight& notify)
{
    RightAftermath after;
    const bool destroyed = event == MACH_NOTIFY_PORT_DESTROYED;
    IpcNotification notification = TRY(IpcNotification::reserve(notify, destroyed));
    IpcNotification previous;
    {
        Guard guard{space.lock()};
        IpcEntry* entry = space.lookup(name);
        if (entry == nullptr)
            return mach::failure(KERN_INVALID_NAME);
        if (!entry->has(IpcEntry::Receive))
            return mach::failure(KERN_INVALID_RIGHT);
        IpcPort& port = *entry->port;
        Guard port_guard{port.lock()};
        IpcNotification& registered = destroyed ? port.port_destroyed_request() : port.no_senders_request();
        previous = std::move(registered);
        if (notification && !destroyed && port.send_rights() == 0 && sync <= port.make_send_count())
            after.notification = std::move(notification).as_no_senders(port.make_send_count());
        else
            registered = std::move(notification);
    }
    return std::move(previous).cancel();
}

}  // namespace

mach::Result<SendOnceRight> ipc_right_request(IpcSpace& space, mach_port_name_t name, mach_msg_id_t event,
                                              mach_port_mscount_t sync, SendOnceRight notify)
{
    if (notify.is_dead())
        return mach::failure(KERN_INVALID_CAPABILITY);
    switch (event) {
    case MACH_NOTIFY_DEAD_NAME:
        return request_by_name(space, name, IpcNameRequest::Event::DeadName, sync, notify);
    case MACH_NOTIFY_SEND_POSSIBLE:
        return request_by_name(space, name, IpcNameRequest::Event::SendPossible, sync, notify);
    case MACH_NOTIFY_PORT_DESTROYED:
        if (sync != 0)
            return mach::failure(KERN_INVALID_VALUE);
        return request_by_receiver(space, name, event, sync, notify);
    case MACH_NOTIFY_NO_SENDERS:
        return request_by_receiver(space, name, event, sync, notify);
    default:
        return mach::failure(KERN_INVALID_VALUE);
    }
}

void ipc_right_arm_send_possible(IpcSpace& space, mach_port_name_t name)
{
    RightAftermath after;
    Guard guard{space.lock()};
    IpcEntry* entry = space.lookup(name);
    if (entry == nullptr || !entry->has(IpcEntry::Send) || entry->request == nullptr)
        return;
    IpcNameRequest& request = *entry->request;
    Guard port_guard{entry->port->lock()};
    if (!entry->port->active() || request.event != IpcNameRequest::Event::SendPossible ||
        !request.notification || request.armed)
        return;
    if (!entry->port->queue().full()) {
        after.notification = std::move(request.notification).as_send_possible(name);
        return;
    }
    request.armed = true;
    ++entry->port->armed_requests();
}
