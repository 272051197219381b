// kernel/ipc/mach_port_calls.h
//
// What traps and messages of the mach_port interface share.
#ifndef PORTICO_IPC_MACH_PORT_CALLS_H
#define PORTICO_IPC_MACH_PORT_CALLS_H

#include <ipc/ipc_right.h>

// mach_port_allocate() and, with a name, mach_port_allocate_name().  KERN_INVALID_VALUE: no right that can be
// made.
[[nodiscard]] mach::Result<mach_port_name_t> ipc_name_allocate(IpcSpace& space, mach_port_right_t right,
                                                               mach_port_name_t name = MACH_PORT_NULL);

#endif
