// kernel/vm/vm_fault.cpp: see vm_fault.h.
//
// An attempt holds the map's lock and then the object's.  Whatever it finds, it lets go of both before it
// waits or sends a message, and the next attempt looks everything up again: that is why a fault needs no
// reference counts and no version numbers of maps.
#include <vm/vm_fault.h>

#include <algorithm>

#include <kern/exception.h>
#include <kern/task.h>
#include <kern/thread.h>
#include <kern/trap.h>
#include <lib/assert.h>
#include <machine/clock.h>
#include <machine/context.h>
#include <machine/pmap.h>
#include <vm/vm_fault_page.h>
#include <vm/vm_map.h>
#include <vm/vm_statistics.h>

using mach::failure;
using mach::Result;

class VmFault {
public:
    VmFault(Thread& self, vm_prot_t access, PageUser* user) : self_{self}, access_{access}, user_{user} {}

    Result<FaultProgress> step(VmMap& map, vm_address_t address);
    Result<FaultProgress> step(VmObject& object, page_index_t index);

private:
    // How an attempt ended, if not by an error.
    struct Attempt {
        FaultProgress progress = FaultProgress::Done;
        RefPtr<MemoryObject> pager;  // Set: send `request` and try again.
        MemoryObject::Request request;
    };

    Result<Attempt> attempt(VmMap& map, vm_address_t address);
    Result<Attempt> attempt(VmObject& object, page_index_t index);
    Result<Attempt> enter_window(VmMap& map, const VmMapEntry& entry, vm_address_t address);
    Result<Attempt> settle(VmObject& object, FaultPage& found, PagerPatience patience)
        REQUIRES(object.lock());
    Result<void> wait(WaitQueue& queue, PagerPatience patience);
    bool writes() const { return (access_ & VM_PROT_WRITE) != 0; }
    bool has_waited() const { return self_.vm.waiting_since_ns != 0; }

    Thread& self_;
    const vm_prot_t access_;
    PageUser* const user_;  // Null: the page is mapped.
};

// Asserts a wait, unless the time of whoever mapped the memory is up.
Result<void> VmFault::wait(WaitQueue& queue, PagerPatience patience)
{
    const uint64_t now = machine::now_ns();
    uint64_t& since = self_.vm.waiting_since_ns;
    if (since == 0)
        since = std::max<uint64_t>(now, 1);
    Deadline deadline = Deadline::never();
    if (patience.limited()) {
        const uint64_t end = since + uint64_t{patience.milliseconds} * 1'000'000;
        if (end <= now)
            return failure(KERN_MEMORY_ERROR);
        deadline = Deadline::at(end);
    }
    assert_wait(self_, queue, self_.vm.interruptible, deadline);
    return {};
}

// What is left to do when the page could not be had at once.
Result<VmFault::Attempt> VmFault::settle(VmObject&, FaultPage& found, PagerPatience patience)
{
    switch (found.kind) {
    case FaultPage::Kind::Busy:
        TRY(wait(*found.waiters, patience));
        return Attempt{FaultProgress::Waiting, nullptr, {}};
    case FaultPage::Kind::Request:
        if (!has_waited())
            self_.vm.waiting_since_ns = std::max<uint64_t>(machine::now_ns(), 1);
        return Attempt{FaultProgress::Waiting, RefPtr<MemoryObject>{found.pager}, found.request};
    default:
        return failure(found.code);
    }
}

Result<VmFault::Attempt> VmFault::enter_window(VmMap& map, const VmMapEntry& entry, vm_address_t address)
{
    if (user_ != nullptr)
        return failure(KERN_NOT_SUPPORTED);  // The kernel does not touch a device's registers for a task.
    const VmObject& window = *entry.object;
    const phys_address_t physical = window.window_base() + page_offset_of(entry.index_of(address));
    TRY(map.pmap().enter_physical(address, physical, entry.protection, window.cache_mode()));
    return Attempt{};
}

Result<VmFault::Attempt> VmFault::attempt(VmMap& map, vm_address_t address)
{
    Guard map_guard{map.lock_};
    VmMapEntry* entry = map.entry_containing(address);
    if (entry == nullptr)
        return failure(KERN_INVALID_ADDRESS);
    if ((access_ & ~entry->protection) != 0 || entry->protection == VM_PROT_NONE)
        return failure(KERN_PROTECTION_FAILURE);
    TRY(entry->make_object());
    if (entry->object->is_window())
        return enter_window(map, *entry, address);
    if (writes())
        TRY(entry->make_writable());
    VmObject& object = *entry->object;
    vm_object_collapse(object);

    Guard guard{object.lock()};
    FaultPage found =
        vm_fault_page(object, {entry->index_of(address), entry->end_index(), access_, has_waited()});
    if (found.kind != FaultPage::Kind::Found)
        return settle(object, found, entry->patience);
    if (user_ != nullptr) {
        if (writes()) {
            // The page may be a new copy of one that this map still shows.
            map.pmap().remove(trunc_page(address), trunc_page(address) + page_size);
            found.page->dirty = true;
        }
        user_->use(*found.page);
        return Attempt{};
    }
    const bool may_write = found.may_write && !entry->needs_copy;
    const vm_prot_t most = ~(found.page->prohibited | (may_write ? VM_PROT_NONE : VM_PROT_WRITE));
    const vm_prot_t protection = entry->protection & most;
    if ((protection & VM_PROT_WRITE) != 0)
        object.note_writable(found.page->index());  // may_write: the page is the object's own.
    TRY(map.pmap().enter(address, *found.page, protection, false));
    return Attempt{};
}

Result<VmFault::Attempt> VmFault::attempt(VmObject& object, page_index_t index)
{
    Guard guard{object.lock()};
    FaultPage found = vm_fault_page(object, {index, object.end_index(), access_, has_waited()});
    if (found.kind != FaultPage::Kind::Found)
        return settle(object, found, PagerPatience{});
    user_->use(*found.page);
    return Attempt{};
}

Result<FaultProgress> VmFault::step(VmMap& map, vm_address_t address)
{
    for (;;) {
        Attempt attempted = TRY(attempt(map, trunc_page(address)));
        if (attempted.pager == nullptr)
            return attempted.progress;
        attempted.pager->send(attempted.request);
    }
}

Result<FaultProgress> VmFault::step(VmObject& object, page_index_t index)
{
    for (;;) {
        Attempt attempted = TRY(attempt(object, index));
        if (attempted.pager == nullptr)
            return attempted.progress;
        attempted.pager->send(attempted.request);
    }
}

namespace {

// Repeats step() until it is done, waiting on the stack.
template <class Step>
Result<void> complete(Thread& self, Step step)
{
    self.vm.waiting_since_ns = 0;
    self.vm.interruptible = Interruptible::Yes;
    for (;;) {
        if (TRY(step()) == FaultProgress::Done)
            return {};
        if (thread_block(self) == WaitResult::Interrupted)
            return failure(KERN_ABORTED);
    }
}

}  // namespace

Result<FaultProgress> vm_fault_step(Thread& self, VmMap& map, vm_address_t address, vm_prot_t access)
{
    return VmFault{self, access, nullptr}.step(map, address);
}

Result<void> vm_fault_wait(Thread& self, VmMap& map, vm_address_t address, vm_prot_t access)
{
    vm_counters.faults.count();
    return complete(self, [&] { return vm_fault_step(self, map, address, access); });
}

Result<void> vm_fault_use_wait(Thread& self, VmMap& map, vm_address_t address, vm_prot_t access,
                               PageUser& user)
{
    return complete(self, [&] { return VmFault{self, access, &user}.step(map, address); });
}

Result<void> vm_fault_object_wait(Thread& self, VmObject& object, page_index_t index, PageUser& user)
{
    return complete(self, [&] { return VmFault{self, VM_PROT_READ, &user}.step(object, index); });
}

// ---- Faults that wait with a continuation.

namespace {

[[noreturn]] void finish_user(Thread& self);

// Starts, and after each wait continues, the fault in self.vm.
[[noreturn]] void fault_go_on(Thread& self)
{
    const VmThreadState& fault = self.vm;
    const bool aborted = fault.waiting_since_ns != 0 && self.wait_result() == WaitResult::Interrupted;
    kern_return_t code = KERN_ABORTED;
    if (!aborted) {
        const Result<FaultProgress> progress =
            vm_fault_step(self, self.task().map(), fault.address, fault.access);
        if (progress && *progress == FaultProgress::Waiting)
            thread_block_with(self, fault_go_on);
        code = mach::code_of(progress);
    }
    self.fault_result = code;
    if (fault.finish == finish_user)
        finish_user(self);
    // A trap that touches many pages faults as often, and must not go deeper into the stack each time.
    machine::call_continuation_on(*machine::current_stack(), fault.finish, self);
}

[[noreturn]] void fault_start(Thread& self, vm_address_t address, vm_prot_t access,
                              Interruptible interruptible, Continuation finish)
{
    vm_counters.faults.count();
    self.task().events.faults.fetch_add(1, std::memory_order_relaxed);
    self.vm.begin(address, access, interruptible);
    self.vm.finish = finish;
    fault_go_on(self);
}

// An aborted fault has had no effect: if the thread goes on, it faults again.
[[noreturn]] void finish_user(Thread& self)
{
    const kern_return_t code = self.fault_result;
    if (code == KERN_SUCCESS || code == KERN_ABORTED)
        thread_exception_return(self);
    exception_raise(self, EXC_BAD_ACCESS, code, static_cast<exception_data_type_t>(self.vm.address));
}

[[noreturn]] void finish_trap(Thread& self)
{
    if (self.fault_result == KERN_SUCCESS)
        trap_restart(self);
    thread_return(self, self.fault_result == KERN_ABORTED ? KERN_ABORTED : self.trap_fault_result);
}

}  // namespace

void vm_fault_user(Thread& self, vm_address_t address, vm_prot_t access)
{
    fault_start(self, address, access, Interruptible::Safely, finish_user);
}

void vm_fault_and_restart_trap(Thread& self, vm_address_t address, vm_prot_t access)
{
    fault_start(self, address, access, Interruptible::Safely, finish_trap);
}

void vm_fault_safely_then(Thread& self, vm_address_t address, vm_prot_t access, Continuation then)
{
    fault_start(self, address, access, Interruptible::Safely, then);
}

void vm_fault_then(Thread& self, vm_address_t address, vm_prot_t access, Continuation then)
{
    fault_start(self, address, access, Interruptible::Yes, then);
}
