// libc/mach/cxx/system_time.cpp: the time from the kernel's page, or by a call if there is none.
//
// Owns        the mapping of the page, made at first use and kept.
#include "system_time.h"

#include <atomic>

#include <mach/mach.h>

namespace mach {

namespace {

const volatile mach_time_page_t* time_page()
{
    static bool tried = false;
    static const volatile mach_time_page_t* page = nullptr;
    if (tried)
        return page;
    tried = true;

    mach_port_t entry = MACH_PORT_NULL;
    if (host_get_time_page(mach_host_self(), &entry) != KERN_SUCCESS)
        return nullptr;
    vm_address_t address = 0;
    const kern_return_t code = vm_map(mach_task_self(), &address, MACH_PAGE_SIZE, 0, VM_FLAGS_ANYWHERE, entry,
                                      0, FALSE, VM_PROT_READ, VM_PROT_READ, VM_INHERIT_NONE);
    (void)mach_port_deallocate(mach_task_self(), entry);
    if (code != KERN_SUCCESS)
        return nullptr;
    const auto* mapped = reinterpret_cast<const volatile mach_time_page_t*>(address);
    if (mapped->version == MACH_TIME_PAGE_VERSION)
        page = mapped;
    return page;
}

uint64_t time_by_call()
{
    static mach_port_t clock = MACH_PORT_NULL;
    if (clock == MACH_PORT_NULL)
        (void)host_get_clock_service(mach_host_self(), SYSTEM_CLOCK, &clock);
    mach_timespec_t time = {0, 0};
    (void)clock_get_time(clock, &time);
    return time.tv_sec * NSEC_PER_SEC + static_cast<uint64_t>(time.tv_nsec);
}

}  // namespace

uint64_t system_time()
{
    const volatile mach_time_page_t* page = time_page();
    if (page == nullptr)
        return time_by_call();

    // The protocol of clock_types.h. Loads are not reordered with loads on this machine; the compiler is held
    // by volatile.
    for (;;) {
        const uint32_t sequence = page->sequence;
        const uint64_t base_counter = page->base_counter;
        const uint64_t base_system = page->base_system;
        const uint64_t multiplier = page->multiplier;
        const uint32_t shift = page->shift;
        const uint64_t counter = __builtin_ia32_rdtsc();
        std::atomic_signal_fence(std::memory_order_seq_cst);
        if ((sequence & 1) != 0 || page->sequence != sequence)
            continue;
        const auto product = static_cast<unsigned __int128>(counter - base_counter) * multiplier;
        return base_system + static_cast<uint64_t>(product >> shift);
    }
}

}  // namespace mach
