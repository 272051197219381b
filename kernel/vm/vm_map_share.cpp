// kernel/vm/vm_map_share.cpp
//
// Memory that goes from map to map: inheritance, out-of-line memory of messages, remapping, memory entries.
//
// Everything here works on entries and objects; no page is touched and no pager asked.
#include <vm/vm_map.h>

#include <algorithm>

#include <kern/zone.h>
#include <lib/assert.h>
#include <mach/vm_statistics.h>

using mach::failure;
using mach::Result;

namespace {

// An entry that is destroyed unless it is taken.
class OwnedEntry {
public:
    explicit OwnedEntry(VmMapEntry* entry) : entry_{entry} {}
    OwnedEntry(const OwnedEntry&) = delete;
    OwnedEntry& operator=(const OwnedEntry&) = delete;
    ~OwnedEntry()
    {
        if (entry_ != nullptr)
            vm_map_entry_destroy(entry_);
    }
    explicit operator bool() const { return entry_ != nullptr; }
    VmMapEntry* operator->() const { return entry_; }
    VmMapEntry& operator*() const { return *entry_; }
    VmMapEntry* take() { return std::exchange(entry_, nullptr); }

private:
    VmMapEntry* entry_;
};

}  // namespace

// ---- Inheritance.

// An entry of the same object, so that each sees what the other writes.
Result<VmMapEntry*> VmMap::shared(VmMapEntry& entry)
{
    TRY(entry.share_object());
    VmMapEntry* other = entry.duplicate();
    if (other == nullptr)
        return failure(KERN_RESOURCE_SHORTAGE);
    return other;
}

// What a child gets for `entry`; null: nothing.
Result<VmMapEntry*> VmMap::inherited(VmMapEntry& entry)
{
    const bool window = entry.object != nullptr && entry.object->is_window();
    if (entry.inheritance == VM_INHERIT_NONE)
        return nullptr;
    if (entry.inheritance == VM_INHERIT_SHARE || window)
        return shared(entry);
    OwnedEntry copy{entry.duplicate()};
    if (!copy)
        return failure(KERN_RESOURCE_SHORTAGE);
    TRY(entry.snapshot(*copy));
    return copy.take();
}

Result<RefPtr<VmMap>> VmMap::fork(RefPtr<Ledger> ledger)
{
    RefPtr<VmMap> child = TRY(create(std::move(ledger)));
    VmEntryList entries;
    {
        Guard guard{lock_};
        TRY(alive());
        for (VmMapEntry& entry : entries_) {
            if (VmMapEntry* copy = TRY(inherited(entry)))
                entries.push_back(*copy);
        }
    }
    Guard guard{child->lock_};
    while (!entries.empty()) {
        TRY(child->insert(*entries.begin()));
        entries.pop_front();
    }
    return child;
}

// ---- Copies.

// Copies of all entries of a range, in order, with their addresses counted from its start.
Result<void> VmMap::collect(PageRange range, bool copy, VmEntryList& into)
{
    return check_range(range, [&](VmMapEntry& entry) -> Result<void> {
        const bool window = entry.object != nullptr && entry.object->is_window();
        if (copy && window)
            return failure(KERN_NOT_SUPPORTED);
        if (!copy)
            TRY(entry.share_object());
        OwnedEntry part{entry.duplicate()};
        if (!part)
            return failure(KERN_RESOURCE_SHORTAGE);
        const vm_address_t start = std::max(entry.start, range.start);
        part->offset += start - entry.start;
        part->start = start - range.start;
        part->end = std::min(entry.end, range.end) - range.start;
        if (copy)
            TRY(entry.snapshot(*part));
        into.push_back(*part.take());
        return {};
    });
}

// The sender gives the memory up: entries move as they are where nobody else can see their pages (O7, C2), and are copied
// where somebody could.
Result<void> VmMap::move_or_copy(PageRange range, VmEntryList& into, VmEntryList& removed)
{
    TRY(clip(range));
    for (Iterator it = first_touching(range.start); it != entries_.end() && it->start < range.end;) {
        VmMapEntry& entry = *it;
        const bool ours_alone = entry.object == nullptr || entry.object->shown_once();
        if (!ours_alone && !entry.needs_copy) {
            OwnedEntry copy{entry.duplicate()};
            if (!copy)
                return failure(KERN_RESOURCE_SHORTAGE);
            TRY(entry.snapshot(*copy));
            copy->start -= range.start;
            copy->end -= range.start;
            into.push_back(*copy.take());
            unlink(it++);
            removed.push_back(entry);
        } else {
            unlink(it++);
            entry.start -= range.start;
            entry.end -= range.start;
            into.push_back(entry);
        }
    }
    pmap_->remove(range.start, range.end);
    return {};
}

Result<VmMapCopy> VmMap::copy_in(vm_address_t start, vm_size_t size, bool deallocate_source)
{
    const PageRange range = TRY(checked_range(start, size));
    VmMapCopy copy;
    if (range.empty())
        return copy;
    VmEntryList entries, removed;
    Guard guard{lock_};
    TRY(alive());
    TRY(check_range(range, [](VmMapEntry& entry) -> Result<void> {
        if ((entry.protection & VM_PROT_READ) == 0)
            return failure(KERN_PROTECTION_FAILURE);
        if (entry.object != nullptr && entry.object->is_window())
            return failure(KERN_NOT_SUPPORTED);
        return {};
    }));
    if (deallocate_source)
        TRY(move_or_copy(range, entries, removed));
    else
        TRY(collect(range, /*copy=*/true, entries));
    copy.form_ = VmMapCopy::Form::EntryList;
    copy.offset_ = start - range.start;
    copy.size_ = size;
    copy.entries_ = std::move(entries);
    return copy;
}

// Enters a list whose addresses count from 0, at the place that `request` asks for.  On failure the list is
// whole.
Result<void> VmMap::copy_out_list(VmEntryList& list, const Request& request, vm_address_t& address)
{
    VmEntryList removed;
    Guard guard{lock_};
    TRY(alive());
    if (entries_.size() + list.count() > entry_limit)
        return failure(KERN_RESOURCE_SHORTAGE);
    address = TRY(place(request, removed));
    VmEntryList entered;
    Result<void> result;
    while (!list.empty() && result) {
        VmMapEntry& entry = list.pop_front();
        entry.start += address;
        entry.end += address;
        result = insert(entry);
        if (!result) {  // The ledger is at its limit: everything back.
            entry.start -= address;
            entry.end -= address;
            entered.push_back(entry);
        }
    }
    if (result)
        return result;
    VmEntryList whole;
    for (Iterator it = first_touching(address); it != entries_.end() && it->start < address + request.size;) {
        VmMapEntry& entry = *it;
        unlink(it++);
        entry.start -= address;
        entry.end -= address;
        whole.push_back(entry);
    }
    while (!entered.empty())
        whole.push_back(entered.pop_front());
    while (!list.empty())
        whole.push_back(list.pop_front());
    list = std::move(whole);
    return result;
}

Result<vm_address_t> VmMap::copy_out(VmMapCopy& copy)
{
    if (copy.empty())
        return vm_address_t{0};
    if (copy.form() == VmMapCopy::Form::KernelBuffer)
        TRY(copy.make_entries());
    for (VmMapEntry& entry : copy.entries_) {
        entry.protection = VM_PROT_DEFAULT;
        entry.max_protection = VM_PROT_ALL;
        entry.inheritance = VM_INHERIT_DEFAULT;
        entry.behavior = VM_BEHAVIOR_DEFAULT;
        entry.patience = {};
    }
    Request request;
    request.size = copy.page_span();
    vm_address_t address = 0;
    TRY(copy_out_list(copy.entries_, request, address));
    const vm_address_t first = address + copy.offset();
    copy.release();
    return first;
}

// ---- Remapping, and objects for memory entries.

Result<VmMap::RemapResult> VmMap::remap(VmMap& source, vm_address_t source_start, const Request& request)
{
    const PageRange range = TRY(source.checked_range(source_start, request.size));
    RemapResult result{0, VM_PROT_ALL, VM_PROT_ALL};
    if (range.empty())
        return result;
    VmEntryList entries;
    {
        Guard guard{source.lock_};
        TRY(source.alive());
        TRY(source.collect(range, request.copy, entries));
    }
    for (VmMapEntry& entry : entries) {
        result.protection &= entry.protection;
        result.max_protection &= entry.max_protection;
        entry.inheritance = request.inheritance;
    }
    Request place = request;
    place.size = range.size();
    TRY(copy_out_list(entries, place, result.address));
    return result;
}

Result<VmMap::Backing> VmMap::backing_of(vm_address_t address)
{
    Guard guard{lock_};
    TRY(alive());
    VmMapEntry* entry = entry_containing(address);
    if (entry == nullptr)
        return failure(KERN_INVALID_ADDRESS);
    TRY(entry->share_object());
    return Backing{entry->object, entry->offset + (trunc_page(address) - entry->start),
                   entry->end - trunc_page(address), entry->max_protection};
}
