// kernel/vm/vm_page.h
//
// A page of physical memory, and the allocator of such pages.
//
// Owns        one record for each page frame of RAM.  Records lie in the memory that they describe and are initialised
//             block by block when the allocator first reaches them, so that start-up costs nothing per page.
// Lifetime    A record lives for ever.  Its page is free, or the kernel's, or resident in one VmObject.
// Lock        The free lists and paging queues: vm_page_queues_lock, LockRank::PageQueues, after the object.
//             Object, index and state bits: the lock of the object that the page is in.
// Invariants  (V1) A page with an object is found in that object's index at its own index, and nowhere else.
//             (V2) A page is busy exactly while one thread or one request to a pager owns its contents: that owner
//                  alone may fill it, and everyone else sleeps on it.  A busy page is on no paging queue.
//             (V3) absent  =>  busy: the pager has been asked for the data.
//             (V4) A wired page is on no paging queue.
//             (V5) A free page has no object, no mapping and no wiring.
// Background  R. Rashid et al., "Machine-Independent Virtual Memory Management", 1987; docs/vm.md.
#ifndef PORTICO_VM_VM_PAGE_H
#define PORTICO_VM_VM_PAGE_H

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/list_hook.hpp>

#include <lib/lock.h>
#include <mach/vm_statistics.h>
#include <vm/vm_types.h>

class VmObject;
namespace machine {
struct BootInfo;
class PageMapping;  // One mapping of a page by one Pmap (a "pv entry"); the pmap's own.
}

class VmPage {
public:
    enum class Use : uint8_t { Reserved, Free, FreeBlockTail, Kernel, Object };
    enum class Queue : uint8_t { None, Active, Inactive };
    using Hook = boost::intrusive::list_member_hook<boost::intrusive::link_mode<boost::intrusive::normal_link>>;

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
    bool busy : 1 = false;      // V2
    bool absent : 1 = false;    // V3
    bool error : 1 = false;     // The pager answered data_error: whoever touches the page gets error_code().
    bool precious : 1 = false;  // The pager wants it back even if clean.
    bool dirty : 1 = false;     // Known dirty, beside what the pmap's modified bits say.
    bool private_frame : 1 = false;  // The frame is not the allocator's (a boot module, a device): never freed.

    // The pager's lock: accesses that need memory_object_data_unlock first, and those already asked for.
    uint8_t prohibited = VM_PROT_NONE;
    uint8_t unlock_requested = VM_PROT_NONE;

    // ---- The pmap's own: guarded by the page's pmap lock (LockRank::Pmap).
    machine::PageMapping* mappings = nullptr;
    uint8_t pmap_attributes = 0;

    Hook queue_hook;

private:
    friend class VmPageAllocator;
    friend class VmObject;
    friend class VmPageQueues;

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

// Takes over the machine's memory map.  Nothing in vm/ works before.
void vm_page_bootstrap(const machine::BootInfo& boot);

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

// The record of a frame of RAM, initialised if need be; null if `physical` is not RAM.
VmPage* vm_page_of(phys_address_t physical);

// ---- Paging queues.
void vm_page_activate(VmPage& page);    // To the tail of the active queue, unless wired or busy.
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
