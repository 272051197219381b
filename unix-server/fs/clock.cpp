// unix-server/fs/clock.cpp
//
// The time for stamps of files: the kernel's time page, mapped once.
#include "inode.h"

#include <atomic>
#include <mach/clock_types.h>
#include <mach/mach.h>
#include <portico/rights.h>

namespace portico {

namespace {

const mach_time_page_t* map_time_page()
{
    mach_port_t name = MACH_PORT_NULL;
    if (host_get_time_page(mach_host_self(), &name) != KERN_SUCCESS)
        return nullptr;
    const mach::SendRight entry{name};
    vm_address_t address = 0;
    if (vm_map(mach_task_self(), &address, 4096, 0, VM_FLAGS_ANYWHERE, entry.name(), 0, FALSE, VM_PROT_READ,
               VM_PROT_READ, VM_INHERIT_NONE) != KERN_SUCCESS)
        return nullptr;
    return reinterpret_cast<const mach_time_page_t*>(address);
}

uint64_t read_counter()
{
    uint32_t low = 0;
    uint32_t high = 0;
    asm volatile("lfence; rdtsc" : "=a"(low), "=d"(high)::"memory");
    return uint64_t{high} << 32 | low;
}

uint32_t load_sequence(const mach_time_page_t* page)
{
    return __atomic_load_n(&page->sequence, __ATOMIC_ACQUIRE);
}

}  // namespace

uint64_t current_time_ns()
{
    static const mach_time_page_t* const page = map_time_page();
    if (page == nullptr)
        return 0;
    for (;;) {
        const uint32_t sequence = load_sequence(page);
        const uint64_t elapsed = read_counter() - page->base_counter;
        const auto system = page->base_system +
                            static_cast<uint64_t>(
                                (static_cast<unsigned __int128>(elapsed) * page->multiplier) >> page->shift);
        const uint64_t calendar = system + static_cast<uint64_t>(page->calendar_offset);
        if ((sequence & 1) == 0 && load_sequence(page) == sequence)
            return calendar;
    }
}

}  // namespace portico
