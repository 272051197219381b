// kernel/vm/vm_page.cpp
//
// The page allocator as the rest of the kernel sees it, and the paging queues.
//
// Lock        vm_page_queues_lock for all that is in this file.
#include <vm/vm_page.h>

#include <algorithm>
#include <bit>

#include <lib/assert.h>
#include <machine/memory.h>
#include <vm/vm_page_allocator.h>
#include <vm/vm_statistics.h>

SpinLock<LockRank::PageQueues> vm_page_queues_lock;
VmCounters vm_counters;

// Moves pages between the paging queues.  Nothing takes pages off them yet but their end: the pageout daemon
// is to come.
class VmPageQueues {
public:
    void activate(VmPage& page) REQUIRES(vm_page_queues_lock)
    {
        if (page.queue_ == VmPage::Queue::Active || page.wired())
            return;
        unqueue(page);
        active_.push_back(page);
        page.queue_ = VmPage::Queue::Active;
        ++active_count_;
    }
    void unqueue(VmPage& page) REQUIRES(vm_page_queues_lock)
    {
        if (page.queue_ == VmPage::Queue::Active) {
            active_.erase(VmPageList::s_iterator_to(page));
            --active_count_;
        } else if (page.queue_ == VmPage::Queue::Inactive) {
            inactive_.erase(VmPageList::s_iterator_to(page));
            --inactive_count_;
        }
        page.queue_ = VmPage::Queue::None;
    }
    void wire(VmPage& page) REQUIRES(vm_page_queues_lock)
    {
        unqueue(page);
        if (page.wire_count_++ == 0)
            ++wired_count_;
    }
    bool unwire(VmPage& page) REQUIRES(vm_page_queues_lock)
    {
        KASSERT(page.wire_count_ != 0, "V4: page is not wired");
        if (--page.wire_count_ != 0)
            return false;
        --wired_count_;
        return true;
    }
    uint64_t active_count() const { return active_count_; }
    uint64_t inactive_count() const { return inactive_count_; }
    uint64_t wired_count() const { return wired_count_; }

private:
    VmPageList active_;
    VmPageList inactive_;
    uint64_t active_count_ = 0;
    uint64_t inactive_count_ = 0;
    uint64_t wired_count_ = 0;
};

namespace {

using QueuesGuard = Guard<decltype(vm_page_queues_lock)>;

VmPageAllocator allocator GUARDED_BY(vm_page_queues_lock);
VmPageQueues queues GUARDED_BY(vm_page_queues_lock);

// What objects may not take, so that the kernel itself can go on when user programs have used up memory.
uint64_t kernel_reserve()
{
    constexpr uint64_t most = 512;
    return std::min<uint64_t>(vm_page_total() / 64, most);
}

}  // namespace

void vm_page_bootstrap(std::span<const VmPhysicalRange> free_ranges)
{
    QueuesGuard guard{vm_page_queues_lock};
    for (const VmPhysicalRange& range : free_ranges)
        allocator.add(range);
}

VmPage* vm_page_grab()
{
    QueuesGuard guard{vm_page_queues_lock};
    return allocator.grab(kernel_reserve());
}

VmPage* vm_page_grab_zeroed()
{
    VmPage* page = vm_page_grab();
    if (page != nullptr)
        vm_page_zero(*page);
    return page;
}

void vm_page_free(VmPage& page)
{
    QueuesGuard guard{vm_page_queues_lock};
    allocator.free(page);
}

VmPage* vm_page_grab_block(unsigned order, phys_address_t below)
{
    QueuesGuard guard{vm_page_queues_lock};
    return allocator.grab_block(order, below, kernel_reserve());
}

void vm_page_free_block(VmPage& head)
{
    QueuesGuard guard{vm_page_queues_lock};
    allocator.free_block(head);
}

void* vm_page_grab_kernel(unsigned order)
{
    if (order > vm_page_max_order)
        return nullptr;
    QueuesGuard guard{vm_page_queues_lock};
    VmPage* page = order == 0 ? allocator.grab(0) : allocator.grab_block(order, ~phys_address_t{0}, 0);
    return page != nullptr ? page->contents() : nullptr;
}

void vm_page_release_kernel(void* memory)
{
    QueuesGuard guard{vm_page_queues_lock};
    VmPage* page = allocator.page_of(machine::virt_to_phys(memory));
    KASSERT(page != nullptr, "V5: released memory is not the allocator's");
    allocator.free_block(*page);
}

VmPage* vm_page_of(phys_address_t physical)
{
    QueuesGuard guard{vm_page_queues_lock};
    return allocator.page_of(physical);
}

mach::Result<void> vm_page_adopt(VmPhysicalRange range)
{
    // One block of records at a time.
    constexpr uint64_t pages_per_segment = (page_size << vm_page_max_order) / sizeof(VmPage);
    for (phys_address_t start = range.start; start < range.end;) {
        const phys_address_t end = std::min(range.end, start + (pages_per_segment << page_shift));
        const uint64_t record_bytes = ((end - start) >> page_shift) * sizeof(VmPage);
        const auto order = static_cast<unsigned>(std::bit_width((record_bytes - 1) >> page_shift));
        void* records = vm_page_grab_kernel(order);
        if (records == nullptr)
            return mach::failure(KERN_RESOURCE_SHORTAGE);
        QueuesGuard guard{vm_page_queues_lock};
        if (!allocator.adopt({start, end}, records)) {
            guard.unlock();
            vm_page_release_kernel(records);
            return mach::failure(KERN_RESOURCE_SHORTAGE);
        }
        start = end;
    }
    return {};
}

bool vm_page_manages(phys_address_t start, phys_address_t end)
{
    QueuesGuard guard{vm_page_queues_lock};
    return allocator.overlaps(start, end);
}

void* VmPage::contents() const { return machine::phys_to_virt(physical_); }

void VmPage::check_invariants() const
{
    KASSERT(!(busy && on_paging_queue()), "V2");
    KASSERT(!absent || busy, "V3");
    KASSERT(!(wired() && on_paging_queue()), "V4");
}

void vm_page_activate(VmPage& page)
{
    QueuesGuard guard{vm_page_queues_lock};
    queues.activate(page);
}

void vm_page_unqueue(VmPage& page)
{
    QueuesGuard guard{vm_page_queues_lock};
    queues.unqueue(page);
}

void vm_page_wire(VmPage& page)
{
    QueuesGuard guard{vm_page_queues_lock};
    queues.wire(page);
}

void vm_page_unwire(VmPage& page)
{
    QueuesGuard guard{vm_page_queues_lock};
    if (queues.unwire(page))
        queues.activate(page);
}

void vm_page_zero(VmPage& page) { machine::zero_page(page.contents()); }

void vm_page_copy(const VmPage& from, VmPage& to) { machine::copy_page(to.contents(), from.contents()); }

void vm_page_statistics(vm_statistics_data_t& statistics)
{
    statistics = {};
    {
        QueuesGuard guard{vm_page_queues_lock};
        statistics.free_count = static_cast<natural_t>(allocator.free_count());
        statistics.active_count = static_cast<natural_t>(queues.active_count());
        statistics.inactive_count = static_cast<natural_t>(queues.inactive_count());
        statistics.wire_count = static_cast<natural_t>(queues.wired_count());
    }
    statistics.zero_fill_count = vm_counters.zero_fills;
    statistics.pageins = vm_counters.pageins;
    statistics.pageouts = vm_counters.pageouts;
    statistics.faults = vm_counters.faults;
    statistics.cow_faults = vm_counters.copy_faults;
    statistics.lookups = vm_counters.faults;
    statistics.hits = vm_counters.faults - vm_counters.pageins;
}

uint64_t vm_page_total() NO_THREAD_SAFETY_ANALYSIS { return allocator.total(); }  // Fixed after start-up.

uint64_t vm_page_free_count()
{
    QueuesGuard guard{vm_page_queues_lock};
    return allocator.free_count();
}
