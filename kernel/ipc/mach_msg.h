// kernel/ipc/mach_msg.h
//
// The message traps.  docs/ipc.md follows a message through them.
//
//     mach_msg.cpp           arguments, the send half, the receive half, and their continuations
//     fast_rpc.h             the shortest way, with mach_msg_fast.cpp and mach_msg_registers.cpp
//     ipc_copyin.cpp         a user's message becomes an IpcKmsg        \  the only files that know
//     ipc_copyout.cpp        an IpcKmsg becomes a user's message        /  the message format (design D2)
//     ipc_mqueue.cpp         a message meets a receiver or a queue
//     ipc_kobject_call.cpp   a message to a kernel object
#ifndef PORTICO_IPC_MACH_MSG_H
#define PORTICO_IPC_MACH_MSG_H

#include <ipc/ipc_kmsg.h>
#include <ipc/ipc_thread.h>
#include <kern/sched.h>
#include <machine/hand_off.h>

// The arguments of a message trap are in self.ipc.args.
[[noreturn]] void mach_msg_start(Thread& self);
// They are, with the message, in the registers of mach_msg_call_trap or mach_msg_reply_trap.
[[noreturn]] void mach_msg_start_in_registers(Thread& self);

// The kernel's answer to a call by `self`, whose arguments are in self.ipc.args: parks it, as if it had been received, or
// sends it (false; also if it is null).  Then, with nothing alive, on with the receive half of the trap.
[[nodiscard]] bool mach_msg_park_answer(Thread& self, KmsgPtr answer);
[[noreturn]] void mach_msg_answered(Thread& self, bool parked);

// Where a thread that waits to receive goes on; everything is in self.ipc, and in the registers that it trapped with.
[[noreturn]] void mach_msg_receive_continue(Thread& self);

// What a thread in mach_msg_trap, mach_msg_call_trap or mach_msg_reply_trap was given.
MsgTrapArgs mach_msg_arguments(const Thread& thread);
// Does a thread that waits to receive take this message?  With the lock of the place where it waits.
bool mach_msg_takes(const Thread& waiting, const IpcKmsg& message);
// The registers of `thread`, which is stopped, are about to be changed from outside: if it waits in a message trap, that
// goes on as it was told.
void mach_msg_keep_arguments(Thread& thread);

// What the machine layer calls for a message trap before anything else, with the trap's arguments.  Comes back if the
// message is not one for the shortest way: nothing has happened then, and trap_entry() is next.
extern "C" MACHINE_TRAP_CALL void mach_msg_fast(Thread& self, machine::Processor& here, uint64_t, uint64_t,
                                                user_address_t msg, mach_msg_option_t option,
                                                mach_msg_size_t send_size, mach_msg_size_t rcv_size,
                                                mach_port_name_t rcv_name);
extern "C" MACHINE_TRAP_CALL void mach_msg_call_fast(Thread& self, machine::Processor& here, uint64_t,
                                                     uint64_t, uint64_t ports, uint64_t info);
extern "C" MACHINE_TRAP_CALL void mach_msg_reply_fast(Thread& self, machine::Processor& here, uint64_t,
                                                      uint64_t, uint64_t ports, uint64_t info);

#endif
