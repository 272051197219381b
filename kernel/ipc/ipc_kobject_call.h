// kernel/ipc/ipc_kobject_call.h
//
// Running a message to a kernel object as a call.
#ifndef PORTICO_IPC_IPC_KOBJECT_CALL_H
#define PORTICO_IPC_IPC_KOBJECT_CALL_H

#include <ipc/ipc_kmsg.h>

class KernelCall;
class Thread;

// Runs the call in `self`, with no lock held; it may block, and keeps the kernel stack.  The reply, with the
// reply right as its destination; null if there is none to be sent.
[[nodiscard]] KmsgPtr ipc_kobject_call(Thread& self, KmsgPtr request);

// The same for a call that has been made up already: what is left is to find its stub.
void ipc_kobject_dispatch(KernelCall& call);

#endif
