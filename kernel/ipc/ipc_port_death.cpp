// kernel/ipc/ipc_port_death.cpp: see ipc_port_death.h.
#include <ipc/ipc_port_death.h>

#include <kern/reaper.h>
#include <kern/thread.h>

class IpcPortDeath {
public:
    static void wake_receivers(IpcPort& port, mach_msg_return_t why) REQUIRES(port.lock_);
    // Everything that must be done or told without the lock.
    struct Estate {
        IpcMqueue::Messages messages;       // Were in the queue.
        IpcMqueue::Messages notifications;  // Dead-name notifications, ready to be sent.
        IpcNotification no_senders;
        IpcPort::Place place;
    };
    static void die(IpcPort& port, Estate& estate) REQUIRES(port.lock_);
    static void settle(Estate& estate);
    // True if the right went into a port-destroyed notification.
    static bool rescued(ReceiveRight& right);
};

void IpcPortDeath::wake_receivers(IpcPort& port, mach_msg_return_t why)
{
    while (Thread* thread = wait_queue_claim(port.queue_.receivers)) {
        thread->ipc.receive_result = why;
        thread_go(*thread);
    }
}

void IpcPortDeath::die(IpcPort& port, Estate& estate)
{
    estate.place = port.set_place(IpcPort::Dead{});
    estate.messages.splice(estate.messages.end(), port.queue_.messages);
    port.queue_.count = 0;
    port.send_once_rights_ -= std::exchange(port.queue_.send_once_notices, 0u);
    estate.no_senders = std::move(port.no_senders_);

    while (!port.name_requests_.empty()) {
        IpcNameRequest& request = port.name_requests_.front();
        port.name_requests_.pop_front();  // The entry that owns it still has it (N2).
        if (!request.notification)
            continue;
        request.dead_name_sent = true;
        estate.notifications.push_back(*std::move(request.notification).as_dead_name(request.name).leak());
    }
    port.armed_requests_ = 0;
    wake_receivers(port, MACH_RCV_PORT_DIED);
    thread_wakeup_all(port.queue_.senders, WaitResult::Restart);
}

void IpcPortDeath::settle(Estate& estate)
{
    while (!estate.notifications.empty()) {
        KmsgPtr notification{&estate.notifications.front()};
        estate.notifications.pop_front();
        ipc_mqueue_send_always(std::move(notification));
    }
    // Any number of messages, and each may hold ports with queues of their own.
    while (!estate.messages.empty()) {
        IpcKmsg& message = estate.messages.front();
        estate.messages.pop_front();
        IpcKmsg::destroy_later(&message);
    }
}

bool IpcPortDeath::rescued(ReceiveRight& right)
{
    IpcNotification notification;
    IpcPort::Place old;
    {
        IpcPort& port = right.port();
        Guard guard{port.lock()};
        if (!port.port_destroyed_)
            return false;
        notification = std::move(port.port_destroyed_);
        old = port.set_place(IpcPort::InLimbo{});
    }
    std::move(notification).port_destroyed(std::move(right));
    return true;
}

void ipc_port_destroy(ReceiveRight right)
{
    if (!right)
        return;
    if (IpcPortDeath::rescued(right))
        return;
    const RefPtr<IpcPort> port = RefPtr<IpcPort>::adopt(right.leak());
    IpcPortDeath::Estate estate;
    {
        Guard guard{port->lock()};
        KASSERT(port->links().empty(), "P3: only a port in a space is in sets");
        IpcPortDeath::die(*port, estate);
    }
    IpcPortDeath::settle(estate);
}

void ipc_port_leave_space(IpcPort& port, mach_msg_return_t why)
{
    (void)ipc_pset_unlink_all(port);
    IpcPortDeath::wake_receivers(port, why);
    port.set_guard(IpcPort::GuardKind::None, 0);  // P6
    port.set_make_send_count(0);
    port.queue().next_sequence_number = 0;
    // The old place owned nothing: it was the space.
    (void)port.set_place(IpcPort::InLimbo{});
}
