// kernel/vm/vm_object.cpp: an object's pages, its beginning and its end.  Copies: vm_object_copy.cpp.
#include <vm/vm_object.h>

#include <array>
#include <atomic>

#include <kern/sched.h>
#include <kern/wait_queue.h>
#include <kern/zone.h>
#include <lib/assert.h>
#include <machine/pmap.h>
#include <vm/memory_object.h>
#include <vm/vm_statistics.h>
#include <vm/vm_zones.h>

using mach::failure;
using mach::Result;

namespace {

// Families draw their locks from here in turn.  Two families with one lock do each other no harm.
constexpr unsigned lock_count = 64;
std::array<VmObjectLock, lock_count> family_locks;
std::atomic<unsigned> next_lock = 0;

// Where threads wait for busy pages, by page.  A thread that another page's event wakes looks and waits
// again.
constexpr unsigned waiter_queues = 64;
std::array<WaitQueue, waiter_queues> page_wait_queues;

// Resident pages of objects with a pager: what the system keeps of files.
constinit std::atomic<uint64_t> cached_pages = 0;

constexpr unsigned pages_per_step = 64;  // Of destruction.

VmObjectLock& lock_of_new_family()
{
    return family_locks[next_lock.fetch_add(1, std::memory_order_relaxed) % lock_count];
}

}  // namespace

constinit Zone<VmObject> vm_object_zone{"vm objects"};

uint64_t vm_object_cached_pages() { return cached_pages.load(std::memory_order_relaxed); }

VmObject::VmObject(VmObjectLock& lock) : lock_{lock} {}
VmObject::~VmObject() = default;

void VmObject::assert_family(const VmObject& relative) const { KASSERT(&relative.lock_ == &lock_, "O1"); }

Result<RefPtr<VmObject>> VmObject::create(vm_size_t size)
{
    VmObject* object = vm_object_zone.create(lock_of_new_family());
    if (object == nullptr)
        return failure(KERN_RESOURCE_SHORTAGE);
    Guard guard{object->lock_};
    object->end_index_ = page_index_of(round_page(size));
    return RefPtr<VmObject>::adopt(object);
}

Result<RefPtr<VmObject>> VmObject::create_for_pager(RefPtr<MemoryObject> pager)
{
    RefPtr<VmObject> object = TRY(create(trunc_page(~vm_size_t{0})));  // The pager alone knows where it ends.
    object->pager_ = std::move(pager);
    return object;
}

Result<RefPtr<VmObject>> VmObject::create_window(phys_address_t base, vm_size_t size,
                                                 device_cache_mode_t cache_mode)
{
    RefPtr<VmObject> object = TRY(create(size));
    object->window_ = true;
    object->window_base_ = base;
    object->cache_mode_ = cache_mode;
    return object;
}

bool VmObject::insert(VmPage& page, page_index_t index)
{
    KASSERT(page.object_ == nullptr, "V1: page is in an object already");
    if (!pages_.insert(index, page))
        return false;
    page.object_ = this;
    page.index_ = index;
    if (has_pager())
        cached_pages.fetch_add(1, std::memory_order_relaxed);
    return true;
}

void VmObject::remove(VmPage& page)
{
    KASSERT(page.object_ == this, "V1: page is in another object");
    if (page.mappings != nullptr)
        machine::pmap_page_protect(page, VM_PROT_NONE);
    if (page.on_paging_queue())
        vm_page_unqueue(page);
    pages_.erase(page.index_);
    page.object_ = nullptr;
    if (has_pager())
        cached_pages.fetch_sub(1, std::memory_order_relaxed);
}

void VmObject::discard(VmPage& page)
{
    const page_index_t index = page.index_;
    const bool somebody_waits = page.busy || page.unlock_requested != VM_PROT_NONE;
    remove(page);
    while (page.wired())
        vm_page_unwire(page);
    vm_page_unqueue(page);
    page.forget_state();
    vm_page_free(page);
    if (somebody_waits)
        wake_page_waiters(index);
}

WaitQueue& VmObject::page_waiters(page_index_t index) const
{
    const auto mixed = (reinterpret_cast<uintptr_t>(this) >> 6) * 31 + index;
    return page_wait_queues[mixed % waiter_queues];
}

void VmObject::wake_page_waiters(page_index_t index) const { thread_wakeup_all(page_waiters(index)); }

void VmObject::finish_page(VmPage& page)
{
    KASSERT(page.object_ == this && page.busy, "V2: page is not being filled");
    page.absent = false;
    page.busy = false;
    vm_page_activate(page);
    wake_page_waiters(page.index_);
}

// ---- The end.

// An object that hangs on no chain and has few pages goes at once; any other goes to the reap list, so that
// the end of one object never recurses into the next (D10).
void VmObject::destroy_last_reference(VmObject* object)
{
    object->leave_family();
    bool alone = false;
    {
        Guard guard{object->lock_};
        alone = object->shadow_ == nullptr && object->pager_ == nullptr;
    }
    if (alone && object->discard_some(pages_per_step))
        vm_object_zone.destroy(object);
    else
        reaper_enqueue(*object);
}

// Nobody pushes pages into it any more.
void VmObject::leave_family()
{
    Guard guard{lock_};
    KASSERT(copy_ == nullptr, "O2: the copy refers to its source");
    if (shadow_ == nullptr)
        return;
    VmObject& source = *shadow_;
    assert_family(source);
    if (source.copy_ == this)
        source.copy_ = nullptr;
}

// True when no page is left.
bool VmObject::discard_some(unsigned limit)
{
    Guard guard{lock_};
    for (unsigned i = 0; i != limit; ++i) {
        VmPage* page = pages_.find_from(0, ~page_index_t{0});
        if (page == nullptr)
            return true;
        discard(*page);
    }
    return pages_.empty();
}

// ---- Users.

void VmObject::share()
{
    Guard guard{lock_};
    shared_ = true;
}

bool VmObject::is_shown_once() const
{
    return !shared_ && !frozen_ && copy_ == nullptr && pager_ == nullptr && !window_;
}

bool VmObject::shown_once() const
{
    Guard guard{lock_};
    return is_shown_once();
}

void VmObject::discard_unseen(page_index_t first, page_index_t end)
{
    if (reference_count() == 1)
        return;  // All its pages go with it.
    while (first < end)
        first = discard_unseen_some(first, end);
}

// Where to go on.  A busy page has an owner who is not done with it; it stays as long as the object.
page_index_t VmObject::discard_unseen_some(page_index_t first, page_index_t end)
{
    Guard guard{lock_};
    if (!is_shown_once())
        return end;
    for (unsigned i = 0; i != pages_per_step; ++i) {
        VmPage* page = pages_.find_from(first, end);
        if (page == nullptr)
            return end;
        first = page->index() + 1;
        if (!page->busy && !page->wired())
            discard(*page);
    }
    return first;
}

// ---- End.

Reapable::Step VmObject::reap()
{
    if (!discard_some(pages_per_step))
        return Step::More;
    RefPtr<VmObject> below;
    {
        Guard guard{lock_};
        below = std::move(shadow_);
    }
    vm_object_zone.destroy(this);
    vm_object_release(std::move(below));
    return Step::Done;
}

void vm_object_release(RefPtr<VmObject> object)
{
    if (object == nullptr)
        return;
    RefPtr<MemoryObject> pager = object->pager();
    object.reset();
    if (pager != nullptr)
        pager->user_gone();
}
