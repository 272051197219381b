// kernel/vm/vm_map.cpp: a map's entries, and the calls that change them.  Fork and copies: vm_map_share.cpp.
#include <vm/vm_map.h>

#include <algorithm>

#include <kern/zone.h>
#include <lib/assert.h>
#include <mach/vm_statistics.h>

using mach::failure;
using mach::Result;

namespace {

constinit Zone<VmMap> map_zone{"vm maps"};

}  // namespace

// ---- Beginning and end.

Result<RefPtr<VmMap>> VmMap::create(RefPtr<Ledger> ledger)
{
    Pmap* pmap = Pmap::create();
    if (pmap == nullptr)
        return failure(KERN_RESOURCE_SHORTAGE);
    VmMap* map = map_zone.create(pmap, std::move(ledger));
    if (map == nullptr) {
        Pmap::destroy(pmap);
        return failure(KERN_RESOURCE_SHORTAGE);
    }
    return RefPtr<VmMap>::adopt(map);
}

VmMap::~VmMap() { Pmap::destroy(pmap_); }

void VmMap::destroy_last_reference(VmMap* map) { reaper_enqueue(*map); }

Reapable::Step VmMap::reap()
{
    terminate();
    map_zone.destroy(this);
    return Step::Done;
}

void VmMap::terminate()
{
    VmEntryList removed;
    Guard guard{lock_};
    terminated_ = true;
    while (!entries_.empty()) {
        VmMapEntry& entry = *entries_.begin();
        unlink(entries_.begin());
        removed.push_back(entry);
    }
    pmap_->remove(VM_MIN_ADDRESS, VM_MAX_ADDRESS);
}

Result<void> VmMap::alive() const
{
    if (terminated_)
        return failure(KERN_TERMINATED);
    return {};
}

// ---- Entries.

VmMap::Iterator VmMap::first_touching(vm_address_t address)
{
    Iterator next = entries_.upper_bound(address);
    if (next != entries_.begin()) {
        Iterator before = std::prev(next);
        if (address < before->end)
            return before;
    }
    return next;
}

VmMapEntry* VmMap::entry_containing(vm_address_t address)
{
    Iterator entry = first_touching(address);
    return entry != entries_.end() && entry->start <= address ? &*entry : nullptr;
}

// The range of whole pages, or KERN_INVALID_ADDRESS.
Result<PageRange> VmMap::checked_range(vm_address_t start, vm_size_t size) const
{
    PageRange range = TRY(PageRange::around(start, size));
    if (size == 0)
        range.end = range.start;
    else if (range.end > VM_MAX_ADDRESS)
        return failure(KERN_INVALID_ADDRESS);
    return range;
}

Result<void> VmMap::insert(VmMapEntry& entry)
{
    KASSERT(entry.start < entry.end && is_page_aligned(entry.start | entry.end), "A1");
    if (entries_.size() >= entry_limit)
        return failure(KERN_RESOURCE_SHORTAGE);
    if (ledger_ != nullptr && !ledger_->charge(Resource::MapEntries, 1))
        return failure(KERN_RESOURCE_SHORTAGE);
    entries_.insert(entry);
    if (entry.start <= first_free_ && first_free_ < entry.end)
        first_free_ = entry.end;
    return {};
}

void VmMap::unlink(Iterator entry)
{
    first_free_ = std::min(first_free_, entry->start);
    entries_.erase(entry);
    if (ledger_ != nullptr)
        ledger_->uncharge(Resource::MapEntries, 1);
}

// Makes `address` a border between entries, if it is inside one.
Result<void> VmMap::clip_at(vm_address_t address)
{
    VmMapEntry* entry = entry_containing(address);
    if (entry == nullptr || entry->start == address)
        return {};
    VmMapEntry* tail = entry->duplicate();
    if (tail == nullptr)
        return failure(KERN_RESOURCE_SHORTAGE);
    tail->start = address;
    tail->offset += address - entry->start;
    const vm_address_t end = std::exchange(entry->end, address);
    Result<void> inserted = insert(*tail);
    if (!inserted) {
        entry->end = end;
        tail->object.reset();  // Not the last reference: `entry` has one.
        vm_map_entry_destroy(tail);
    }
    return inserted;
}

Result<void> VmMap::clip(PageRange range)
{
    TRY(clip_at(range.start));
    return clip_at(range.end);
}

// Takes the range out of the map; its entries end up in `removed`, to be dropped when the lock has gone.
Result<void> VmMap::remove(PageRange range, VmEntryList& removed)
{
    if (range.empty())
        return {};
    TRY(clip(range));
    bool any = false;
    for (Iterator entry = first_touching(range.start); entry != entries_.end() && entry->start < range.end;) {
        VmMapEntry& gone = *entry;
        unlink(entry++);
        removed.push_back(gone);
        any = true;
    }
    if (any)
        pmap_->remove(range.start, range.end);
    for (VmMapEntry& gone : removed) {
        if (gone.object != nullptr && !gone.needs_copy)
            gone.object->discard_unseen(gone.first_index(), gone.end_index());
    }
    return {};
}

// ---- Places.

// The lowest free range of that size at or after `from`.
Result<vm_address_t> VmMap::find_space(vm_address_t from, vm_size_t size, vm_offset_t mask)
{
    const auto aligned = [mask](vm_address_t address) { return (address + mask) & ~mask; };
    vm_address_t start = aligned(std::max({round_page(from), first_free_, vm_address_t{VM_MIN_ADDRESS}}));
    for (Iterator next = first_touching(start);; ++next) {
        if (start > VM_MAX_ADDRESS || size > VM_MAX_ADDRESS - start)
            return failure(KERN_NO_SPACE);
        if (next == entries_.end() || next->start - start >= size)
            if (next == entries_.end() || next->start >= start)
                return start;
        start = aligned(std::max(start, next->end));
    }
}

// Where a request's memory goes; with `overwrite` the place has been cleared.
Result<vm_address_t> VmMap::place(const Request& request, VmEntryList& removed)
{
    const vm_size_t size = round_page(request.size);
    if (request.anywhere)
        return find_space(request.address, size, request.mask);
    const vm_address_t start = trunc_page(request.address);
    if (start & request.mask)
        return failure(KERN_INVALID_ARGUMENT);
    if (start == 0 || start > VM_MAX_ADDRESS || size > VM_MAX_ADDRESS - start)
        return failure(KERN_INVALID_ADDRESS);
    const PageRange range{start, start + size};
    if (request.overwrite) {
        TRY(remove(range, removed));
        return start;
    }
    Iterator next = first_touching(start);
    if (next != entries_.end() && next->start < range.end)
        return failure(KERN_NO_SPACE);
    return start;
}

// Untouched zero-filled memory right after the like needs no entry of its own.
bool VmMap::extend_previous(const VmMapEntry& addition)
{
    if (addition.object != nullptr || addition.start == 0)
        return false;
    VmMapEntry* before = entry_containing(addition.start - 1);
    if (before == nullptr || before->object != nullptr || before->protection != addition.protection ||
        before->max_protection != addition.max_protection || before->inheritance != addition.inheritance ||
        before->patience.milliseconds != addition.patience.milliseconds)
        return false;
    before->end = addition.end;
    if (addition.start <= first_free_ && first_free_ < addition.end)
        first_free_ = addition.end;
    return true;
}

// ---- Calls.

Result<vm_address_t> VmMap::enter(Request request)
{
    TRY(PageRange::around(request.address, request.size));
    if (request.size == 0)
        return trunc_page(request.address);
    VmEntryList unused, removed;
    VmMapEntry* entry = vm_map_entry_create();
    if (entry == nullptr)
        return failure(KERN_RESOURCE_SHORTAGE);
    unused.push_back(*entry);
    const vm_size_t size = round_page(request.size);
    entry->object = request.object;
    entry->offset = request.offset;
    entry->protection = request.protection & request.max_protection;
    entry->max_protection = request.max_protection;
    entry->inheritance = request.inheritance;
    entry->patience = request.patience;
    if (request.copy && entry->object != nullptr) {
        const page_index_t first = page_index_of(request.offset);
        entry->object = TRY(vm_object_copy(*request.object, first, first + page_index_of(size)));
        entry->needs_copy = true;
    } else if (entry->object != nullptr) {
        entry->object->share();
    }

    Guard guard{lock_};
    TRY(alive());
    entry->start = TRY(place(request, removed));
    entry->end = entry->start + size;
    const vm_address_t start = entry->start;
    if (extend_previous(*entry))
        return start;
    TRY(insert(*entry));
    unused.pop_front();
    return start;
}

Result<vm_address_t> VmMap::allocate(vm_address_t address, vm_size_t size, int flags)
{
    constexpr int known = VM_FLAGS_ANYWHERE | VM_FLAGS_OVERWRITE;
    if ((flags & ~known) != 0)
        return failure(KERN_INVALID_ARGUMENT);
    Request request;
    request.address = address;
    request.size = size;
    request.anywhere = (flags & VM_FLAGS_ANYWHERE) != 0;
    request.overwrite = (flags & VM_FLAGS_OVERWRITE) != 0;
    return enter(std::move(request));
}

Result<void> VmMap::deallocate(vm_address_t start, vm_size_t size)
{
    const PageRange range = TRY(checked_range(start, size));
    VmEntryList removed;
    Guard guard{lock_};
    TRY(alive());
    return remove(range, removed);
}

Result<void> VmMap::protect(vm_address_t start, vm_size_t size, bool set_maximum, vm_prot_t protection)
{
    const bool copy = (protection & VM_PROT_COPY) != 0;
    const vm_prot_t wanted = protection & ~VM_PROT_COPY;
    if ((wanted & ~VM_PROT_ALL) != 0)
        return failure(KERN_INVALID_ARGUMENT);
    const PageRange range = TRY(checked_range(start, size));
    VmEntryList replaced;  // Only its objects' references are of interest: see `copy`.
    Guard guard{lock_};
    TRY(alive());
    TRY(check_range(range, [&](VmMapEntry& entry) -> Result<void> {
        const vm_prot_t most = entry.max_protection | (copy ? VM_PROT_WRITE : VM_PROT_NONE);
        if ((wanted & ~most) != 0)
            return failure(KERN_PROTECTION_FAILURE);
        return {};
    }));
    return change_range(range, [&](VmMapEntry& entry) -> Result<void> {
        if (copy && (entry.max_protection & VM_PROT_WRITE) == 0) {
            if (!entry.needs_copy && entry.object != nullptr) {
                VmMapEntry* former = entry.duplicate();  // Keeps the object until the lock has gone.
                if (former == nullptr)
                    return failure(KERN_RESOURCE_SHORTAGE);
                replaced.push_back(*former);
                TRY(former->snapshot(entry));
            }
            entry.max_protection |= VM_PROT_WRITE;
        }
        const vm_prot_t before = entry.protection;
        if (set_maximum) {
            entry.max_protection = wanted;
            entry.protection &= wanted;
        } else {
            entry.protection = wanted;
        }
        if ((before & ~entry.protection) != 0)
            pmap_->protect(entry.start, entry.end,
                           entry.protection & ~(entry.needs_copy ? VM_PROT_WRITE : 0));
        return {};
    });
}

Result<void> VmMap::inherit(vm_address_t start, vm_size_t size, vm_inherit_t inheritance)
{
    if (inheritance > VM_INHERIT_LAST_VALID)
        return failure(KERN_INVALID_ARGUMENT);
    const PageRange range = TRY(checked_range(start, size));
    Guard guard{lock_};
    TRY(alive());
    TRY(check_range(range, [](VmMapEntry&) -> Result<void> { return {}; }));
    return change_range(range, [&](VmMapEntry& entry) -> Result<void> {
        entry.inheritance = inheritance;
        return {};
    });
}

Result<void> VmMap::set_patience(vm_address_t start, vm_size_t size, PagerPatience patience)
{
    const PageRange range = TRY(checked_range(start, size));
    Guard guard{lock_};
    TRY(alive());
    TRY(check_range(range, [](VmMapEntry&) -> Result<void> { return {}; }));
    return change_range(range, [&](VmMapEntry& entry) -> Result<void> {
        entry.patience = patience;
        return {};
    });
}

// ---- Questions.

Result<VmMap::Region> VmMap::region(vm_address_t address)
{
    Guard guard{lock_};
    TRY(alive());
    Iterator found = first_touching(address);
    if (found == entries_.end())
        return failure(KERN_INVALID_ADDRESS);
    VmMapEntry& entry = *found;
    Region region{};
    region.start = entry.start;
    region.size = entry.size();
    region.basic.protection = region.extended.protection = entry.protection;
    region.basic.max_protection = entry.max_protection;
    region.basic.inheritance = entry.inheritance;
    region.basic.reserved = entry.object == nullptr;
    region.basic.offset = entry.offset;
    region.basic.behavior = entry.behavior;
    region.extended.share_mode = SM_EMPTY;
    if (entry.object == nullptr)
        return region;
    VmObject& object = *entry.object;
    const bool others = object.reference_count() > 1;
    region.basic.shared = others && !entry.needs_copy;
    region.extended.ref_count = static_cast<natural_t>(object.reference_count());
    region.extended.external_pager = object.has_pager();
    region.extended.share_mode = entry.needs_copy ? SM_COW : others ? SM_SHARED : SM_PRIVATE;
    Guard object_guard{object.lock()};
    for (const VmObject* below = object.shadow(); below != nullptr;) {
        object.assert_family(*below);
        ++region.extended.shadow_depth;
        region.extended.external_pager |= below->has_pager();
        below = below->shadow();
    }
    for (VmPage* page = object.page_from(entry.first_index(), entry.end_index()); page != nullptr;
         page = object.page_from(page->index() + 1, entry.end_index())) {
        ++region.extended.pages_resident;
        if (page->dirty || machine::pmap_is_modified(*page))
            ++region.extended.pages_dirtied;
    }
    return region;
}

vm_size_t VmMap::virtual_size()
{
    Guard guard{lock_};
    vm_size_t size = 0;
    for (const VmMapEntry& entry : entries_)
        size += entry.size();
    return size;
}

uint64_t VmMap::resident_pages() { return pmap_->resident_count(); }
