// kernel/vm/vm_map_copy.cpp: see vm_map_copy.h.
#include <vm/vm_map_copy.h>

#include <algorithm>
#include <cstring>

#include <kern/zone.h>
#include <lib/assert.h>
#include <machine/pmap.h>
#include <vm/vm_fault.h>

using mach::failure;
using mach::Result;

namespace {

// Copies part of a page out.
class BytesOut final : public PageUser {
public:
    BytesOut(vm_offset_t offset, std::span<std::byte> into) : offset_{offset}, into_{into} {}
    void use(VmPage& page) override
    {
        std::memcpy(into_.data(), static_cast<const std::byte*>(page.contents()) + offset_, into_.size());
    }

private:
    const vm_offset_t offset_;
    const std::span<std::byte> into_;
};

// An anonymous object that holds the bytes.
Result<RefPtr<VmObject>> object_of_bytes(std::span<const std::byte> data)
{
    RefPtr<VmObject> object = TRY(VmObject::create(data.size()));
    for (vm_offset_t at = 0; at < data.size(); at += page_size) {
        VmPage* page = vm_page_grab();
        if (page == nullptr)
            return failure(KERN_RESOURCE_SHORTAGE);
        const size_t length = std::min<size_t>(page_size, data.size() - at);
        std::memcpy(page->contents(), data.data() + at, length);
        std::memset(static_cast<std::byte*>(page->contents()) + length, 0, page_size - length);
        page->dirty = true;
        Guard guard{object->lock()};
        if (!object->insert(*page, page_index_of(at))) {
            page->forget_state();
            vm_page_free(*page);
            return failure(KERN_RESOURCE_SHORTAGE);
        }
        vm_page_activate(*page);
    }
    return object;
}

}  // namespace

Result<VmMapCopy> VmMapCopy::from_kernel(std::span<const std::byte> data)
{
    VmMapCopy copy;
    if (data.empty())
        return copy;
    if (data.size() > kalloc_limit)
        return failure(KERN_RESOURCE_SHORTAGE);
    copy.buffer_ = kalloc(data.size());
    if (copy.buffer_ == nullptr)
        return failure(KERN_RESOURCE_SHORTAGE);
    std::memcpy(copy.buffer_, data.data(), data.size());
    copy.form_ = Form::KernelBuffer;
    copy.size_ = data.size();
    return copy;
}

Result<VmMapCopy> VmMapCopy::from_object(RefPtr<VmObject> object, vm_size_t size)
{
    VmMapEntry* entry = vm_map_entry_create();
    if (entry == nullptr) {
        vm_object_release(std::move(object));
        return failure(KERN_RESOURCE_SHORTAGE);
    }
    entry->end = round_page(size);
    entry->object = std::move(object);
    VmMapCopy copy;
    copy.form_ = Form::EntryList;
    copy.size_ = size;
    copy.entries_.push_back(*entry);
    return copy;
}

Result<void> VmMapCopy::make_entries()
{
    const std::span<const std::byte> data{static_cast<const std::byte*>(buffer_), size_};
    RefPtr<VmObject> object = TRY(object_of_bytes(data));
    VmMapCopy made = TRY(from_object(std::move(object), size_));
    *this = std::move(made);
    return {};
}

void VmMapCopy::release()
{
    if (buffer_ != nullptr)
        kfree(std::exchange(buffer_, nullptr), size_);
    entries_.clear();
    form_ = Form::Empty;
    size_ = 0;
    offset_ = 0;
}

const VmMapEntry* VmMapCopy::entry_at(vm_offset_t page_address) const
{
    for (const VmMapEntry& entry : entries_) {
        if (page_address < entry.end)
            return &entry;
    }
    return nullptr;
}

Result<void> VmMapCopy::read_wait(Thread& self, vm_offset_t position, std::span<std::byte> into) const
{
    if (position > size_ || into.size() > size_ - position)
        return failure(KERN_INVALID_ARGUMENT);
    if (form_ == Form::KernelBuffer) {
        std::memcpy(into.data(), static_cast<const std::byte*>(buffer_) + position, into.size());
        return {};
    }
    vm_offset_t at = offset_ + position;
    while (!into.empty()) {
        const VmMapEntry* entry = entry_at(at);
        KASSERT(entry != nullptr, "C1");
        const size_t length = std::min<size_t>(into.size(), page_size - (at & page_mask));
        BytesOut bytes{at & page_mask, into.first(length)};
        if (entry->object == nullptr)
            std::memset(into.data(), 0, length);
        else
            TRY(vm_fault_object_wait(self, *entry->object, entry->index_of(trunc_page(at)), bytes));
        into = into.subspan(length);
        at += length;
    }
    return {};
}

VmPage* VmMapCopy::steal_page(uint64_t number)
{
    const VmMapEntry* entry = entry_at(page_offset_of(number));
    if (offset_ != 0 || entry == nullptr || entry->object == nullptr || entry->object->reference_count() != 1)
        return nullptr;
    VmObject& object = *entry->object;
    if (object.has_pager() || object.is_window())
        return nullptr;
    Guard guard{object.lock()};
    if (object.frozen() || object.copy() != nullptr)
        return nullptr;  // The source could take the missing page for one that has not changed.
    VmPage* page = object.page_at(entry->index_of(page_offset_of(number)));
    if (page == nullptr || page->busy || page->error || page->wired())
        return nullptr;
    object.remove(*page);
    page->forget_state();
    return page;
}
