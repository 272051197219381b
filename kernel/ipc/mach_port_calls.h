// kernel/ipc/mach_port_calls.h
//
// What the traps and messages of the mach_port interface share.
#ifndef PORTICO_IPC_MACH_PORT_CALLS_H
#define PORTICO_IPC_MACH_PORT_CALLS_H

#include <span>

#include <ipc/ipc_port.h>
#include <ipc/ipc_right.h>
#include <vm/vm_map_copy.h>

// mach_port_allocate() and, with a name, mach_port_allocate_name().  KERN_INVALID_VALUE: no right that can be
// made.
[[nodiscard]] mach::Result<mach_port_name_t> ipc_name_allocate(IpcSpace& space, mach_port_right_t right,
                                                               mach_port_name_t name = MACH_PORT_NULL);

// The port whose receive right `name` denotes; it may leave the space as soon as this returns.  KERN_INVALID_NAME,
// KERN_INVALID_RIGHT.
[[nodiscard]] mach::Result<RefPtr<IpcPort>> ipc_receive_right(IpcSpace& space, mach_port_name_t name);

// How many dead-name and send-possible notifications are registered with the port.
natural_t ipc_port_request_count(IpcPort& port) REQUIRES(port.lock());

// An answer that travels out of line; no memory for an empty one.  KERN_RESOURCE_SHORTAGE.
template <class T>
[[nodiscard]] mach::Result<VmMapCopy> ipc_as_memory(std::span<T> items)
{
    return items.empty() ? mach::Result<VmMapCopy>{VmMapCopy{}}
                         : VmMapCopy::from_kernel(std::as_bytes(items));
}

#endif
