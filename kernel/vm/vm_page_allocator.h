// kernel/vm/vm_page_allocator.h
//
// The allocator behind vm_page_grab() and its relatives: a buddy system for each stretch of RAM, and in front
// of it a short list of single pages.
//
// Owns        the segments and the records in them.  Private to vm_page*.cpp and its tests.
// Lock        vm_page_queues_lock.
// Invariants  (B1) Records below a segment's frontier are initialised, those above have never been touched.
//             (B2) A free block of order n is aligned to its size, and its head alone says Use::Free.
//             (B3) free_count_ counts every page that a grab could still give out: cached, in blocks, above a
//                  frontier.
#ifndef PORTICO_VM_VM_PAGE_ALLOCATOR_H
#define PORTICO_VM_VM_PAGE_ALLOCATOR_H

#include <array>

#include <vm/vm_page.h>

extern SpinLock<LockRank::PageQueues> vm_page_queues_lock;

class VmPageAllocator {
public:
    static constexpr unsigned max_segments = 32;
    static constexpr unsigned orders = vm_page_max_order + 1;
    static constexpr unsigned carve_order =
        6;  // So much of a segment is initialised at a time, if nobody wants more.
    static constexpr unsigned cache_limit = 64;  // Single pages kept out of the buddy system.
    static constexpr unsigned cache_batch_order = 4;
    static constexpr unsigned cache_batch = 1u << cache_batch_order;

    // RAM that nobody uses yet; the records are put into it.  Ranges that are too small are left alone.
    void add(VmPhysicalRange range) REQUIRES(vm_page_queues_lock);

    // RAM whose pages are all in use, with memory for their records.  False: there are segments enough.
    [[nodiscard]] bool adopt(VmPhysicalRange range, void* records) REQUIRES(vm_page_queues_lock);

    // `reserve`: how many free pages must remain for others.
    VmPage* grab(uint64_t reserve) REQUIRES(vm_page_queues_lock);
    VmPage* grab_block(unsigned order, phys_address_t below, uint64_t reserve) REQUIRES(vm_page_queues_lock);
    void free(VmPage& page) REQUIRES(vm_page_queues_lock);
    void free_block(VmPage& head) REQUIRES(vm_page_queues_lock);

    VmPage* page_of(phys_address_t physical) REQUIRES(vm_page_queues_lock);
    bool overlaps(phys_address_t start, phys_address_t end) const REQUIRES(vm_page_queues_lock);

    uint64_t free_count() const { return free_count_; }
    uint64_t total() const { return total_; }

private:
    struct Segment {
        phys_address_t start = 0;
        phys_address_t end = 0;
        phys_address_t frontier = 0;
        VmPage* records = nullptr;
        std::array<VmPageList, orders> free;

        bool contains(phys_address_t physical) const { return start <= physical && physical < end; }
        VmPage& record(phys_address_t physical) const { return records[(physical - start) >> page_shift]; }
    };

    Segment* segment_of(phys_address_t physical);
    bool carve(Segment& segment, unsigned order);
    VmPage* take_block(Segment& segment, unsigned order);
    void put_block(Segment& segment, phys_address_t physical, unsigned order);
    bool cache_block(Segment& segment);
    bool refill_cache();

    std::array<Segment, max_segments> segments_;
    unsigned segment_count_ = 0;
    VmPageList cache_;
    unsigned cached_ = 0;
    uint64_t free_count_ = 0;
    uint64_t total_ = 0;
};

#endif
