// kernel/machine/io_ports.h
//
// I/O ports that a task's threads may use from user mode.
#ifndef PORTICO_MACHINE_IO_PORTS_H
#define PORTICO_MACHINE_IO_PORTS_H

#include <cstdint>

#include <mach/result.h>

class Task;

namespace machine {

class IoBitmap;  // Task::io_bitmap

// KERN_INVALID_ARGUMENT: beyond the last port.  KERN_RESOURCE_SHORTAGE.
[[nodiscard]] mach::Result<void> io_ports_set(Task& task, uint16_t first, uint32_t count, bool enable);
// The task's record goes: no thread of it runs any more.
void io_ports_destroy(Task& task);

// Does the range hold a port of the early console's device?
bool io_ports_hold_console(uint16_t first, uint32_t count);

}  // namespace machine

#endif
