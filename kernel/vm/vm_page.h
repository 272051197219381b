// kernel/vm/vm_page.h
//
// A page of physical memory, and the allocator of such pages.
//
// Owns        one record for each page frame of RAM.  Records lie in the memory that they describe and are
//             initialised block by block when the allocator first reaches them, so that start-up costs
//             nothing per page.
// Lifetime    A record lives for ever.  Its page is free, or the kernel's, or resident in one VmObject.
// Lock        The free lists and paging queues: vm_page_queues_lock, LockRank::PageQueues, after the object.
//             Object, index and state bits: the lock of the object that the page is in.
// Invariants  (V1) A page with an object is found in that object's index at its own index, and nowhere else.
//             (V2) A page is busy exactly while one thread or one request to a pager owns its contents: that
//                  owner alone may fill it, and everyone else sleeps on it.  A busy page is on no paging
//                  queue.
//             (V3) absent  =>  busy: the pager has been asked for the data.
//             (V4) A wired page is on no paging queue.
//             (V5) A free page has no object, no mapping and no wiring.
// Background  R. Rashid et al., "Machine-Independent Virtual Memory Management", 1987; docs/vm.md.
#ifndef PORTICO_VM_VM_PAGE_H
#define PORTICO_VM_VM_PAGE_H

#include <span>

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/list_hook.hpp>

#include <lib/lock.h>
#include <mach/vm_statistics.h>
#include <vm/vm_types.h>

class VmObject;
namespace machine {
class PageMapping;  // One mapping of a page by one Pmap (a "pv entry"); the pmap's own.
}

class VmPage {
public:
    // Free: heads a block of the buddy system; FreeBlockTail: in a block, free or not, behind its head;
    // Cached: a free single page in front of the buddy system; Kernel: in use; an object's page has object().
    enum class Use : uint8_t { Free, FreeBlockTail, Cached, Kernel, NotRam };
    enum class Queue : uint8_t { None, Active, Inactive };
    using Hook =
        boost::intrusive::list_member_hook<boost::intrusive::link_mode<boost::intrusive::normal_link>>;

    VmPage(phys_address_t physical, Use use) : physical_{physical}, use_{use} {}
    VmPage(const VmPage&) = delete;
    VmPage& operator=(const VmPage&) = delete;

    phys_address_t physical() const { return physical_; }
    void* contents() const;  // By the direct map.

    VmObject* object() const { return object_; }
    page_index_t index() const { return index_; }

    bool on_paging_queue() const { return queue_ != Queue::None; }
    bool wired() const { return wire_count_ != 0; }
    void check_invariants() const;

    // ---- State: guarded by the object's lock.
    bool busy : 1 = false;    // V2
    bool absent : 1 = false;  // V3
    bool error : 1 = false;   // The pager answered data_error: who waited gets error_code, and the page goes.
    bool unlock_refused = false;  // The same to data_unlock: who waited gets error_code, and the page stays.
    bool precious : 1 = false;    // The pager wants it back even if clean.
    bool dirty : 1 = false;       // Known dirty, beside what the pmap's modified bits say.

    // The pager's lock: accesses that need memory_object_data_unlock first, and those already asked for.
    uint8_t prohibited = VM_PROT_NONE;
    uint8_t unlock_requested = VM_PROT_NONE;
    uint8_t error_code = KERN_SUCCESS;  // What the pager gave as a reason, if `error`.

    // As a page is that belongs to no object.
    void forget_state()
    {
        busy = absent = error = unlock_refused = precious = dirty = false;
        prohibited = unlock_requested = VM_PROT_NONE;
        error_code = KERN_SUCCESS;
    }

    // ---- The pmap's own: guarded by the page's pmap lock (LockRank::Pmap).
    machine::PageMapping* mappings = nullptr;
    uint8_t pmap_attributes = 0;

    Hook queue_hook;

private:
    friend class VmPageAllocator;
    friend class VmObject;
    friend class VmPageQueues;
    friend class VmObjectFamily;

    VmObject* object_ = nullptr;
    page_index_t index_ = 0;
    phys_address_t physical_;
    uint16_t wire_count_ = 0;
    uint8_t order_ = 0;  // Of the free or kernel block that this page heads: 2^order pages.
    Use use_;
    Queue queue_ = Queue::None;
};

using VmPageList =
    boost::intrusive::list<VmPage, boost::intrusive::member_hook<VmPage, VmPage::Hook, &VmPage::queue_hook>,
                           boost::intrusive::constant_time_size<false>>;

// A stretch of physical memory.
struct VmPhysicalRange {
    phys_address_t start;
    phys_address_t end;
};

// Takes over RAM that nobody uses (not the kernel, no boot module), in ascending order.  Nothing in vm/ works
// before.
void vm_page_bootstrap(std::span<const VmPhysicalRange> free_ranges);

// ---- Single pages for objects.  Null when memory is short: the caller answers KERN_RESOURCE_SHORTAGE.
// The page belongs to the caller, has no object, and is not busy; its contents are undefined.
[[nodiscard]] VmPage* vm_page_grab();
[[nodiscard]] VmPage* vm_page_grab_zeroed();
void vm_page_free(VmPage& page);  // No object, no mapping.

// ---- Blocks of 2^order contiguous pages, aligned to their size.
inline constexpr unsigned vm_page_max_order = 9;
[[nodiscard]] VmPage* vm_page_grab_block(unsigned order, phys_address_t below = ~phys_address_t{0});
void vm_page_free_block(VmPage& head);

// ---- The kernel's own memory, by the direct map; may use the last pages that objects are refused.
[[nodiscard]] void* vm_page_grab_kernel(unsigned order = 0);
void vm_page_release_kernel(void* memory);

// The record of a frame that the allocator has given out or has free; null for any other frame.
VmPage* vm_page_of(phys_address_t physical);
// Does the allocator own any of it?
bool vm_page_manages(phys_address_t start, phys_address_t end);

// ---- RAM that was in use at start-up and is now known to be whole pages (boot modules): from here on each
// of its frames is a page as vm_page_grab() gives them, the caller's.  KERN_RESOURCE_SHORTAGE: no memory for
// the records.
[[nodiscard]] mach::Result<void> vm_page_adopt(VmPhysicalRange range);

// ---- Paging queues.
void vm_page_activate(VmPage& page);  // To the tail of the active queue, unless wired or busy.
void vm_page_unqueue(VmPage& page);
void vm_page_wire(VmPage& page);
void vm_page_unwire(VmPage& page);

void vm_page_zero(VmPage& page);
void vm_page_copy(const VmPage& from, VmPage& to);

// Counts for host_statistics(), and the total for host_info().
void vm_page_statistics(vm_statistics_data_t& statistics);
uint64_t vm_page_total();
uint64_t vm_page_free_count();

#endif
