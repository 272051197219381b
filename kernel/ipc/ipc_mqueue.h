// kernel/ipc/ipc_mqueue.h
//
// The queue of messages in a port, and the threads that wait at either end of it.
//
// A message meets a waiting receiver or it is queued, never both: who sends to a port with a waiting receiver
// gives the message to that thread directly (its own record holds it), and may then hand the processor over,
// too.
//
// Lock        the port's.  Threads that wait for a port set wait in the set (ipc_pset.h).
// Invariants  (Q1) Messages wait  =>  nobody waits to receive them: neither here nor in a set that this port
//                  is a member of.  (Who waits with MACH_RCV_LARGE and has been told of a larger message is
//                  awake.)
//             (Q2) count() <= limit(), but for what was sent to send-once rights and by the kernel.
//             (Q3) Sequence numbers are given in the order in which messages leave for a receiver.
#ifndef PORTICO_IPC_IPC_MQUEUE_H
#define PORTICO_IPC_IPC_MQUEUE_H

#include <cstdint>

#include <boost/intrusive/list.hpp>

#include <ipc/ipc_kmsg.h>
#include <kern/wait_queue.h>
#include <lib/lock.h>
#include <lib/ref.h>
#include <mach/port.h>

class IpcPort;
class IpcPset;
class Thread;

class IpcMqueue {
public:
    using Messages = boost::intrusive::list<
        IpcKmsg, boost::intrusive::member_hook<IpcKmsg, IpcKmsg::QueueHook, &IpcKmsg::queue_hook>,
        boost::intrusive::constant_time_size<false>>;

    explicit IpcMqueue(AnyLock port) : receivers{port} {}

    Messages messages;
    mach_port_msgcount_t count = 0;
    // Send-once notifications that are due and are no messages yet.  Each is still a send-once right in the
    // port's books.
    uint32_t send_once_notices = 0;
    mach_port_msgcount_t limit = MACH_PORT_QLIMIT_DEFAULT;
    mach_port_seqno_t next_sequence_number = 0;
    WaitQueue receivers;
    WaitQueue senders;

    bool full() const { return count >= limit; }
    bool has_something() const { return (count | send_once_notices) != 0; }
};

// ---- Sending.

enum class PostOutcome : uint8_t {
    Queued,   // ... or the port was dead and the message has been destroyed: the sender cannot tell.
    Claimed,  // `receiver` has it, and must be made to go: thread_go() or thread_hand_off().
    Full,     // The message is still the caller's.
    NoRoom,   // So it is; the sender's ledger does not allow another message in a queue.
};
struct Posted {
    PostOutcome outcome;
    Thread* receiver = nullptr;
};

// Delivers to message->destination.  `sender` is null for the kernel's own messages; they, and messages to
// send-once rights, never find a queue full.  With `may_wait`, a full queue makes the sender assert a wait
// for room.
[[nodiscard]] Posted ipc_mqueue_post(KmsgPtr& message, Thread* sender, bool may_wait, Deadline deadline);
// For messages that always go, by senders that do not hand over.
void ipc_mqueue_send_always(KmsgPtr message);

// A reply that the kernel has made for `self`, which receives on that very port next: takes the place of
// queueing and taking it.  False: not now; the reply goes the long way.
[[nodiscard]] bool ipc_mqueue_hand_back(Thread& self, KmsgPtr& reply, mach_port_name_t receive_name);

// ---- Receiving.

enum class TakeOutcome : uint8_t {
    Message,
    Waiting,   // A wait has been asserted.
    TooLarge,  // MACH_RCV_LARGE: it stays; its size and its port's name are in the thread's record.
    Died,      // The right has gone.
    Shortage,  // No memory to make a send-once notification a message; it stays due.
};

// Takes the next message from a port, or from the ports of a set, into self.ipc.message.
[[nodiscard]] TakeOutcome ipc_mqueue_take(Thread& self, IpcPort& port, Deadline deadline);
[[nodiscard]] TakeOutcome ipc_mqueue_take(Thread& self, IpcPset& set, Deadline deadline);

#endif
