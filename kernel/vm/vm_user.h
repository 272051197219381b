// kernel/vm/vm_user.h
//
// Virtual memory for the rest of the kernel: what a message, a kernel routine or start-up does with a task's
// memory.
//
// Nothing here blocks but the functions with _wait in their names, which keep the kernel stack meanwhile.
#ifndef PORTICO_VM_VM_USER_H
#define PORTICO_VM_VM_USER_H

#include <span>

#include <vm/vm_map.h>
#include <vm/vm_map_copy.h>

class Thread;

// Out-of-line memory of a message leaves its sender.  Copy-on-write; with `deallocate` it moves.  Never
// faults.
[[nodiscard]] mach::Result<VmMapCopy> vm_map_copyin(VmMap& map, vm_address_t address, vm_size_t size,
                                                    bool deallocate);

// ... and arrives: where the kernel chooses.  The address is that of the first byte.  On failure the copy
// stays whole.
[[nodiscard]] mach::Result<vm_address_t> vm_map_copyout(VmMap& map, VmMapCopy& copy);

// ... or over memory that is there already (vm_write, vm_copy, MACH_RCV_OVERWRITE).  Faults in what it needs.
[[nodiscard]] mach::Result<void> vm_map_copy_overwrite_wait(Thread& self, VmMap& map, vm_address_t address,
                                                            VmMapCopy copy);

// The kernel reads and writes a task's memory, whichever task runs.
[[nodiscard]] mach::Result<void> vm_map_read_wait(Thread& self, VmMap& map, vm_address_t from,
                                                  std::span<std::byte> to);
[[nodiscard]] mach::Result<void> vm_map_write_wait(Thread& self, VmMap& map, vm_address_t to,
                                                   std::span<const std::byte> from);

#endif
