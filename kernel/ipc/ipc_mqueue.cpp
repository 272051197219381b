// kernel/ipc/ipc_mqueue.cpp
//
// Where a message meets a receiver, or waits for one.  See ipc_mqueue.h.
#include <ipc/ipc_mqueue.h>

#include <ipc/ipc_port.h>
#include <ipc/ipc_pset.h>
#include <ipc/ipc_thread.h>
#include <ipc/mach_msg.h>
#include <kern/task.h>
#include <kern/thread.h>

namespace {

// A thread that waits to receive from the port, directly or through a set.  It is claimed.
Thread* claim_receiver(IpcPort& port) REQUIRES(port.lock())
{
    if (Thread* thread = wait_queue_claim(port.queue().receivers))
        return thread;
    for (IpcPsetLink& link : port.links()) {
        Guard guard{link.set.lock()};
        if (Thread* thread = wait_queue_claim(link.set.receivers()))
            return thread;
    }
    return nullptr;
}

mach_port_name_t name_of(IpcPort& port) REQUIRES(port.lock())
{
    const IpcPort::InSpace* here = port.in_space();
    return here != nullptr ? here->name : MACH_PORT_NULL;
}

void tell_too_large(Thread& thread, IpcPort& port, mach_msg_size_t size) REQUIRES(port.lock())
{
    thread.ipc.found_size = size;
    thread.ipc.found_name = name_of(port);
    thread.ipc.receive_result = MACH_RCV_TOO_LARGE;
}

// The message leaves for a receiver.
void stamp(IpcPort& port, IpcKmsg& message) REQUIRES(port.lock())
{
    message.sequence_number = port.queue().next_sequence_number++;
    message.context = port.context();
}

// Gives the message to a waiting receiver that has room for it; null if there is none.
Thread* deliver(IpcPort& port, KmsgPtr& message) REQUIRES(port.lock())
{
    while (Thread* thread = claim_receiver(port)) {
        if (!mach_msg_takes(*thread, *message)) {
            tell_too_large(*thread, port, message->size());
            thread_go(*thread);
            continue;
        }
        stamp(port, *message);
        thread->ipc.message = std::move(message);
        thread->ipc.receive_result = MACH_MSG_SUCCESS;
        return thread;
    }
    return nullptr;
}

// The port has something: its sets' receivers will find it.  A thread may have begun to wait in a set since
// claim_receiver() looked there, because it needs the set's lock only (T3): it is sent to look again.
void mark_sets_ready(IpcPort& port) REQUIRES(port.lock())
{
    for (IpcPsetLink& link : port.links()) {
        Guard guard{link.set.lock()};
        link.set.mark_ready(link);
        thread_wakeup_one(link.set.receivers(), WaitResult::Restart);
    }
}

void unmark_sets_if_empty(IpcPort& port) REQUIRES(port.lock())
{
    if (port.queue().has_something())
        return;
    for (IpcPsetLink& link : port.links()) {
        Guard guard{link.set.lock()};
        link.set.unmark_ready(link);
    }
}

bool is_kernel_object(IpcPort& port) REQUIRES(port.lock())
{
    const IpcPort::InKernel* kernel = port.in_kernel();
    return kernel != nullptr && kernel->type != IpcKobjectType::None;
}

}  // namespace

namespace {

// Into the queue, if the rules let it.
PostOutcome enqueue(IpcPort& port, KmsgPtr& message, Thread* sender, bool may_wait, Deadline deadline)
    REQUIRES(port.lock())
{
    IpcMqueue& queue = port.queue();
    if (sender != nullptr && message->destination.kind() == RightKind::Send) {
        if (queue.full()) {
            if (may_wait)
                assert_wait(*sender, queue.senders, Interruptible::Safely, deadline);
            return PostOutcome::Full;
        }
        mach::Result<LedgerCharge> charge =
            LedgerCharge::take(sender->task().ledger(), Resource::MessageBytes, message->size());
        if (!charge)
            return PostOutcome::NoRoom;
        message->charge = std::move(*charge);
    }
    queue.messages.push_back(*message.leak());
    ++queue.count;
    mark_sets_ready(port);
    return PostOutcome::Queued;
}

}  // namespace

Posted ipc_mqueue_post(KmsgPtr& message, Thread* sender, bool may_wait, Deadline deadline)
{
    // Dealt with after the guard, if it is.  A queued message keeps its port; so does who has claimed a
    // receiver.
    KmsgPtr undeliverable;
    struct CallLater {
        KmsgPtr message;
        ~CallLater()
        {
            if (message)
                IpcKmsg::call_later(std::move(message));
        }
    } call;
    IpcPort& port = message->destination.port();
    Guard guard{port.lock()};
    if (!port.active() || message->circular) {
        undeliverable = std::move(message);
        return {PostOutcome::Queued};
    }
    if (is_kernel_object(port)) {
        call.message = std::move(message);
        return {PostOutcome::Queued};
    }
    if (Thread* receiver = deliver(port, message))
        return {PostOutcome::Claimed, receiver};

    return {enqueue(port, message, sender, may_wait, deadline)};
}

bool ipc_mqueue_hand_back(Thread& self, KmsgPtr& reply, mach_port_name_t receive_name)
{
    IpcPort& port = reply->destination.port();
    Guard guard{port.lock()};
    const IpcPort::InSpace* here = port.in_space();
    if (here == nullptr || here->space != &self.task().space() || here->name != receive_name)
        return false;
    if (port.queue().has_something() || !port.queue().receivers.empty() || reply->circular ||
        !self.ipc.args.takes(*reply))
        return false;
    stamp(port, *reply);
    self.ipc.message = std::move(reply);
    return true;
}

void ipc_mqueue_send_always(KmsgPtr message)
{
    if (!message->destination)
        return;
    const Posted posted = ipc_mqueue_post(message, nullptr, false, Deadline::never());
    if (posted.outcome == PostOutcome::Claimed)
        thread_go(*posted.receiver);
}

void ipc_mqueue_post_send_once_notice(IpcPort& port)
{
    ++port.queue().send_once_notices;
    // Who is sent to look makes the message; that needs memory, and here is no place to fail.
    thread_wakeup_one(port.queue().receivers, WaitResult::Restart);
    mark_sets_ready(port);
}

namespace {

// What became possible by taking a message, to be done without the lock.
struct Room {
    IpcMqueue::Messages notifications;

    void announce()
    {
        while (!notifications.empty()) {
            KmsgPtr notification{&notifications.front()};
            notifications.pop_front();
            ipc_mqueue_send_always(std::move(notification));
        }
    }
};

// The queue has one message less: senders that wait, or asked to be told, hear of it.
void make_room(IpcPort& port, Room& room) REQUIRES(port.lock())
{
    IpcMqueue& queue = port.queue();
    if (queue.full())
        return;
    thread_wakeup_one(queue.senders);
    if (port.armed_requests() == 0)
        return;
    for (IpcNameRequest& request : port.name_requests()) {
        if (!std::exchange(request.armed, false))
            continue;
        room.notifications.push_back(*std::move(request.notification).as_send_possible(request.name).leak());
    }
    port.armed_requests() = 0;
}

// Takes what is there, if it fits.  Empty: nothing there.
TakeOutcome take_from(Thread& self, IpcPort& port, Room& room, bool& empty) REQUIRES(port.lock())
{
    IpcMqueue& queue = port.queue();
    empty = false;
    if (!queue.messages.empty()) {
        IpcKmsg& message = queue.messages.front();
        if (!self.ipc.args.takes(message)) {
            tell_too_large(self, port, message.size());
            return TakeOutcome::TooLarge;
        }
        queue.messages.pop_front();
        --queue.count;
        message.charge.release();
        stamp(port, message);
        self.ipc.message = KmsgPtr{&message};
        make_room(port, room);
        unmark_sets_if_empty(port);
        return TakeOutcome::Message;
    }
    if (queue.send_once_notices == 0) {
        empty = true;
        return TakeOutcome::Waiting;
    }
    mach::Result<KmsgPtr> message = ipc_notify_make_send_once();
    if (!message)
        return TakeOutcome::Shortage;
    --queue.send_once_notices;
    port.reference();
    (*message)->destination = IpcRight::adopt(&port, RightKind::SendOnce);
    stamp(port, **message);
    self.ipc.message = std::move(*message);
    unmark_sets_if_empty(port);
    return TakeOutcome::Message;
}

// May `self` receive from the port: is the receive right still where it looked it up?
bool is_receiver(Thread& self, IpcPort& port) REQUIRES(port.lock())
{
    const IpcPort::InKernel* kernel = port.in_kernel();
    return kernel != nullptr ? kernel->type == IpcKobjectType::None : port.received_in(self.task().space());
}

// One attempt at the set's next port.  Nothing there any more: `empty`.
TakeOutcome take_from_member(Thread& self, IpcPort& port, IpcPset& set, bool& empty)
{
    Room room;
    TakeOutcome outcome = TakeOutcome::Waiting;
    {
        Guard guard{port.lock()};
        empty = true;
        for (IpcPsetLink& link : port.links())
            if (&link.set == &set) {
                outcome = take_from(self, port, room, empty);
                break;
            }
    }
    room.announce();
    return outcome;
}

}  // namespace

TakeOutcome ipc_mqueue_take(Thread& self, IpcPort& port, Deadline deadline)
{
    Room room;
    TakeOutcome outcome;
    {
        Guard guard{port.lock()};
        if (!is_receiver(self, port))
            return TakeOutcome::Died;
        bool empty = false;
        outcome = take_from(self, port, room, empty);
        if (empty)
            assert_wait(self, port.queue().receivers, Interruptible::Safely, deadline);
    }
    room.announce();
    return outcome;
}

TakeOutcome ipc_mqueue_take(Thread& self, IpcPset& set, Deadline deadline)
{
    for (;;) {
        RefPtr<IpcPort> port;
        {
            Guard guard{set.lock()};
            if (!set.active())
                return TakeOutcome::Died;
            port = set.next_ready();
            if (!port) {
                assert_wait(self, set.receivers(), Interruptible::Safely, deadline);
                return TakeOutcome::Waiting;
            }
        }
        bool empty = false;
        const TakeOutcome outcome = take_from_member(self, *port, set, empty);
        if (!empty)
            return outcome;
    }
}
