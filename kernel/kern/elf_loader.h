// kernel/kern/elf_loader.h
//
// Loads the first task's program: a static PIE in ELF64, which lies in memory as a boot module.  Everyone else's programs
// are loaded in user space.
#ifndef PORTICO_KERN_ELF_LOADER_H
#define PORTICO_KERN_ELF_LOADER_H

#include <cstddef>
#include <span>

#include <mach/result.h>
#include <mach/vm_types.h>

class Thread;
class VmMap;

struct LoadedImage {
    vm_address_t entry = 0;
    vm_address_t program_headers = 0;  // Where they are in the task; 0: in no segment.
    uint64_t program_header_size = 0;
    uint64_t program_header_count = 0;
};

// Copies the segments into anonymous memory of `map`, the lowest page at `base`.  In a thread, since the copies fault.
// KERN_INVALID_ARGUMENT: no such program, or it contradicts itself.  What has been mapped by then stays.
[[nodiscard]] mach::Result<LoadedImage> elf_load(Thread& self, VmMap& map, std::span<const std::byte> file,
                                                 vm_address_t base);

#endif
