// kernel/ipc/ipc_init.h
//
// Bringing ipc/ up: names the mach_port interface to the table of kernel interfaces.  Before the first user
// thread runs.
#ifndef PORTICO_IPC_IPC_INIT_H
#define PORTICO_IPC_IPC_INIT_H

void ipc_init();

#endif
