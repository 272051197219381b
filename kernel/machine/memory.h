// kernel/machine/memory.h
//
// The direct map: all of RAM, and all device memory below 4 GiB, mapped for the kernel, readable and writable, never executable.
#ifndef PORTICO_MACHINE_MEMORY_H
#define PORTICO_MACHINE_MEMORY_H

#include <mach/vm_types.h>

namespace machine {

inline void* phys_to_virt(phys_address_t physical);
inline phys_address_t virt_to_phys(const void* direct);  // Of an address that phys_to_virt() gave.

// One page, aligned; as fast as the machine can.
void zero_page(void* page);
void copy_page(void* to, const void* from);

}  // namespace machine

#include <arch/memory.h>

#endif
