// kernel/vm/memory_object_control.cpp: what a pager says of its object (memory_object_control.defs).
#include <algorithm>
#include <cstring>

#include <kern/wait_queue.h>
#include <lib/assert.h>
#include <machine/pmap.h>
#include <vm/memory_object.h>
#include <vm/vm_fault.h>
#include <vm/vm_object_return.h>
#include <vm/vm_statistics.h>

using mach::failure;
using mach::Result;

namespace {

// A reference to an object's pages for the length of a call.
class PagesInUse {
public:
    explicit PagesInUse(RefPtr<VmObject> pages) : pages_{std::move(pages)} {}
    PagesInUse(const PagesInUse&) = delete;
    PagesInUse& operator=(const PagesInUse&) = delete;
    ~PagesInUse() { vm_object_release(std::move(pages_)); }
    explicit operator bool() const { return pages_ != nullptr; }
    VmObject& operator*() const { return *pages_; }

private:
    RefPtr<VmObject> pages_;
};

bool is_whole_pages(vm_offset_t offset, vm_size_t size)
{
    return is_page_aligned(offset | size) && offset + size >= offset;
}

// What a fault answers for a pager's reason.  The codes of a bad address or protection are the map's own:
// with a pager's reason the memory was there to be touched, and could not be had.
uint8_t fault_code_of(kern_return_t reason)
{
    if (reason == KERN_SUCCESS || reason == KERN_INVALID_ADDRESS || reason == KERN_PROTECTION_FAILURE ||
        reason == KERN_ABORTED || reason < 0 || reason > 0xff)
        return KERN_MEMORY_ERROR;
    return static_cast<uint8_t>(reason);
}

// A page with the bytes of `data` from page `number` on; null: there is no memory, or the data cannot be had.
VmPage* page_of_data(Thread& self, VmMapCopy& data, uint64_t number)
{
    const vm_offset_t position = page_offset_of(number);
    const size_t length = std::min<size_t>(page_size, data.size() - position);
    if (length == page_size) {
        if (VmPage* stolen = data.steal_page(number))
            return stolen;
    }
    VmPage* page = vm_page_grab();
    if (page == nullptr)
        return nullptr;
    auto* bytes = static_cast<std::byte*>(page->contents());
    if (!data.read_wait(self, position, {bytes, length})) {
        vm_page_free(*page);
        return nullptr;
    }
    std::memset(bytes + length, 0, page_size - length);
    return page;
}

// Puts the supplied page in place of the absent one, or drops it if there is a page already.
void settle_supply(VmObject& pages, page_index_t index, VmPage& page, vm_prot_t lock_value, bool precious)
    REQUIRES(pages.lock())
{
    VmPage* present = pages.page_at(index);
    if (present != nullptr && !present->absent) {
        vm_page_free(page);
        return;
    }
    if (present != nullptr)
        pages.discard(*present);  // Wakes who waits: they find the new page, or ask again.
    if (!pages.insert(page, index)) {
        vm_page_free(page);
        return;
    }
    page.prohibited = static_cast<uint8_t>(lock_value & VM_PROT_ALL);
    page.precious = precious;
    vm_page_activate(page);
    vm_counters.pageins.count();
}

}  // namespace

// ---- Attributes.

Result<MemoryObject::Attributes> MemoryObject::Attributes::from_info(memory_object_flavor_t flavor,
                                                                     std::span<const int> info)
{
    if (flavor != MEMORY_OBJECT_ATTRIBUTE_INFO || info.size() < MEMORY_OBJECT_ATTR_INFO_COUNT)
        return failure(KERN_INVALID_ARGUMENT);
    memory_object_attr_info_data_t wanted;
    std::memcpy(&wanted, info.data(), sizeof wanted);
    const bool known_strategy = wanted.copy_strategy == MEMORY_OBJECT_COPY_DELAY ||
                                wanted.copy_strategy == MEMORY_OBJECT_COPY_TEMPORARY;
    if (!known_strategy || !is_page_aligned(wanted.cluster_size))
        return failure(KERN_INVALID_ARGUMENT);
    Attributes attributes;
    attributes.copy_strategy = wanted.copy_strategy;
    attributes.cluster_size =
        std::clamp<vm_size_t>(wanted.cluster_size, page_size, max_cluster_pages * page_size);
    attributes.may_cache = wanted.may_cache_object != FALSE;
    attributes.temporary = wanted.temporary != FALSE || wanted.copy_strategy == MEMORY_OBJECT_COPY_TEMPORARY;
    return attributes;
}

MemoryObject::Attributes MemoryObject::attributes()
{
    PagesInUse pages{this->pages()};
    if (!pages)
        return attributes_;
    Guard guard{(*pages).lock()};
    return attributes_;
}

void MemoryObject::change_attributes(const Attributes& attributes)
{
    PagesInUse pages{this->pages()};  // When it goes, the object ends if may_cache was all that kept it.
    if (!pages)
        return;
    Guard guard{(*pages).lock()};
    attributes_ = attributes;
    ready_ = true;
    thread_wakeup_all(ready_waiters_);
}

// ---- Answers to requests.

void MemoryObject::data_supply(Thread& self, vm_offset_t offset, VmMapCopy data, vm_prot_t lock_value,
                               bool precious)
{
    PagesInUse pages{this->pages()};
    if (!pages || !is_whole_pages(offset, round_page(data.size())))
        return;
    const uint64_t count = page_index_of(round_page(data.size()));
    for (uint64_t i = 0; i != count; ++i) {
        const page_index_t index = page_index_of(offset) + i;
        VmPage* page = page_of_data(self, data, i);
        if (page == nullptr) {
            data_error(page_offset_of(index), page_size, KERN_MEMORY_ERROR);
            continue;
        }
        Guard guard{(*pages).lock()};
        if (state_ == State::Dead) {
            vm_page_free(*page);
            return;
        }
        settle_supply(*pages, index, *page, lock_value, precious);
    }
}

void MemoryObject::data_unavailable(vm_offset_t offset, vm_size_t size)
{
    PagesInUse pages{this->pages()};
    if (!pages || !is_whole_pages(offset, size))
        return;
    Guard guard{(*pages).lock()};
    const page_index_t end = page_index_of(offset + size);
    for (page_index_t at = page_index_of(offset);;) {
        VmPage* page = (*pages).page_from(at, end);
        if (page == nullptr)
            return;
        at = page->index() + 1;
        if (page->absent) {
            vm_page_zero(*page);
            (*pages).finish_page(*page);
        }
    }
}

void MemoryObject::data_error(vm_offset_t offset, vm_size_t size, kern_return_t reason)
{
    PagesInUse pages{this->pages()};
    if (!pages || !is_whole_pages(offset, size))
        return;
    Guard guard{(*pages).lock()};
    const page_index_t end = page_index_of(offset + size);
    for (page_index_t at = page_index_of(offset);;) {
        VmPage* page = (*pages).page_from(at, end);
        if (page == nullptr)
            return;
        at = page->index() + 1;
        if (page->absent) {
            page->error = true;
            page->error_code = fault_code_of(reason);
            (*pages).finish_page(*page);
        } else if (page->unlock_requested != VM_PROT_NONE) {
            page->unlock_requested = VM_PROT_NONE;
            page->unlock_refused = true;
            page->error_code = fault_code_of(reason);
            (*pages).wake_page_waiters(page->index());
        }
    }
}

void MemoryObject::lock_request(const LockRequest& request)
{
    PagesInUse pages{this->pages()};
    if (!pages || !is_whole_pages(request.offset, request.size))
        return;
    PageReturner returner{pager_, *pages, request};
    while (returner.step()) {
    }
}

// ---- The file service's way to the cache (design D12).

MemoryObject::CacheResult MemoryObject::cache_read(vm_offset_t offset, std::span<char> into)
{
    CacheResult result;
    PagesInUse pages{this->pages()};
    if (!pages) {
        result.absent = trunc_page(offset);
        return result;
    }
    Guard guard{(*pages).lock()};
    while (result.done < into.size()) {
        const vm_offset_t at = offset + result.done;
        const size_t length = std::min<size_t>(into.size() - result.done, page_size - (at & page_mask));
        const VmPage* page = (*pages).page_at(page_index_of(at));
        if (page == nullptr || page->busy || page->error) {
            result.absent = trunc_page(at);
            return result;
        }
        std::memcpy(into.data() + result.done, static_cast<const char*>(page->contents()) + (at & page_mask),
                    length);
        result.done += length;
    }
    return result;
}

namespace {

// The page to write into, with the copy served.  Null: absent, if `absent` is set, or else no memory.
VmPage* page_for_write(VmObject& pages, page_index_t index, bool covers_it, bool& absent)
    REQUIRES(pages.lock())
{
    VmPage* page = pages.page_at(index);
    if (page != nullptr && page->error) {
        pages.discard(*page);
        page = nullptr;
    }
    const bool has_contents = page != nullptr && !page->busy;
    if (!has_contents) {
        absent = !covers_it || pages.copy_needs(index);
        if (absent)
            return nullptr;
        if (page != nullptr) {  // Asked for and not yet supplied: this write is newer than what will come.
            pages.finish_page(*page);
            return page;
        }
        page = vm_page_grab();
        if (page == nullptr)
            return nullptr;
        if (!pages.insert(*page, index)) {
            vm_page_free(*page);
            return nullptr;
        }
        vm_page_activate(*page);
        return page;
    }
    return pages.push(*page) ? page : nullptr;
}

}  // namespace

Result<MemoryObject::CacheResult> MemoryObject::cache_write(vm_offset_t offset, std::span<const char> from)
{
    CacheResult result;
    PagesInUse pages{this->pages()};
    if (!pages)
        return failure(KERN_INVALID_MEMORY_CONTROL);
    Guard guard{(*pages).lock()};
    while (result.done < from.size()) {
        const vm_offset_t at = offset + result.done;
        const size_t length = std::min<size_t>(from.size() - result.done, page_size - (at & page_mask));
        bool absent = false;
        VmPage* page = page_for_write(*pages, page_index_of(at), length == page_size, absent);
        if (page == nullptr && absent) {
            result.absent = trunc_page(at);
            return result;
        }
        if (page == nullptr) {
            if (result.done == 0)
                return failure(KERN_RESOURCE_SHORTAGE);
            return result;
        }
        std::memcpy(static_cast<char*>(page->contents()) + (at & page_mask), from.data() + result.done,
                    length);
        page->dirty = true;
        result.done += length;
    }
    return result;
}
