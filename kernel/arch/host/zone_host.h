// kernel/arch/host/zone_host.h
#ifndef PORTICO_ARCH_HOST_ZONE_HOST_H
#define PORTICO_ARCH_HOST_ZONE_HOST_H

#include <cstdint>

namespace machine::host {

// After that many more allocations by zones and kalloc(), all fail; UINT64_MAX: none do.
void fail_allocations_after(uint64_t count);

}  // namespace machine::host

#endif
