// kernel/ipc/mach_msg.h
//
// The message traps.  docs/ipc.md follows a message through them.
//
//     mach_msg.cpp           arguments, the send half, the receive half, and their continuations
//     ipc_copyin.cpp         a user's message becomes an IpcKmsg        \  the only files that know
//     ipc_copyout.cpp        an IpcKmsg becomes a user's message        /  the message format (design D2)
//     ipc_mqueue.cpp         a message meets a receiver or a queue
//     ipc_kobject_call.cpp   a message to a kernel object
#ifndef PORTICO_IPC_MACH_MSG_H
#define PORTICO_IPC_MACH_MSG_H

#include <ipc/ipc_kmsg.h>
#include <ipc/ipc_thread.h>
#include <kern/sched.h>

// The arguments of a message trap are in self.ipc.args.
[[noreturn]] void mach_msg_start(Thread& self);

#endif
