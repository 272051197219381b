// kernel/arch/host/include/arch/memory.h
//
// Physical memory of the simulated machine is one anonymous mapping; physical address 0 is its first byte.
#ifndef PORTICO_ARCH_MEMORY_H
#define PORTICO_ARCH_MEMORY_H

#include <cstddef>

#include <mach/vm_types.h>

namespace machine {

namespace host {
extern std::byte* physical_memory;
inline constexpr phys_address_t physical_memory_size = phys_address_t{256} << 20;
}  // namespace host

inline void* phys_to_virt(phys_address_t physical) { return host::physical_memory + physical; }
inline phys_address_t virt_to_phys(const void* direct)
{
    return static_cast<phys_address_t>(static_cast<const std::byte*>(direct) - host::physical_memory);
}

}  // namespace machine

#endif
