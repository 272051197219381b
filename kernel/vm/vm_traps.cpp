// kernel/vm/vm_traps.cpp
//
// The hot calls of vm_map.defs as traps (<mach/mach_traps.defs>); they enter the same functions as the
// messages.
//
// A trap that finds its pointer's memory absent has had no effect yet, and starts again when that has been
// faulted in.
#include <ipc/ipc_kobject.h>
#include <kern/thread.h>
#include <machine/user_copy.h>
#include <vm/vm_fault.h>
#include <vm/vm_map.h>

#include <mach_trap_table.h>  // Made by mig.
#include <vm_map_kernel.h>

using mach::failure;
using mach::Result;

namespace {

// The map that `target` stands for in self's space.
Result<VmMapRef> map_of_name(Thread& self, mach_port_name_t target)
{
    const RefPtr<IpcPort> port = TRY(ipc_kobject_of_name(self, target));
    VmMapRef map = convert_port_to_map(port.get());
    if (map == nullptr)
        return failure(KERN_INVALID_TASK);
    return map;
}

// The address that the caller suggests; its place can be written, too.
vm_address_t wanted_address(Thread& self, user_address_t at)
{
    vm_address_t address = 0;
    machine::CopyOutcome reached = machine::copy_in(&address, at, sizeof address);
    if (reached)
        reached = machine::probe_write(at, sizeof address);
    if (!reached)
        vm_fault_and_restart_trap(self, reached.absent_at, reached.access());
    return address;
}

// Tells the caller where its new memory is.  If that place has gone meanwhile, so does the memory.
kern_return_t answer(const Result<vm_address_t>& placed, VmMap& map, vm_size_t size, user_address_t at)
{
    if (!placed)
        return placed.error();
    if (machine::copy_out(at, &*placed, sizeof *placed))
        return KERN_SUCCESS;
    (void)map.deallocate(*placed, size);
    return KERN_INVALID_ADDRESS;
}

}  // namespace

namespace mach_traps {

kern_return_t vm_allocate_trap(Thread& self, mach_port_name_t target, user_address_t address, vm_size_t size,
                               int flags)
{
    const vm_address_t wanted = wanted_address(self, address);
    const Result<VmMapRef> map = map_of_name(self, target);
    if (!map)
        return map.error();
    return answer(vm_map_calls::vm_allocate(*map, wanted, size, flags), **map, size, address);
}

kern_return_t vm_deallocate_trap(Thread& self, mach_port_name_t target, vm_address_t address, vm_size_t size)
{
    const Result<VmMapRef> map = map_of_name(self, target);
    return map ? mach::code_of(vm_map_calls::vm_deallocate(*map, address, size)) : map.error();
}

kern_return_t vm_protect_trap(Thread& self, mach_port_name_t target, vm_address_t address, vm_size_t size,
                              boolean_t set_maximum, vm_prot_t new_protection)
{
    const Result<VmMapRef> map = map_of_name(self, target);
    if (!map)
        return map.error();
    return mach::code_of(vm_map_calls::vm_protect(*map, address, size, set_maximum, new_protection));
}

kern_return_t vm_map_trap(Thread& self, mach_port_name_t target, user_address_t address, vm_size_t size,
                          vm_address_t mask, int flags, vm_prot_t cur_protection)
{
    const vm_address_t wanted = wanted_address(self, address);
    const Result<VmMapRef> map = map_of_name(self, target);
    if (!map)
        return map.error();
    return answer(vm_map_calls::vm_map(*map, wanted, size, mask, flags, SendRight{}, 0, FALSE, cur_protection,
                                       VM_PROT_ALL, VM_INHERIT_DEFAULT),
                  **map, size, address);
}

}  // namespace mach_traps
