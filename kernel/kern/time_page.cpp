// kernel/kern/time_page.cpp: see time_page.h.
#include <kern/time_page.h>

#include <cstring>

#include <mach/clock_types.h>
#include <machine/clock.h>
#include <vm/memory_entry.h>
#include <vm/vm_page.h>

namespace {

// The counter runs at one rate and the calendar is not set, so nothing in the page changes and `sequence` stays 0.
mach_time_page_t contents()
{
    const machine::CounterScale scale = machine::counter_scale();
    mach_time_page_t page{};
    page.version = MACH_TIME_PAGE_VERSION;
    page.base_counter = scale.base;
    page.multiplier = scale.multiplier;
    page.shift = scale.shift;
    page.calendar_offset = static_cast<int64_t>(machine::wall_clock_at_start());
    return page;
}

}  // namespace

mach::Result<void> TimePage::start()
{
    void* memory = vm_page_grab_kernel();
    if (memory == nullptr)
        return mach::failure(KERN_RESOURCE_SHORTAGE);
    const mach_time_page_t page = contents();
    std::memset(memory, 0, page_size);
    std::memcpy(memory, &page, sizeof page);
    const RefPtr<MemoryEntry> entry = TRY(memory_entry_of_kernel_page(memory));
    right_ = entry->make_send();
    return {};
}
