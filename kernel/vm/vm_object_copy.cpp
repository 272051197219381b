// kernel/vm/vm_object_copy.cpp
//
// Snapshots, shadows, and what keeps their chains short.
//
// A source has at most one copy() at a time, the latest; an older one shadows the newer one, which thus gets
// the pages of both.  docs/vm.md draws the pictures.
#include <vm/vm_object.h>

#include <algorithm>

#include <kern/zone.h>
#include <lib/assert.h>
#include <machine/pmap.h>
#include <vm/memory_object.h>
#include <vm/vm_statistics.h>
#include <vm/vm_zones.h>

using mach::failure;
using mach::Result;

class VmObjectFamily {
public:
    static Result<RefPtr<VmObject>> copy(VmObject& source, page_index_t first, page_index_t end);
    static Result<RefPtr<VmObject>> shadow(RefPtr<VmObject> source, page_index_t first, uint64_t count);
    static RefPtr<VmObject> collapse(VmObject& object) EXCLUDES(object.lock_);
    // A hint, without the lock.
    static bool has_shadow(const VmObject& object) NO_THREAD_SAFETY_ANALYSIS
    {
        return object.shadow_ != nullptr;
    }

private:
    static bool extend(VmObject& source, page_index_t first, page_index_t end) REQUIRES(source.lock_);
    static void insert_copy(VmObject& source, VmObject& copy) REQUIRES(source.lock_);
    static void write_protect(VmObject& source, page_index_t first, page_index_t end) REQUIRES(source.lock_);
    static bool take_pages(VmObject& object, VmObject& below) REQUIRES(object.lock_);
    static RefPtr<VmObject> skip(VmObject& object, VmObject& below) REQUIRES(object.lock_);
};

// ---- Copies.

// From now on a write to one of these pages faults first.
void VmObjectFamily::write_protect(VmObject& source, page_index_t first, page_index_t end)
{
    first = std::max(first, source.writable_first_);
    end = std::min(end, source.writable_end_);
    if (first >= end)
        return;
    for (VmPage* page = source.page_from(first, end); page != nullptr;
         page = source.page_from(page->index() + 1, end)) {
        if (page->mappings != nullptr)
            machine::pmap_page_protect(*page, VM_PROT_READ | VM_PROT_EXECUTE);
    }
    if (first == source.writable_first_)
        source.writable_first_ = end;
    if (end == source.writable_end_)
        source.writable_end_ = first;
    if (source.writable_first_ >= source.writable_end_) {
        source.writable_first_ = ~page_index_t{0};
        source.writable_end_ = 0;
    }
}

// If the present copy shows the source as it is now, it serves as this copy, too: true.
bool VmObjectFamily::extend(VmObject& source, page_index_t first, page_index_t end)
{
    VmObject* copy = source.copy_;
    if (copy == nullptr)
        return false;
    source.assert_family(*copy);
    if (!copy->frozen_ || !copy->pages_.empty() || copy->shadow_index_ != 0)
        return false;
    if (first < copy->first_index_) {
        write_protect(source, first, copy->first_index_);
        copy->first_index_ = first;
    }
    if (copy->end_index_ < end) {
        write_protect(source, copy->end_index_, end);
        copy->end_index_ = end;
    }
    return true;
}

// `copy` becomes the source's copy.  An older copy sees the source through it from now on, so the new one
// must show what the older one shows.
void VmObjectFamily::insert_copy(VmObject& source, VmObject& copy)
{
    source.assert_family(copy);
    if (VmObject* older = source.copy_) {
        source.assert_family(*older);
        copy.first_index_ = std::min(copy.first_index_, older->shadow_index_ + older->first_index_);
        copy.end_index_ = std::max(copy.end_index_, older->shadow_index_ + older->end_index_);
        older->shadow_ =
            RefPtr<VmObject>{&copy};  // Not the last reference to the source: the caller has one.
    }
    copy.shadow_ = RefPtr<VmObject>{&source};
    copy.frozen_ = true;
    source.copy_ = &copy;
    write_protect(source, copy.first_index_, copy.end_index_);
}

Result<RefPtr<VmObject>> VmObjectFamily::copy(VmObject& source, page_index_t first, page_index_t end)
{
    if (source.window_)
        return failure(KERN_NOT_SUPPORTED);
    Guard guard{source.lock_};
    if (source.frozen_)
        return RefPtr<VmObject>{&source};
    if (extend(source, first, end)) {
        if (source.copy_->reference_unless_zero())
            return RefPtr<VmObject>::adopt(source.copy_);
        source.copy_ = nullptr;  // It is dying: nobody needs what would be pushed into it.
    }
    VmObject* made = vm_object_zone.create(source.lock_);
    if (made == nullptr)
        return failure(KERN_RESOURCE_SHORTAGE);
    source.assert_family(*made);
    made->first_index_ = first;
    made->end_index_ = end;
    insert_copy(source, *made);
    return RefPtr<VmObject>::adopt(made);
}

Result<RefPtr<VmObject>> VmObjectFamily::shadow(RefPtr<VmObject> source, page_index_t first, uint64_t count)
{
    VmObject* made = vm_object_zone.create(source->lock_);
    if (made == nullptr)
        return failure(KERN_RESOURCE_SHORTAGE);
    RefPtr<VmObject> object = RefPtr<VmObject>::adopt(made);
    Guard guard{object->lock_};
    object->end_index_ = count;
    object->shadow_index_ = first;
    object->shadow_ = std::move(source);
    return object;
}

bool VmObject::copy_needs(page_index_t index) const
{
    if (copy_ == nullptr)
        return false;
    assert_family(*copy_);
    const page_index_t there = index - copy_->shadow_index_;  // Wraps below: then it is past the end.
    return there >= copy_->first_index_ && there < copy_->end_index_ && copy_->pages_.find(there) == nullptr;
}

bool VmObject::push(VmPage& page)
{
    if (!copy_needs(page.index_))
        return true;
    assert_family(*copy_);
    VmPage* saved = vm_page_grab();
    if (saved == nullptr)
        return false;
    if (!copy_->insert(*saved, page.index_ - copy_->shadow_index_)) {
        vm_page_free(*saved);
        return false;
    }
    vm_page_copy(page, *saved);
    saved->dirty = true;
    vm_page_activate(*saved);
    // Whoever reads the copy may have our page mapped.
    if (page.mappings != nullptr)
        machine::pmap_page_protect(page, VM_PROT_NONE);
    vm_counters.pushes.count();
    return true;
}

bool VmObject::thaw()
{
    if (!frozen_ || reference_count() != 1)
        return false;
    frozen_ = false;
    return true;
}

// ---- Chains.

// Moves what `object` sees of `below`, its shadow, into it, and frees the rest.  False: no memory; what has
// been moved stays moved, which shows the same.
bool VmObjectFamily::take_pages(VmObject& object, VmObject& below)
{
    object.assert_family(below);
    while (VmPage* page = below.page_from(0, ~page_index_t{0})) {
        const page_index_t there = page->index_ - object.shadow_index_;
        if (there < object.first_index_ || there >= object.end_index_ ||
            object.pages_.find(there) != nullptr) {
            below.discard(*page);
            continue;
        }
        if (!object.pages_.insert(there, *page))
            return false;
        // Mappings of it stay: they show the same bytes, and none of them allows writing.
        below.pages_.erase(page->index_);
        page->object_ = &object;
        page->index_ = there;
    }
    return true;
}

// `object` shadows from now on what `below`, its shadow, shadows.  Returns the reference to `below`.
RefPtr<VmObject> VmObjectFamily::skip(VmObject& object, VmObject& below)
{
    object.assert_family(below);
    if (below.copy_ == &object)
        below.copy_ = nullptr;
    if (VmObject* next = below.shadow_.get()) {
        object.assert_family(*next);
        // If `below` was the copy of the next one, it dies here: the pushes come to us.
        if (next->copy_ == &below)
            next->copy_ = &object;
    }
    object.shadow_index_ += below.shadow_index_;
    RefPtr<VmObject> next = below.reference_count() == 1 ? std::move(below.shadow_) : below.shadow_;
    return std::exchange(object.shadow_, std::move(next));
}

// One step; returns the reference to the object that is no longer in the chain, to be dropped without the
// lock.
RefPtr<VmObject> VmObjectFamily::collapse(VmObject& object)
{
    Guard guard{object.lock_};
    VmObject* below = object.shadow_.get();
    if (below == nullptr || below->pager_ != nullptr)
        return nullptr;
    object.assert_family(*below);
    if (below->reference_count() == 1) {
        if (!take_pages(object, *below))
            return nullptr;
        vm_counters.collapses.count();
        return skip(object, *below);
    }
    if (!below->pages_.empty())
        return nullptr;
    if (VmObject* next = below->shadow_.get()) {
        object.assert_family(*next);
        if (next->copy_ == below)
            return nullptr;  // It hides nothing yet, but what will be pushed into it is ours to see.
    }
    return skip(object, *below);
}

Result<RefPtr<VmObject>> vm_object_copy(VmObject& source, page_index_t first, page_index_t end)
{
    return VmObjectFamily::copy(source, first, end);
}

Result<RefPtr<VmObject>> vm_object_shadow(RefPtr<VmObject> source, page_index_t first, uint64_t count)
{
    return VmObjectFamily::shadow(std::move(source), first, count);
}

void vm_object_collapse(VmObject& object)
{
    while (VmObjectFamily::has_shadow(object)) {
        RefPtr<VmObject> gone = VmObjectFamily::collapse(object);
        if (gone == nullptr)
            return;
        vm_object_release(std::move(gone));
    }
}
