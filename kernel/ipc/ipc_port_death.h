// kernel/ipc/ipc_port_death.h
//
// How a port dies, and how a receive right leaves a space.
#ifndef PORTICO_IPC_IPC_PORT_DEATH_H
#define PORTICO_IPC_IPC_PORT_DEATH_H

#include <ipc/ipc_port.h>
#include <ipc/ipc_right.h>
#include <mach/message.h>

// The receive right ends.  If a port-destroyed notification is registered, the right travels in it instead;
// otherwise the port dies: waiting receivers learn MACH_RCV_PORT_DIED, waiting senders find it dead,
// dead-name notifications go out, and what is in the queue goes to the reap list (design D10).  With no lock
// held.
void ipc_port_destroy(ReceiveRight right);

// The port's receive right leaves its space, for a message or for good: the port leaves its sets, threads
// that wait to receive from it learn `why`, and what belonged to the receiver (context, counts) is forgotten.
// It is in limbo then.
void ipc_port_leave_space(IpcPort& port, mach_msg_return_t why) REQUIRES(port.lock());

#endif
