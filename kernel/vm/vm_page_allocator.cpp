// kernel/vm/vm_page_allocator.cpp: see vm_page_allocator.h.
#include <vm/vm_page_allocator.h>

#include <algorithm>
#include <bit>
#include <new>

#include <lib/assert.h>
#include <machine/memory.h>

namespace {

constexpr phys_address_t block_size(unsigned order) { return phys_address_t{page_size} << order; }

// The largest order that a block at `physical` can have.
unsigned alignment_order(phys_address_t physical)
{
    return std::min<unsigned>(std::countr_zero(physical >> page_shift), vm_page_max_order);
}

}  // namespace

void VmPageAllocator::add(VmPhysicalRange range)
{
    const phys_address_t start = round_page(range.start);
    const phys_address_t end = trunc_page(range.end);
    if (start >= end || segment_count_ == max_segments)
        return;
    const uint64_t pages = (end - start) >> page_shift;
    const uint64_t record_pages = round_page(pages * sizeof(VmPage)) >> page_shift;
    if (pages < 2 * record_pages + 2)
        return;
    Segment& segment = segments_[segment_count_++];
    segment.start = start + (record_pages << page_shift);
    segment.end = end;
    segment.frontier = segment.start;
    segment.records = static_cast<VmPage*>(machine::phys_to_virt(start));
    total_ += pages - record_pages;
    free_count_ += pages - record_pages;
}

bool VmPageAllocator::adopt(VmPhysicalRange range, void* records)
{
    if (segment_count_ == max_segments)
        return false;
    Segment& segment = segments_[segment_count_++];
    segment.start = range.start;
    segment.end = segment.frontier = range.end;
    segment.records = static_cast<VmPage*>(records);
    for (phys_address_t physical = range.start; physical != range.end; physical += page_size)
        new (&segment.record(physical)) VmPage{physical, VmPage::Use::Kernel};
    total_ += (range.end - range.start) >> page_shift;
    return true;
}

VmPageAllocator::Segment* VmPageAllocator::segment_of(phys_address_t physical)
{
    for (unsigned i = 0; i != segment_count_; ++i) {
        if (segments_[i].contains(physical))
            return &segments_[i];
    }
    return nullptr;
}

VmPage* VmPageAllocator::page_of(phys_address_t physical)
{
    Segment* segment = segment_of(physical);
    if (segment == nullptr || physical >= segment->frontier)
        return nullptr;
    return &segment->record(physical);
}

bool VmPageAllocator::overlaps(phys_address_t start, phys_address_t end) const
{
    for (unsigned i = 0; i != segment_count_; ++i) {
        if (start < segments_[i].end && segments_[i].start < end)
            return true;
    }
    return false;
}

// Initialises the records of the next stretch and makes free blocks of it; false if the segment is used up.
bool VmPageAllocator::carve(Segment& segment, unsigned order)
{
    if (segment.frontier == segment.end)
        return false;
    const phys_address_t start = segment.frontier;
    const phys_address_t goal = (start & ~(block_size(order) - 1)) + block_size(order);
    segment.frontier = std::min(goal, segment.end);
    for (phys_address_t physical = start; physical != segment.frontier; physical += page_size)
        new (&segment.record(physical)) VmPage{physical, VmPage::Use::FreeBlockTail};
    for (phys_address_t physical = start; physical != segment.frontier;) {
        unsigned size = alignment_order(physical);
        while (block_size(size) > segment.frontier - physical)
            --size;
        put_block(segment, physical, size);
        physical += block_size(size);
    }
    return true;
}

// Joins the block with its free buddies, and files the result.
void VmPageAllocator::put_block(Segment& segment, phys_address_t physical, unsigned order)
{
    while (order < vm_page_max_order) {
        const phys_address_t buddy_at = physical ^ block_size(order);
        if (!segment.contains(buddy_at) || buddy_at >= segment.frontier)
            break;
        VmPage& buddy = segment.record(buddy_at);
        if (buddy.use_ != VmPage::Use::Free || buddy.order_ != order)
            break;
        segment.free[order].erase(VmPageList::s_iterator_to(buddy));
        buddy.use_ = VmPage::Use::FreeBlockTail;
        segment.record(physical).use_ = VmPage::Use::FreeBlockTail;
        physical = std::min(physical, buddy_at);
        ++order;
    }
    VmPage& head = segment.record(physical);
    head.use_ = VmPage::Use::Free;
    head.order_ = static_cast<uint8_t>(order);
    segment.free[order].push_front(head);
}

// A block of just this order out of the segment's free blocks, splitting a larger one if need be.
VmPage* VmPageAllocator::take_block(Segment& segment, unsigned order)
{
    unsigned found = order;
    while (found < orders && segment.free[found].empty())
        ++found;
    if (found == orders)
        return nullptr;
    VmPage& head = segment.free[found].front();
    segment.free[found].pop_front();
    head.use_ = VmPage::Use::FreeBlockTail;
    while (found != order) {
        --found;
        put_block(segment, head.physical() + block_size(found), found);
    }
    head.order_ = static_cast<uint8_t>(order);
    return &head;
}

VmPage* VmPageAllocator::grab_block(unsigned order, phys_address_t below, uint64_t reserve)
{
    KASSERT(order <= vm_page_max_order, "block order");
    const uint64_t count = uint64_t{1} << order;
    if (free_count_ < count + reserve)
        return nullptr;
    // From the top of memory down, so that low memory is left for devices that can address nothing else.
    for (unsigned i = segment_count_; i-- != 0;) {
        Segment& segment = segments_[i];
        if (segment.end > below)
            continue;
        do {
            if (VmPage* head = take_block(segment, order)) {
                free_count_ -= count;
                head->use_ = VmPage::Use::Kernel;
                return head;
            }
        } while (carve(segment, std::max(order, carve_order)));
    }
    return nullptr;
}

// Moves the pages of one block to the cache, of a whole batch if there is such a block; false if nothing is free.
bool VmPageAllocator::cache_block(Segment& segment)
{
    unsigned order = cache_batch_order;
    VmPage* head = take_block(segment, order);
    while (head == nullptr && order != 0)
        head = take_block(segment, --order);
    if (head == nullptr)
        return false;
    const phys_address_t start = head->physical();
    for (phys_address_t physical = start; physical != start + block_size(order); physical += page_size) {
        VmPage& page = segment.record(physical);
        page.use_ = VmPage::Use::Cached;
        page.order_ = 0;
        cache_.push_back(page);
    }
    cached_ += 1u << order;
    return true;
}

// Moves some single pages to the cache, from the top of memory down.
bool VmPageAllocator::refill_cache()
{
    for (unsigned i = segment_count_; i-- != 0;) {
        do {
            while (cached_ < cache_batch && cache_block(segments_[i])) {
            }
        } while (cached_ < cache_batch && carve(segments_[i], carve_order));
    }
    return cached_ != 0;
}

VmPage* VmPageAllocator::grab(uint64_t reserve)
{
    if (free_count_ <= reserve || (cached_ == 0 && !refill_cache()))
        return nullptr;
    VmPage& page = cache_.front();
    cache_.pop_front();
    --cached_;
    --free_count_;
    page.use_ = VmPage::Use::Kernel;
    page.order_ = 0;
    return &page;
}

void VmPageAllocator::free(VmPage& page)
{
    KASSERT(page.use_ == VmPage::Use::Kernel && page.order_ == 0,
            "V5: page freed twice, or not a single page");
    KASSERT(page.object_ == nullptr && page.wire_count_ == 0 && page.mappings == nullptr, "V5");
    page.use_ = VmPage::Use::Cached;
    cache_.push_front(page);
    ++cached_;
    ++free_count_;
    if (cached_ <= cache_limit)
        return;
    for (unsigned i = 0; i != cache_limit / 2; ++i) {
        VmPage& surplus = cache_.back();
        cache_.pop_back();
        --cached_;
        put_block(*segment_of(surplus.physical()), surplus.physical(), 0);
    }
}

void VmPageAllocator::free_block(VmPage& head)
{
    if (head.order_ == 0)
        return free(head);
    KASSERT(head.use_ == VmPage::Use::Kernel, "V5: block freed twice");
    const unsigned order = head.order_;
    free_count_ += uint64_t{1} << order;
    put_block(*segment_of(head.physical()), head.physical(), order);
}
