// kernel/vm/memory_entry.cpp: see memory_entry.h.
#include <vm/memory_entry.h>

#include <algorithm>

#include <kern/mutex.h>
#include <kern/zone.h>
#include <lib/assert.h>
#include <machine/boot.h>
#include <machine/memory.h>
#include <vm/memory_object.h>

using mach::failure;
using mach::Result;

namespace {

constinit Zone<MemoryEntry> memory_entry_zone{"memory entries"};

bool overlaps_ram(phys_address_t start, phys_address_t end)
{
    using Kind = machine::MemoryRange::Kind;
    return std::ranges::any_of(machine::boot_info().memory(), [&](const machine::MemoryRange& range) {
        const bool ours =
            range.kind == Kind::Free || range.kind == Kind::Kernel || range.kind == Kind::Module;
        return ours && start < range.end && range.start < end;
    });
}

// ---- Boot modules.

struct BootModuleEntry {
    enum class State : uint8_t { Untouched, Given, Freed } state = State::Untouched;
    MemoryEntry* entry = nullptr;  // Given: kept by its port.
};

SpinLock<LockRank::MemoryEntries> boot_modules_lock;
std::array<BootModuleEntry, machine::BootInfo::max_modules> boot_modules GUARDED_BY(boot_modules_lock);

// The module's entry has lost its last right.
void forget_boot_module(const MemoryEntry& entry)
{
    Guard guard{boot_modules_lock};
    for (BootModuleEntry& module : boot_modules) {
        if (module.entry == &entry)
            module = {BootModuleEntry::State::Freed, nullptr};
    }
}

// The frames become pages of the allocator's, in use, in an object of their own.
Result<RefPtr<VmObject>> object_of_module(const machine::BootModule& module)
{
    const vm_size_t size = round_page(module.size);
    RefPtr<VmObject> object = TRY(VmObject::create(size));
    TRY(vm_page_adopt({module.address, module.address + size}));
    for (vm_offset_t at = 0; at != size; at += page_size) {
        VmPage* page = vm_page_of(module.address + at);
        KASSERT(page != nullptr, "the range has just been adopted");
        page->dirty = true;
        Guard guard{object->lock()};
        if (!object->insert(*page, page_index_of(at)))
            return failure(
                KERN_RESOURCE_SHORTAGE);  // The rest of the module is lost, with memory at its end anyway.
        vm_page_activate(*page);
    }
    return object;
}

}  // namespace

// ---- The entry.

Result<RefPtr<MemoryEntry>> MemoryEntry::create(Range range)
{
    MemoryEntry* made = memory_entry_zone.create(std::move(range));
    if (made == nullptr)
        return failure(KERN_RESOURCE_SHORTAGE);
    RefPtr<MemoryEntry> entry = RefPtr<MemoryEntry>::adopt(made);
    entry->port_ = TRY(ipc_kobject_create(IpcKobjectType::MemoryEntry, made));
    entry->reference();  // The port's, until no_senders().
    return entry;
}

void MemoryEntry::no_senders(IpcPort& port)
{
    RefPtr<MemoryEntry> entry = ipc_kobject_object<MemoryEntry>(&port, IpcKobjectType::MemoryEntry);
    if (entry == nullptr)
        return;
    {
        Guard guard{port.lock()};
        if (port.send_rights() != 0)
            return;
    }
    if (entry->ended_.exchange(true))
        return;
    forget_boot_module(*entry);
    ipc_kobject_destroy(port);
    entry->release();
}

Reapable::Step MemoryEntry::reap()
{
    vm_object_release(std::move(range_.object));
    memory_entry_zone.destroy(this);
    return Step::Done;
}

// ---- Particular memory.

namespace {

Result<SendRight> right_to(MemoryEntry::Range range)
{
    RefPtr<MemoryEntry> entry = TRY(MemoryEntry::create(std::move(range)));
    return entry->make_send();
}

// An entry for a part of `range.object`; with VM_PROT_COPY a snapshot of it.
Result<SendRight> right_to_part(MemoryEntry::Range range, vm_prot_t permission)
{
    range.permission = permission & VM_PROT_ALL;
    if ((permission & VM_PROT_COPY) != 0 && !range.snapshot) {
        const page_index_t first = page_index_of(range.offset);
        range.object = TRY(vm_object_copy(*range.object, first, first + page_index_of(range.size)));
        range.snapshot = true;
    }
    return right_to(std::move(range));
}

bool known_permission(vm_prot_t permission) { return (permission & ~(VM_PROT_ALL | VM_PROT_COPY)) == 0; }

}  // namespace

Result<SendRight> memory_entry_of_pager(SendRight pager, vm_size_t size, vm_prot_t permission)
{
    if (size == 0 || !known_permission(permission) || round_page(size) < size)
        return failure(KERN_INVALID_ARGUMENT);
    MemoryEntry::Range range;
    range.object = TRY(MemoryObject::object_of(std::move(pager)));
    range.size = round_page(size);
    return right_to_part(std::move(range), permission);
}

Result<MemoryEntryOfMap> memory_entry_of_map(VmMap& map, vm_address_t address, vm_size_t size,
                                             vm_prot_t permission)
{
    if (size == 0 || !known_permission(permission))
        return failure(KERN_INVALID_ARGUMENT);
    const PageRange wanted = TRY(PageRange::around(address, size));
    VmMap::Backing backing = TRY(map.backing_of(wanted.start));
    const bool copy = (permission & VM_PROT_COPY) != 0;
    const vm_prot_t needed = copy ? VM_PROT_READ : permission;
    if ((needed & ~backing.protection) != 0)
        return failure(KERN_PROTECTION_FAILURE);
    const vm_size_t covered = std::min(backing.size, wanted.size());
    SendRight entry = TRY(
        right_to_part({std::move(backing.object), backing.offset, covered, VM_PROT_NONE, false}, permission));
    return MemoryEntryOfMap{covered, std::move(entry)};
}

Result<MemoryEntryOfMap> memory_entry_of_entry(MemoryEntry& parent, vm_offset_t offset, vm_size_t size,
                                               vm_prot_t permission)
{
    const MemoryEntry::Range& whole = parent.range();
    if (size == 0 || !known_permission(permission) || !is_page_aligned(offset) || offset >= whole.size)
        return failure(KERN_INVALID_ARGUMENT);
    const vm_prot_t needed = (permission & VM_PROT_COPY) != 0 ? VM_PROT_READ : permission;
    if ((needed & ~whole.permission) != 0)
        return failure(KERN_PROTECTION_FAILURE);
    const vm_size_t covered = std::min(round_page(size), whole.size - offset);
    SendRight entry = TRY(right_to_part(
        {whole.object, whole.offset + offset, covered, VM_PROT_NONE, whole.snapshot}, permission));
    return MemoryEntryOfMap{covered, std::move(entry)};
}

Result<SendRight> memory_entry_of_window(phys_address_t start, vm_size_t size, device_cache_mode_t cache_mode)
{
    const phys_address_t end = start + size;
    if (size == 0 || !is_page_aligned(start | size) || end < start || cache_mode > DEVICE_CACHE_NORMAL)
        return failure(KERN_INVALID_ARGUMENT);
    if (overlaps_ram(start, end))
        return failure(KERN_PROTECTION_FAILURE);
    MemoryEntry::Range range;
    range.object = TRY(VmObject::create_window(start, size, cache_mode));
    range.size = size;
    range.permission = VM_PROT_READ | VM_PROT_WRITE;
    return right_to(std::move(range));
}

Result<RefPtr<MemoryEntry>> memory_entry_of_kernel_page(void* memory)
{
    VmPage* page = vm_page_of(machine::virt_to_phys(memory));
    KASSERT(page != nullptr, "not a page of vm_page_grab_kernel()");
    MemoryEntry::Range range;
    range.object = TRY(VmObject::create(page_size));
    range.size = page_size;
    range.permission = VM_PROT_READ;
    {
        Guard guard{range.object->lock()};
        if (!range.object->insert(*page, 0))
            return failure(KERN_RESOURCE_SHORTAGE);
        vm_page_wire(*page);
    }
    return MemoryEntry::create(std::move(range));
}

Result<SendRight> memory_entry_of_boot_module(unsigned index)
{
    const std::span<const machine::BootModule> modules = machine::boot_info().modules();
    if (index >= modules.size())
        return failure(KERN_INVALID_ARGUMENT);
    {
        Guard guard{boot_modules_lock};
        BootModuleEntry& module = boot_modules[index];
        if (module.state == BootModuleEntry::State::Freed)
            return failure(KERN_TERMINATED);
        if (module.state == BootModuleEntry::State::Given) {
            if (module.entry == nullptr || !module.entry->reference_unless_zero())
                return failure(KERN_TERMINATED);
            RefPtr<MemoryEntry> entry = RefPtr<MemoryEntry>::adopt(module.entry);
            guard.unlock();
            return entry->make_send();
        }
        module.state =
            BootModuleEntry::State::Given;  // By this call; a second one at the same time finds no entry yet.
    }
    MemoryEntry::Range range;
    range.object = TRY(object_of_module(modules[index]));
    range.size = round_page(modules[index].size);
    range.permission = VM_PROT_READ | VM_PROT_EXECUTE;
    RefPtr<MemoryEntry> entry = TRY(MemoryEntry::create(std::move(range)));
    SendRight right = entry->make_send();
    Guard guard{boot_modules_lock};
    boot_modules[index].entry = entry.get();
    return right;
}

// ---- What vm_map() is given.

Result<void> memory_entry_resolve(SendRight object, VmMap::Request& request)
{
    if (object.is_null())
        return {};
    if (!is_page_aligned(request.offset))
        return failure(KERN_INVALID_ARGUMENT);
    RefPtr<MemoryEntry> entry = ipc_kobject_object<MemoryEntry>(object.raw(), IpcKobjectType::MemoryEntry);
    if (entry == nullptr) {
        request.object = TRY(MemoryObject::object_of(std::move(object)));
        return {};
    }
    const MemoryEntry::Range& range = entry->range();
    if (request.offset > range.size || round_page(request.size) > range.size - request.offset)
        return failure(KERN_INVALID_ARGUMENT);
    request.copy = request.copy || range.snapshot;
    // A copy is the mapper's own to write: to read is enough.
    const vm_prot_t allowed = request.copy ? range.permission | VM_PROT_WRITE : range.permission;
    if ((request.copy && (range.permission & VM_PROT_READ) == 0) || (request.protection & ~allowed) != 0)
        return failure(KERN_PROTECTION_FAILURE);
    request.max_protection &= allowed;
    request.object = range.object;
    request.offset += range.offset;
    return {};
}
