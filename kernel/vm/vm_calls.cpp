// kernel/vm/vm_calls.cpp
//
// The routines of <mach/vm_map.defs>, as mig's kernel stubs call them: argument checks, and nothing else.
// Errors and the fate of arguments are documented there.
#include <cstring>

#include <kern/task.h>
#include <kern/thread.h>
#include <mach/vm_region.h>
#include <mach/vm_statistics.h>
#include <vm/memory_entry.h>
#include <vm/vm_user.h>

#include <vm_map_kernel.h>  // Made by mig.

using mach::failure;
using mach::Result;

namespace {

// A terminated map is that of a task that has ended.
template <class T>
Result<T> of_task(Result<T> result)
{
    if (!result && result.error() == KERN_TERMINATED)
        return failure(KERN_INVALID_TASK);
    return result;
}

bool known_flags(int flags) { return (flags & ~(VM_FLAGS_ANYWHERE | VM_FLAGS_OVERWRITE)) == 0; }

// The part of a request that vm_map() and vm_remap() share.
Result<VmMap::Request> place_of(vm_address_t address, vm_size_t size, vm_offset_t mask, int flags,
                                vm_inherit_t inheritance)
{
    if (!known_flags(flags) || inheritance > VM_INHERIT_LAST_VALID)
        return failure(KERN_INVALID_ARGUMENT);
    VmMap::Request request;
    request.address = address;
    request.size = size;
    request.mask = mask;
    request.anywhere = (flags & VM_FLAGS_ANYWHERE) != 0;
    request.overwrite = (flags & VM_FLAGS_OVERWRITE) != 0;
    request.inheritance = inheritance;
    return request;
}

template <class Info>
bool assign_info(mig::OutArray<int>& out, const Info& info)
{
    constexpr uint32_t count = sizeof(Info) / sizeof(int);
    if (out.capacity() < count)
        return false;
    std::memcpy(out.data(), &info, sizeof info);
    out.set_count(count);
    return true;
}

}  // namespace

namespace vm_map_calls {

Result<VmRegionReply> vm_region(VmMapRef map, vm_address_t address, vm_region_flavor_t flavor,
                                mig::OutArray<int>& info)
{
    const VmMap::Region region = TRY(of_task(map->region(address)));
    const bool known = flavor == VM_REGION_BASIC_INFO_64   ? assign_info(info, region.basic)
                       : flavor == VM_REGION_EXTENDED_INFO ? assign_info(info, region.extended)
                                                           : false;
    if (!known)
        return failure(KERN_INVALID_ARGUMENT);
    return VmRegionReply{region.start, region.size, SendRight{}};
}

Result<vm_address_t> vm_allocate(VmMapRef map, vm_address_t address, vm_size_t size, int flags)
{
    return of_task(map->allocate(address, size, flags));
}

Result<void> vm_deallocate(VmMapRef map, vm_address_t address, vm_size_t size)
{
    return of_task(map->deallocate(address, size));
}

Result<void> vm_protect(VmMapRef map, vm_address_t address, vm_size_t size, boolean_t set_maximum,
                        vm_prot_t new_protection)
{
    return of_task(map->protect(address, size, set_maximum != FALSE, new_protection));
}

Result<void> vm_inherit(VmMapRef map, vm_address_t address, vm_size_t size, vm_inherit_t new_inheritance)
{
    return of_task(map->inherit(address, size, new_inheritance));
}

Result<VmMapCopy> vm_read(VmMapRef map, vm_address_t address, vm_size_t size)
{
    return of_task(map->copy_in(address, size, false));
}

Result<void> vm_write(VmMapRef map, vm_address_t address, VmMapCopy data)
{
    return of_task(vm_map_copy_overwrite_wait(current_thread(), *map, address, std::move(data)));
}

Result<void> vm_copy(VmMapRef map, vm_address_t source_address, vm_size_t size, vm_address_t dest_address)
{
    VmMapCopy copy = TRY(of_task(map->copy_in(source_address, size, false)));
    return of_task(vm_map_copy_overwrite_wait(current_thread(), *map, dest_address, std::move(copy)));
}

Result<vm_size_t> vm_read_overwrite(VmMapRef map, vm_address_t address, vm_size_t size, vm_address_t data)
{
    Thread& self = current_thread();
    VmMapCopy copy = TRY(of_task(map->copy_in(address, size, false)));
    TRY(vm_map_copy_overwrite_wait(self, self.task().map(), data, std::move(copy)));
    return size;
}

Result<vm_address_t> vm_map(VmMapRef map, vm_address_t address, vm_size_t size, vm_address_t mask, int flags,
                            SendRight object, vm_offset_t offset, boolean_t copy, vm_prot_t cur_protection,
                            vm_prot_t max_protection, vm_inherit_t inheritance)
{
    if (((cur_protection | max_protection) & ~VM_PROT_ALL) != 0 || (cur_protection & ~max_protection) != 0)
        return failure(KERN_INVALID_ARGUMENT);
    VmMap::Request request = TRY(place_of(address, size, mask, flags, inheritance));
    request.offset = offset;
    request.copy = copy != FALSE;
    request.protection = cur_protection;
    request.max_protection = max_protection;
    TRY(memory_entry_resolve(std::move(object), request));
    return of_task(map->enter(std::move(request)));
}

Result<VmRemapReply> vm_remap(VmMapRef map, vm_address_t target_address, vm_size_t size, vm_address_t mask,
                              int flags, VmMapRef source, vm_address_t src_address, boolean_t copy,
                              vm_inherit_t inheritance)
{
    if (source == nullptr)
        return failure(KERN_INVALID_TASK);
    VmMap::Request request = TRY(place_of(target_address, size, mask, flags, inheritance));
    request.copy = copy != FALSE;
    const VmMap::RemapResult mapped = TRY(of_task(map->remap(*source, src_address, request)));
    return VmRemapReply{mapped.address, mapped.protection, mapped.max_protection};
}

Result<MachMakeMemoryEntryReply> mach_make_memory_entry(VmMapRef map, memory_object_size_t size,
                                                        memory_object_offset_t offset, vm_prot_t permission,
                                                        SendRight parent_entry)
{
    if (parent_entry.is_null()) {
        MemoryEntryOfMap made = TRY(of_task(memory_entry_of_map(*map, offset, size, permission)));
        return MachMakeMemoryEntryReply{made.size, std::move(made.entry)};
    }
    RefPtr<MemoryEntry> parent =
        ipc_kobject_object<MemoryEntry>(parent_entry.raw(), IpcKobjectType::MemoryEntry);
    if (parent == nullptr)
        return failure(KERN_INVALID_OBJECT);
    MemoryEntryOfMap made = TRY(memory_entry_of_entry(*parent, offset, size, permission));
    return MachMakeMemoryEntryReply{made.size, std::move(made.entry)};
}

}  // namespace vm_map_calls
