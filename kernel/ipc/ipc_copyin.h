// kernel/ipc/ipc_copyin.h
//
// The seam between a message as a task sees it and a message as the kernel holds it (design D2).
//
// Copy-in has two halves.  Fetch copies bytes and has no effect, so it may find memory absent and be done again.
// Rights takes rights and memory out of the sender, reads no user memory, and so never has to be repeated.
#ifndef PORTICO_IPC_IPC_COPYIN_H
#define PORTICO_IPC_IPC_COPYIN_H

#include <ipc/ipc_kmsg.h>
#include <ipc/ipc_thread.h>

class IpcSpace;
class Task;

// Where a copy to or from user memory stopped.
struct UserFault {
    user_address_t address = 0;
    bool write = false;
    bool present = true;  // False: the copy met absent memory at `address`.
};

struct Fetched {
    mach_msg_return_t code = MACH_MSG_SUCCESS;
    UserFault fault;  // If not present, the rest means nothing.
    KmsgPtr message;
};
// Reads and checks the bytes at args.send_at, the lists of out-of-line ports included.
[[nodiscard]] Fetched ipc_copyin_fetch(const MsgTrapArgs& args);

// Takes the rights and memory that the message names from `sender`.  Failures of the header (MACH_SEND_INVALID_DEST,
// _REPLY, _HEADER) leave everything as it was; later ones (MACH_SEND_INVALID_RIGHT, _MEMORY, _TYPE) destroy what was
// taken, with the message.
[[nodiscard]] mach_msg_return_t ipc_copyin_rights(Task& sender, IpcKmsg& message);

// ---- Copy-out: the same in the other direction.
// Gives `receiver` the message's rights and memory and writes names and addresses into its bytes.  What the message
// carried is gone afterwards.  MACH_MSG_SUCCESS; MACH_RCV_HEADER_ERROR and MACH_RCV_BODY_ERROR with the bits that say
// what ran short.
[[nodiscard]] mach_msg_return_t ipc_copyout_rights(Task& receiver, IpcKmsg& message);
// For a send that failed: the rights go back as if the sender had received them, under MOVE dispositions.
[[nodiscard]] mach_msg_return_t ipc_copyout_pseudo(Task& sender, IpcKmsg& message);
// For a message that is not delivered after all: only the header, without rights.
void ipc_copyout_header_only(Task& receiver, IpcKmsg& message);

// Writes `size` of the message's bytes, and a trailer if one was asked for, to user memory.
[[nodiscard]] UserFault ipc_copyout_bytes(IpcKmsg& message, user_address_t to, mach_msg_size_t size,
                                          mach_msg_option_t options, bool with_trailer);
// Is the memory where a message of `size` bytes would go resident and writable?  Its contents become undefined.
[[nodiscard]] UserFault ipc_copyout_probe(user_address_t to, mach_msg_size_t size);

#endif
