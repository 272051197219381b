// kernel/vm/vm_fault_page.cpp: see vm_fault_page.h.
#include <vm/vm_fault_page.h>

#include <algorithm>
#include <utility>

#include <kern/wait_queue.h>
#include <lib/assert.h>
#include <machine/pmap.h>
#include <vm/vm_statistics.h>

namespace {

bool is_write(vm_prot_t access) { return (access & VM_PROT_WRITE) != 0; }

// A page of `first`'s own is there.  Before it may change, its copy gets the old contents (O3).
FaultPage own_page(VmObject& first, VmPage& page, vm_prot_t access) REQUIRES(first.lock())
{
    if (is_write(access)) {
        KASSERT(!first.frozen(), "O4");
        if (!first.push(page))
            return FaultPage::failed(KERN_RESOURCE_SHORTAGE);
        return FaultPage::found(page, true);
    }
    const bool may_write =
        !first.frozen() && (page.prohibited & VM_PROT_WRITE) == 0 && !first.copy_needs(page.index());
    return FaultPage::found(page, may_write);
}

// Puts a page, filled by the caller, into `first`.
FaultPage install(VmObject& first, VmPage& page, page_index_t index, vm_prot_t access) REQUIRES(first.lock())
{
    if (!first.insert(page, index)) {
        vm_page_free(page);
        return FaultPage::failed(KERN_RESOURCE_SHORTAGE);
    }
    vm_page_activate(page);
    FaultPage result = own_page(first, page, access);
    if (result.kind == FaultPage::Kind::Failed)
        first.discard(page);
    return result;
}

FaultPage zero_fill(VmObject& first, page_index_t index, vm_prot_t access) REQUIRES(first.lock())
{
    VmPage* page = vm_page_grab_zeroed();
    if (page == nullptr)
        return FaultPage::failed(KERN_RESOURCE_SHORTAGE);
    vm_counters.zero_fills.count();
    return install(first, *page, index, access);
}

// `below`, a page of an object that `first` shadows, is to be written: `first` gets its own.
FaultPage copy_up(VmObject& first, VmPage& below, page_index_t index, vm_prot_t access) REQUIRES(first.lock())
{
    VmPage* page = vm_page_grab();
    if (page == nullptr)
        return FaultPage::failed(KERN_RESOURCE_SHORTAGE);
    vm_page_copy(below, *page);
    page->dirty = true;
    // Others who map `first` may have the page below mapped in its stead.
    if (below.mappings != nullptr && first.reference_count() > 1)
        machine::pmap_page_protect(below, VM_PROT_NONE);
    vm_counters.copy_faults.count();
    return install(first, *page, index, access);
}

// The pager forbids what is wanted until it is asked.
FaultPage ask_unlock(VmObject& object, VmPage& page, vm_prot_t wanted, bool has_waited)
    REQUIRES(object.lock())
{
    if (std::exchange(page.unlock_refused, false) && has_waited)
        return FaultPage::failed(page.error_code);
    if ((wanted & ~page.unlock_requested) == 0)
        return FaultPage::busy(object.page_waiters(page.index()));
    page.unlock_requested |= static_cast<uint8_t>(wanted);
    return FaultPage::ask(*object.pager(), {MemoryObject::Request::Kind::Unlock, page_offset_of(page.index()),
                                            page_size, wanted});
}

// How much to ask for at `index`: reading ahead pays where somebody reads on, which the page before shows, and at the
// object's beginning.  Who jumps about gets what he touches.
uint64_t pages_to_ask_for(const VmObject& object, page_index_t index, page_index_t end)
    REQUIRES(object.lock())
{
    const bool reads_on = index == 0 || object.page_at(index - 1) != nullptr;
    return reads_on ? std::min<uint64_t>(object.pager()->cluster_pages(), end - index) : 1;
}

// Asks the pager for a page, and perhaps for absent ones behind it.
FaultPage ask_data(VmObject& object, page_index_t index, page_index_t end, vm_prot_t access)
    REQUIRES(object.lock())
{
    MemoryObject& pager = *object.pager();
    if (pager.state() == MemoryObject::State::Dead)
        return FaultPage::failed(pager.death_reason());
    if (!pager.ready())
        return FaultPage::busy(pager.ready_waiters());
    const uint64_t cluster = pages_to_ask_for(object, index, end);
    uint64_t count = 0;
    for (; count != cluster && object.page_at(index + count) == nullptr; ++count) {
        VmPage* page = vm_page_grab();
        if (page == nullptr)
            break;
        page->busy = page->absent = true;
        if (!object.insert(*page, index + count)) {
            page->forget_state();
            vm_page_free(*page);
            break;
        }
    }
    if (count == 0)
        return FaultPage::failed(KERN_RESOURCE_SHORTAGE);
    return FaultPage::ask(
        pager, {MemoryObject::Request::Kind::Data, page_offset_of(index), page_offset_of(count), access});
}

// What the pager said to `page`, if this fault asked; else the question is put again.
bool take_error(VmObject& object, VmPage& page, bool has_waited, kern_return_t& code) REQUIRES(object.lock())
{
    code = page.error_code;
    object.discard(page);
    return has_waited;
}

}  // namespace

FaultPage vm_fault_page(VmObject& first, const FaultPageRequest& request)
{
    VmObject* object = &first;
    page_index_t index = request.index;
    page_index_t end = request.end;
    for (;;) {
        first.assert_family(*object);
        // Only the first object is written; what lies below is read.
        const vm_prot_t wanted = object == &first ? request.access : request.access & ~VM_PROT_WRITE;
        VmPage* page = object->page_at(index);
        if (page != nullptr && page->error) {
            kern_return_t code = KERN_SUCCESS;
            if (take_error(*object, *page, request.has_waited, code))
                return FaultPage::failed(code);
            page = nullptr;
        }
        if (page != nullptr) {
            if (page->busy)
                return FaultPage::busy(object->page_waiters(index));
            if ((page->prohibited & wanted) != 0)
                return ask_unlock(*object, *page, wanted & page->prohibited, request.has_waited);
            if (object == &first)
                return own_page(first, *page, request.access);
            if (is_write(request.access))
                return copy_up(first, *page, request.index, request.access);
            return FaultPage::found(*page, false);
        }
        if (object->has_pager())
            return ask_data(*object, index, end, wanted);
        VmObject* below = object->shadow();
        if (below == nullptr)
            return zero_fill(first, request.index, request.access);
        index += object->shadow_index();
        end += object->shadow_index();
        object = below;
    }
}
