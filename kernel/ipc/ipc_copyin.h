// kernel/ipc/ipc_copyin.h
//
// The seam between a message as a task sees it and a message as the kernel holds it (design D2):
// ipc_copyin.cpp and ipc_copyout.cpp, and nothing else, know how the bytes of header and descriptors are laid
// out.
//
// Copy-in has two halves.  Fetch copies bytes and has no effect, so it may find memory absent and be done
// again. Rights takes rights and memory out of the sender, reads no user memory, and so never has to be
// repeated. Copy-out is the reverse: rights first, then bytes, which may be repeated.
#ifndef PORTICO_IPC_IPC_COPYIN_H
#define PORTICO_IPC_IPC_COPYIN_H

#include <ipc/ipc_kmsg.h>
#include <ipc/ipc_thread.h>
#include <machine/user_copy.h>
#include <machine/user_state.h>

class Task;

struct Fetched {
    // With absent memory: what the send answers if it cannot be made present.
    mach_msg_return_t code = MACH_MSG_SUCCESS;
    machine::CopyOutcome copied;
    KmsgPtr message;  // With neither error nor absent memory.
};
// Reads and checks the bytes at args.send_at, the lists of out-of-line ports included.  What is wrong with
// the form of a message is found here, before anything has happened: MACH_SEND_MSG_TOO_SMALL, _TOO_LARGE,
// _INVALID_HEADER, _INVALID_TYPE, _NO_BUFFER.
[[nodiscard]] Fetched ipc_copyin_fetch(const MsgTrapArgs& args);
// The same for a message in the registers of the trap.
[[nodiscard]] Fetched ipc_copyin_fetch_registers(const machine::UserState& user);

// Takes the rights and memory that the message names from `sender`.  Failures of the header
// (MACH_SEND_INVALID_DEST, _REPLY) leave everything as it was; later ones (MACH_SEND_INVALID_RIGHT, _MEMORY)
// destroy what was taken, with the message.
[[nodiscard]] mach_msg_return_t ipc_copyin_rights(Task& sender, IpcKmsg& message);

// Gives `receiver` the message's rights and memory and writes names and addresses into its bytes.  What the
// message carried is gone afterwards.  MACH_MSG_SUCCESS; MACH_RCV_HEADER_ERROR (the rest was destroyed) and
// MACH_RCV_BODY_ERROR, with the bits that say what ran short.
[[nodiscard]] mach_msg_return_t ipc_copyout_rights(Task& receiver, IpcKmsg& message);
// The same for a send that failed: the rights go back as if the sender had received them, remote and local
// not exchanged.  0, or the bits that say what ran short.
[[nodiscard]] mach_msg_return_t ipc_copyout_pseudo(Task& sender, IpcKmsg& message);
// For a message that is not delivered after all: what it carries dies, and its header names only where it
// came to.
void ipc_copyout_header_only(Task& receiver, IpcKmsg& message);

// Writes the first `size` of the message's bytes, and behind them the trailer that `options` ask for if there
// is `trailer` room for one, to user memory.
[[nodiscard]] machine::CopyOutcome ipc_copyout_bytes(IpcKmsg& message, user_address_t to,
                                                     mach_msg_size_t size, mach_msg_option_t options,
                                                     bool trailer);
// The same to registers, which have room for it and none for a trailer.
void ipc_copyout_registers(IpcKmsg& message, mach_msg_size_t size, machine::UserState& user);

#endif
