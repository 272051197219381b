// kernel/ipc/ipc_thread.h
//
// What a message operation parks in its thread while it waits (design D6): a wait ends in a continuation that
// starts with an empty stack and finds everything here.
//
// Owner       the thread itself.  While it waits to receive, whoever has claimed it from the queue (W3 in
//             wait_queue.h) writes the fields marked "claimer" before it makes the thread go.
// Invariants  (I1) Outside mach_msg and kernel_rpc everything here is empty: a thread that returns to user
//                  mode parks nothing.
#ifndef PORTICO_IPC_IPC_THREAD_H
#define PORTICO_IPC_IPC_THREAD_H

#include <cstdint>

#include <ipc/ipc_kmsg.h>
#include <ipc/ipc_right.h>
#include <ipc/ipc_space.h>
#include <kern/wait_queue.h>
#include <lib/ref.h>
#include <mach/message.h>

class IpcPort;
class IpcPset;

// The arguments of a message trap.
struct MsgTrapArgs {
    user_address_t send_at = 0;
    user_address_t receive_at = 0;
    mach_msg_option_t options = MACH_MSG_OPTION_NONE;
    mach_msg_size_t send_size = 0;
    mach_msg_size_t receive_size = 0;
    mach_port_name_t receive_name = MACH_PORT_NULL;
    mach_msg_timeout_t timeout = MACH_MSG_TIMEOUT_NONE;
    mach_msg_size_t scatter_size = 0;
    bool in_registers = false;  // What is sent and received (mach/message_registers.h), and no address.

    bool sends() const { return (options & MACH_SEND_MSG) != 0; }
    bool receives() const { return (options & MACH_RCV_MSG) != 0; }
    // The largest message that fits into the receive buffer together with its trailer.
    mach_msg_size_t room() const
    {
        const mach_msg_size_t trailer = REQUESTED_TRAILER_SIZE(options);
        return receive_size > trailer ? (receive_size - trailer) & ~3u : 0;
    }
    // Whether a message is taken, or left where it is (MACH_RCV_LARGE).
    bool takes(const IpcKmsg& message) const
    {
        return in_registers ? message.size() <= receive_size && !message.complex()
                            : (options & MACH_RCV_LARGE) == 0 || message.size() <= room();
    }
};

struct IpcThreadState {
    // While a thread waits in mach_msg_trap to receive, they are what its registers say (mach_msg_arguments), unless it is
    // marked ParticularArguments.
    MsgTrapArgs args;
    // Being sent (the queue was full), or received and not yet delivered to user memory.  Claimer.
    KmsgPtr message;
    // Where it looks for a message: one of the two.  While it waits the place needs no reference: it does not end
    // before it has ended the wait.
    RefPtr<IpcPort> receive_port;
    RefPtr<IpcPset> receive_set;
    bool arguments_elsewhere =
        false;  // In memory, not in registers: mach_msg_overwrite_trap, and the kernel's own calls.
    Deadline deadline = Deadline::never();  // Of a wait that may have to be begun anew; else never.

    // How the wait ended, if it was awakened: MACH_MSG_SUCCESS with `message`, or an error.  Claimer.
    mach_msg_return_t receive_result = MACH_MSG_SUCCESS;
    mach_msg_size_t found_size = 0;                // MACH_RCV_TOO_LARGE: of the message that stays.  Claimer.
    mach_port_name_t found_name = MACH_PORT_NULL;  // ... and the port that it is on.  Claimer.

    // Once the rights of `message` are the task's, its bytes are written to user memory, which may take
    // several attempts.
    struct Delivery {
        user_address_t to = 0;
        mach_msg_size_t size = 0;  // 0: nothing to be written.
        bool trailer = false;
        mach_msg_return_t if_unwritable = MACH_RCV_INVALID_DATA;
    } delivery;
    // What the trap answers then.
    mach_msg_return_t result = MACH_MSG_SUCCESS;

    // Entries of the task's space (IpcSpace::find): where this thread sent a message to, and where it received, last.
    IpcEntry* recent_destination = IpcSpace::no_entry();
    IpcEntry* recent_receive = IpcSpace::no_entry();

    // Where the kernel waits for replies to its own calls (exceptions); made at the first.
    ReceiveRight kernel_reply_port;
    void (*kernel_rpc_then)(Thread& self) = nullptr;

    bool empty() const { return !message && !receive_port && !receive_set; }
};

#endif
