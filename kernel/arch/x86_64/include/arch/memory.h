// kernel/arch/x86_64/include/arch/memory.h: the direct map of machine/memory.h.
#ifndef PORTICO_ARCH_MEMORY_H
#define PORTICO_ARCH_MEMORY_H

#include <cstdint>

#include <arch/offsets.h>

namespace machine {

inline constexpr uint64_t direct_map_base = DIRECT_MAP_BASE;
inline constexpr uint64_t kernel_base = KERNEL_BASE;  // The image: physical addresses from 0, 1 GiB of them.

inline void* phys_to_virt(phys_address_t physical)
{
    return reinterpret_cast<void*>(direct_map_base + physical);
}
inline phys_address_t virt_to_phys(const void* direct)
{
    return reinterpret_cast<uint64_t>(direct) - direct_map_base;
}

}  // namespace machine

#endif
