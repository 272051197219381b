// kernel/vm/vm_object.h
//
// A memory object as the kernel holds it: resident pages, and where the others come from.
//
// Where a page that is not resident comes from, in this order: the object's pager, if it has one; else the object that
// it shadows; else it is zero.  A fault walks that chain (vm_fault_page.cpp).
//
// Copies.  There is one way to copy memory lazily, Mach's asymmetric one ("copy delay"), for memory with and without a
// pager: vm_object_copy() makes a *snapshot* that shadows the source and is known to it as copy().  Before a page of
// the source changes, the old contents are pushed into the snapshot.  The source's mappers see nothing of it, however
// many they are, and the source's chain does not grow with each copy.  A snapshot is *frozen*: map entries that refer to
// it say needs_copy and put an object of their own above it when they are written, so one snapshot serves every copy
// taken until the source changes again.  When only one entry is left on a frozen object, it is thawed and written.
//
// Owns        its resident pages, and a reference to the object that it shadows.
// Lifetime    RefPtr: map entries, map copies, memory entries, shadows, and the MemoryObject of a persistent object.
//             After the last reference the object goes to the reaper, which hands the pages of a pager-backed object
//             back to the pager (memory_object.h); any number of objects in a chain die one after the other (D10).
// Lock        lock(), LockRank::VmObject: after the map, before the page queues.  The objects of one *family* (those
//             connected by shadow() and copy()) share one lock out of a fixed set, so a walk along a chain, a push
//             and a collapse need no second lock.  Nobody ever holds the locks of two families.
// Invariants  (O1) shadow() and copy() are of the same family as this.
//             (O2) copy() != null  =>  copy()->shadow() == this.  The copy refers to its source, not the reverse.
//             (O3) While copy() needs a page (it covers the index and has no page of its own there, nor did any copy
//                  below it), no mapping of this object's page allows writing.
//             (O4) frozen  =>  no mapping allows writing to its pages, and no entry without needs_copy refers to it.
//             (O5) An object with a pager shadows nothing; its pages beyond size() are never handed out.
// Background  R. Rashid et al. 1987; A. Tevanian's thesis, 1987, chapter 4 (shadow chains, collapse, bypass).
#ifndef PORTICO_VM_VM_OBJECT_H
#define PORTICO_VM_VM_OBJECT_H

#include <lib/lock.h>
#include <lib/ref.h>
#include <kern/reaper.h>
#include <vm/vm_page.h>
#include <vm/vm_page_index.h>
#include <vm/vm_types.h>

class MemoryObject;
class Thread;
class WaitQueue;
class Pmap;

using VmObjectLock = SpinLock<LockRank::VmObject>;

// How a device's memory is cached; device_cache_mode_t of <mach/device_types.h>.
enum class CacheMode : uint8_t { None, WriteCombine, Normal };

class VmObject final : public RefCounted<VmObject>, public Reapable {
public:
    // Zero-filled memory without a pager.
    [[nodiscard]] static mach::Result<RefPtr<VmObject>> create(vm_size_t size);
    // The kernel's side of a pager's object; see memory_object.h.
    [[nodiscard]] static mach::Result<RefPtr<VmObject>> create_for_pager(MemoryObject& pager, vm_size_t size);
    // A window on physical memory that the page allocator does not own: device registers, frame buffers.
    [[nodiscard]] static mach::Result<RefPtr<VmObject>> create_window(phys_address_t base, vm_size_t size, CacheMode);

    VmObjectLock& lock() const RETURN_CAPABILITY(lock_) { return lock_; }
    // States O1 to the analysis: who holds this lock holds `relative`'s.
    void assert_family(const VmObject& relative) const REQUIRES(lock_) ASSERT_CAPABILITY(relative.lock_);

    vm_size_t size() const { return size_; }
    bool is_window() const { return window_; }
    bool has_pager() const { return pager_ != nullptr; }
    MemoryObject* pager() const { return pager_; }
    VmObject* shadow() const REQUIRES(lock_) { return shadow_.get(); }
    vm_offset_t shadow_offset() const REQUIRES(lock_) { return shadow_offset_; }
    VmObject* copy() const REQUIRES(lock_) { return copy_; }
    bool frozen() const REQUIRES(lock_) { return frozen_; }
    uint64_t resident_count() const REQUIRES(lock_) { return pages_.count(); }

    // ---- Pages.
    VmPage* page_at(page_index_t index) const REQUIRES(lock_) { return pages_.find(index); }
    VmPage* page_from(page_index_t first, page_index_t end) const REQUIRES(lock_)
    {
        return pages_.find_from(first, end);
    }
    // The page becomes resident here.  False if there is no memory for the index.
    [[nodiscard]] bool insert(VmPage& page, page_index_t index) REQUIRES(lock_);
    // The page leaves the object, unmapped everywhere; it is the caller's now.
    void remove(VmPage& page) REQUIRES(lock_);
    // remove() and free.
    void discard(VmPage& page) REQUIRES(lock_);

    // ---- Busy pages: who wants one sleeps until its owner calls wake_page_waiters().
    WaitQueue& page_waiters(page_index_t index) const;
    void finish_page(VmPage& page) REQUIRES(lock_);  // No longer busy: back on a queue, and wakes who waits for it.

private:
    friend class RefCounted<VmObject>;
    friend class VmObjectCopier;
    friend class MemoryObject;
    friend mach::Result<RefPtr<VmObject>> vm_object_copy(VmObject& source, vm_offset_t offset, vm_size_t size);
    friend mach::Result<RefPtr<VmObject>> vm_object_shadow(RefPtr<VmObject> source, vm_offset_t offset,
                                                           vm_size_t size);
    friend void vm_object_collapse(VmObject& object);

    VmObject(VmObjectLock& lock, vm_size_t size) : lock_{lock}, size_{size} {}
    void destroy_last_reference();
    void reap() override;

    VmObjectLock& lock_;
    VmPageIndex pages_ GUARDED_BY(lock_);
    vm_size_t size_;
    RefPtr<VmObject> shadow_ GUARDED_BY(lock_);
    vm_offset_t shadow_offset_ GUARDED_BY(lock_) = 0;
    VmObject* copy_ GUARDED_BY(lock_) = nullptr;
    MemoryObject* pager_ = nullptr;
    bool frozen_ GUARDED_BY(lock_) = false;
    bool window_ = false;
    CacheMode cache_mode_ = CacheMode::Normal;
    phys_address_t window_base_ = 0;
};

// A snapshot of [offset, offset + size) of `source`, as an object with the same offsets as the source.  Frozen: every
// entry that maps it must say needs_copy.  Never waits, and asks no pager.
[[nodiscard]] mach::Result<RefPtr<VmObject>> vm_object_copy(VmObject& source, vm_offset_t offset, vm_size_t size);

// An empty object above [offset, offset + size) of a frozen or unshared `source`, for somebody who will write.
[[nodiscard]] mach::Result<RefPtr<VmObject>> vm_object_shadow(RefPtr<VmObject> source, vm_offset_t offset, vm_size_t size);

// Merges into `object` the objects below it that nobody else uses, and goes past those that hide nothing.
void vm_object_collapse(VmObject& object) REQUIRES(object.lock());

#endif
