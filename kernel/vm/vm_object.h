// kernel/vm/vm_object.h
//
// A memory object as the kernel holds it: resident pages, and where the others come from.
//
// Where a page that is not resident comes from, in this order: the object's pager, if it has one; else the
// object that it shadows; else it is zero.  A fault walks that chain (vm_fault_page.cpp).
//
// Copies.  There is one way to copy memory lazily, Mach's asymmetric one ("copy delay"), for memory with and
// without a pager: vm_object_copy() makes a *snapshot* that shadows the source and is known to it as copy().
// Before a page of the source changes, the old contents are pushed into the snapshot.  The source's mappers
// see nothing of it, however many they are, and the source's chain does not grow with each copy.  A snapshot
// is *frozen*: map entries that refer to it say needs_copy and put an object of their own above it when they
// are written, so one snapshot serves every copy taken until the source changes again.  When only one entry
// is left on a frozen object, it is thawed and written.
//
// Owns        its resident pages, and a reference to the object that it shadows.
// Lifetime    RefPtr: map entries, map copies, memory entries, shadows, and the MemoryObject of a persistent
//             object. After the last reference the object goes to the reaper, which hands the pages of a
//             pager-backed object back to the pager (memory_object.h); any number of objects in a chain die
//             one after the other (D10).
// Lock        lock(), LockRank::VmObject: after the map, before the page queues.  The objects of one *family*
//             (those connected by shadow() and copy()) share one lock out of a fixed set, so a walk along a
//             chain, a push and a collapse need no second lock.  Nobody ever holds the locks of two families.
// Invariants  (O1) shadow() and copy() are of the same family as this.
//             (O2) copy() != null  =>  copy()->shadow() == this.  The copy refers to its source, not the
//                  reverse.
//             (O3) While copy() needs a page (it covers the index and has no page of its own there, nor did
//                  any copy below it), no mapping of this object's page allows writing.
//             (O4) frozen  =>  no mapping allows writing to its pages, and no entry without needs_copy refers
//                  to it.
//             (O5) An object with a pager shadows nothing.  A window has neither pages nor relatives.
//             (O6) No mapping of a page outside [writable_first_, writable_end_) allows writing: a copy need not
//                  look at those, so that copying what has not changed since the last copy costs nothing a page.
//             (O7) Unless shared, frozen or copied, no two references show the same page: entries that were one
//                  have parts of it.  So pages that an entry shows can go with it.
// Background  R. Rashid et al. 1987; A. Tevanian's thesis, 1987, chapter 4 (shadow chains, collapse, bypass).
#ifndef PORTICO_VM_VM_OBJECT_H
#define PORTICO_VM_VM_OBJECT_H

#include <algorithm>

#include <kern/reaper.h>
#include <lib/lock.h>
#include <lib/ref.h>
#include <mach/device_types.h>
#include <vm/vm_page.h>
#include <vm/vm_page_index.h>
#include <vm/vm_types.h>

class MemoryObject;
class WaitQueue;

using VmObjectLock = SpinLock<LockRank::VmObject>;

class VmObject final : public RefCounted<VmObject>, public Reapable {
public:
    // Zero-filled memory without a pager.
    [[nodiscard]] static mach::Result<RefPtr<VmObject>> create(vm_size_t size);
    // The pages of an external pager's object; see memory_object.h.
    [[nodiscard]] static mach::Result<RefPtr<VmObject>> create_for_pager(RefPtr<MemoryObject> pager);
    // A window on physical memory that the page allocator does not own: device registers, frame buffers.
    [[nodiscard]] static mach::Result<RefPtr<VmObject>> create_window(phys_address_t base, vm_size_t size,
                                                                      device_cache_mode_t cache_mode);

    VmObjectLock& lock() const RETURN_CAPABILITY(lock_) { return lock_; }
    // States O1 to the analysis: who holds this lock holds `relative`'s.
    void assert_family(const VmObject& relative) const REQUIRES(lock_) ASSERT_CAPABILITY(relative.lock_);

    bool is_window() const { return window_; }
    phys_address_t window_base() const { return window_base_; }
    device_cache_mode_t cache_mode() const { return cache_mode_; }
    bool has_pager() const { return pager_ != nullptr; }
    const RefPtr<MemoryObject>& pager() const { return pager_; }

    // The pages that it shows: [first_index(), end_index()).  Beyond, nothing of it is ever mapped.
    page_index_t first_index() const REQUIRES(lock_) { return first_index_; }
    page_index_t end_index() const REQUIRES(lock_) { return end_index_; }
    VmObject* shadow() const REQUIRES(lock_) { return shadow_.get(); }
    page_index_t shadow_index() const REQUIRES(lock_)
    {
        return shadow_index_;
    }  // Of our page 0 in the shadow.
    VmObject* copy() const REQUIRES(lock_) { return copy_; }
    bool frozen() const REQUIRES(lock_) { return frozen_; }
    bool shared() const REQUIRES(lock_) { return shared_; }

    // ---- Pages.
    uint64_t resident_count() const REQUIRES(lock_) { return pages_.count(); }
    VmPage* page_at(page_index_t index) const REQUIRES(lock_) { return pages_.find(index); }
    VmPage* page_from(page_index_t first, page_index_t end) const REQUIRES(lock_)
    {
        return pages_.find_from(first, end);
    }
    // The page becomes resident here.  False if there is no memory for the index; the page stays the
    // caller's.
    [[nodiscard]] bool insert(VmPage& page, page_index_t index) REQUIRES(lock_);
    // insert() at indexes below VmPageIndex::fan_out will not fail, until the first removal.
    [[nodiscard]] bool reserve() REQUIRES(lock_) { return pages_.reserve(); }
    // The page leaves the object, unmapped everywhere; it is the caller's now.
    void remove(VmPage& page) REQUIRES(lock_);
    // remove() and free.
    void discard(VmPage& page) REQUIRES(lock_);

    // ---- Busy pages: who wants one sleeps on this queue until its owner calls finish_page() or discard().
    WaitQueue& page_waiters(page_index_t index) const;
    void wake_page_waiters(page_index_t index) const;
    void finish_page(VmPage& page)
        REQUIRES(lock_);  // No longer busy: on a paging queue, and wakes who waits for it.

    // ---- Copies.
    // Does the copy still need the old contents of this page?  Then they are pushed before they change (O3).
    bool copy_needs(page_index_t index) const REQUIRES(lock_);
    // Gives the copy a page of its own with `page`'s contents, and takes `page` out of every pmap.  Nothing
    // to do if the copy does not need it.  False: no memory, and nothing has changed.
    [[nodiscard]] bool push(VmPage& page) REQUIRES(lock_);
    // The caller is about to map this page so that it can be written (O6).
    void note_writable(page_index_t index) REQUIRES(lock_)
    {
        writable_first_ = std::min(writable_first_, index);
        writable_end_ = std::max(writable_end_, index + 1);
    }
    // If the caller has the only reference to this frozen object, it becomes one that is written; else false.
    bool thaw() REQUIRES(lock_);

    // ---- Users.
    // From now on several may show the same pages (O7).
    void share() EXCLUDES(lock_);
    // Does nobody but the caller, an entry without needs_copy, see the pages that it shows?
    bool shown_once() const EXCLUDES(lock_);
    // The caller, an entry without needs_copy that has left its map, showed [first, end): frees what nobody sees now.
    void discard_unseen(page_index_t first, page_index_t end) EXCLUDES(lock_);

    static void destroy_last_reference(VmObject* object);

private:
    friend class VmObjectFamily;  // vm_object_copy.cpp: makes copies and shadows, and collapses chains.
    template <class>
    friend class Zone;

    explicit VmObject(VmObjectLock& lock);
    ~VmObject();
    Step reap() override;
    void leave_family() EXCLUDES(lock_);
    bool is_shown_once() const REQUIRES(lock_);
    page_index_t discard_unseen_some(page_index_t first, page_index_t end) EXCLUDES(lock_);
    bool discard_some(unsigned limit) EXCLUDES(lock_);

    VmObjectLock& lock_;
    VmPageIndex pages_ GUARDED_BY(lock_);
    page_index_t first_index_ GUARDED_BY(lock_) = 0;
    page_index_t end_index_ GUARDED_BY(lock_) = 0;
    RefPtr<VmObject> shadow_ GUARDED_BY(lock_);
    page_index_t shadow_index_ GUARDED_BY(lock_) = 0;
    VmObject* copy_ GUARDED_BY(lock_) = nullptr;
    bool frozen_ GUARDED_BY(lock_) = false;
    bool shared_ GUARDED_BY(lock_) = false;
    page_index_t writable_first_ GUARDED_BY(lock_) = ~page_index_t{0};
    page_index_t writable_end_ GUARDED_BY(lock_) = 0;

    // Fixed from the start.
    RefPtr<MemoryObject> pager_;
    bool window_ = false;
    device_cache_mode_t cache_mode_ = DEVICE_CACHE_NORMAL;
    phys_address_t window_base_ = 0;
};

// A snapshot of the pages [first, end) of `source`, as an object with the same indexes as the source.
// Frozen: every entry that maps it must say needs_copy.  A copy of a frozen object is the object itself.
// Never waits, and asks no pager. KERN_NOT_SUPPORTED for a window; KERN_RESOURCE_SHORTAGE.
[[nodiscard]] mach::Result<RefPtr<VmObject>> vm_object_copy(VmObject& source, page_index_t first,
                                                            page_index_t end);

// An empty object of `count` pages above the pages of a frozen `source` from `first` on, for somebody who
// will write.
[[nodiscard]] mach::Result<RefPtr<VmObject>> vm_object_shadow(RefPtr<VmObject> source, page_index_t first,
                                                              uint64_t count);

// Merges into `object` the objects below it that nobody else uses, and goes past those that hide nothing.
void vm_object_collapse(VmObject& object) EXCLUDES(object.lock());

// Drops a reference.  The last user of a pager's object lets the kernel's side of it end (memory_object.h);
// so VM drops references to objects by this, with no lock held.
void vm_object_release(RefPtr<VmObject> object);

#endif
