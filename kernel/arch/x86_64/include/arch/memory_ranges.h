// kernel/arch/x86_64/include/arch/memory_ranges.h: making BootInfo's memory map (start-up only).
#ifndef PORTICO_ARCH_MEMORY_RANGES_H
#define PORTICO_ARCH_MEMORY_RANGES_H

#include <cstddef>

#include <machine/boot.h>

namespace machine {

// What the firmware says, in any order.  Where it contradicts itself, RAM loses.
void add_ram(BootInfo& boot, phys_address_t start, phys_address_t end);
void note_reserved(phys_address_t start, phys_address_t end, MemoryRange::Kind kind);

// Takes out of RAM what is reserved, the first MiB, the image and the modules; clears the rest of the modules' last pages.
void finish_ranges(BootInfo& boot);

// Takes one page away from the end of a free range below 4 GiB; it becomes Kernel.
phys_address_t take_boot_page(BootInfo& boot);

phys_address_t keep_rsdp(const void* from, size_t size);

}  // namespace machine

#endif
