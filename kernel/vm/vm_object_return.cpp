// kernel/vm/vm_object_return.cpp: see vm_object_return.h.
#include <vm/vm_object_return.h>

#include <lib/assert.h>
#include <machine/pmap.h>
#include <memory_object_kernel.h>  // Made by mig from <mach/memory_object.defs>.
#include <vm/vm_statistics.h>

namespace {
constexpr unsigned pages_per_step = 256;  // Looked at, whether returned or not.
}

bool PageReturner::step()
{
    // Made before a page leaves its object, so that no page is lost for want of memory.
    mach::Result<RefPtr<VmObject>> batch = VmObject::create(page_offset_of(pages_per_message));
    bool can_return = false;
    if (batch) {
        Guard guard{(*batch)->lock()};
        can_return = (*batch)->reserve();
    }
    if (!can_return && request_.should_return != MEMORY_OBJECT_RETURN_NONE)
        return false;  // The pages stay, dirty as they are.
    Run run;
    bool more = false;
    {
        Guard guard{object_.lock()};
        gather(run);
        more = at_ < end_ && object_.page_from(at_, end_) != nullptr;
    }
    if (run.count != 0)
        send(run, std::move(*batch));
    return more;
}

bool PageReturner::wanted(const VmPage& page, bool dirty) const
{
    switch (request_.should_return) {
    case MEMORY_OBJECT_RETURN_DIRTY:
        return dirty;
    case MEMORY_OBJECT_RETURN_ALL:
        return dirty || page.precious;
    case MEMORY_OBJECT_RETURN_ANYTHING:
        return true;
    default:
        return false;
    }
}

// Works on pages from at_ on, until a run for one message is complete or the step has been long enough.
void PageReturner::gather(Run& run)
{
    for (unsigned looked_at = 0; looked_at != pages_per_step && run.count != pages_per_message; ++looked_at) {
        VmPage* page = object_.page_from(at_, end_);
        if (page == nullptr) {
            at_ = end_;
            return;
        }
        const page_index_t index = page->index();
        const bool dirty = page->dirty || machine::pmap_is_modified(*page);
        const bool goes = !page->busy && !page->error && wanted(*page, dirty);
        if (run.count != 0 && (!goes || index != run.first + run.count || dirty != run.dirty))
            return;
        at_ = index + 1;
        if (page->busy)
            continue;  // Its request is still out; what comes will be newer than this call.
        if (request_.lock_value != VM_PROT_NO_CHANGE)
            change_lock(*page);
        if (goes) {
            if (run.count == 0) {
                run.first = index;
                run.dirty = dirty;
                run.kernel_keeps = !request_.flush;
            }
            if (!take(*page, run))
                return;
        } else if (request_.flush && (page->error || object_.push(*page))) {
            object_.discard(*page);
        }
    }
}

void PageReturner::change_lock(VmPage& page)
{
    page.prohibited = static_cast<uint8_t>(request_.lock_value);
    if (page.prohibited != VM_PROT_NONE)
        machine::pmap_page_protect(page, VM_PROT_ALL & ~page.prohibited);
    if (page.unlock_requested != VM_PROT_NONE) {
        page.unlock_requested = VM_PROT_NONE;
        object_.wake_page_waiters(page.index());
    }
}

// Puts the page, or a copy if the kernel keeps it, into the run.  False: no memory; it stays as it is.
bool PageReturner::take(VmPage& page, Run& run)
{
    if (!request_.flush) {
        VmPage* copy = vm_page_grab();
        if (copy == nullptr)
            return false;
        // Writing faults again before the copy is made, so nothing that is written later is taken for clean.
        machine::pmap_clear_modify(page);
        vm_page_copy(page, *copy);
        page.dirty = page.precious = false;
        run.pages[run.count++] = copy;
        return true;
    }
    if (!object_.push(page))
        return false;
    object_.remove(page);
    page.forget_state();
    run.pages[run.count++] = &page;
    return true;
}

void PageReturner::send(Run& run, RefPtr<VmObject> batch)
{
    {
        Guard guard{batch->lock()};
        for (unsigned i = 0; i != run.count; ++i) {
            const bool inserted = batch->insert(*run.pages[i], i);
            KVERIFY(inserted, "reserve() made room");
            vm_page_activate(*run.pages[i]);
        }
    }
    vm_counters.pageouts.count(run.count);
    mach::Result<VmMapCopy> data = VmMapCopy::from_object(std::move(batch), page_offset_of(run.count));
    if (!data)
        return;
    KernelMessage message;
    if (!memory_object_calls::encode_memory_object_data_return(message, page_offset_of(run.first),
                                                               std::move(*data), run.dirty, run.kernel_keeps))
        return;
    message.set_destination(pager_.copy());
    send_from_kernel(std::move(message));
}
