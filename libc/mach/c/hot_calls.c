/* libc/mach/c/hot_calls.c: kernel calls that go by trap where they can (design D4).
 *
 * A trap answers MACH_SEND_INVALID_DEST, with nothing done, if the target is not a port of the kernel's own.
 * Then the call goes as the message that it is: the stub of mig, which this library compiles under the name
 * *_message
 * (CMakeLists.txt), reaches whoever stands in for the kernel.
 */
#include <mach/mach.h>

kern_return_t vm_allocate_message(vm_map_t task, vm_address_t* address, vm_size_t size, int flags);
kern_return_t vm_deallocate_message(vm_map_t task, vm_address_t address, vm_size_t size);
kern_return_t vm_protect_message(vm_map_t task, vm_address_t address, vm_size_t size, boolean_t set_maximum,
                                 vm_prot_t new_protection);
kern_return_t mach_port_allocate_message(ipc_space_t task, mach_port_right_t right, mach_port_name_t* name);
kern_return_t mach_port_deallocate_message(ipc_space_t task, mach_port_name_t name);
kern_return_t mach_port_mod_refs_message(ipc_space_t task, mach_port_name_t name, mach_port_right_t right,
                                         mach_port_delta_t delta);
kern_return_t mach_port_insert_right_message(ipc_space_t task, mach_port_name_t name, mach_port_t poly,
                                             mach_msg_type_name_t polyPoly);

kern_return_t vm_allocate(vm_map_t task, vm_address_t* address, vm_size_t size, int flags)
{
    const kern_return_t code = vm_allocate_trap(task, address, size, flags);

    return code == MACH_SEND_INVALID_DEST ? vm_allocate_message(task, address, size, flags) : code;
}

kern_return_t vm_deallocate(vm_map_t task, vm_address_t address, vm_size_t size)
{
    const kern_return_t code = vm_deallocate_trap(task, address, size);

    return code == MACH_SEND_INVALID_DEST ? vm_deallocate_message(task, address, size) : code;
}

kern_return_t vm_protect(vm_map_t task, vm_address_t address, vm_size_t size, boolean_t set_maximum,
                         vm_prot_t new_protection)
{
    const kern_return_t code = vm_protect_trap(task, address, size, set_maximum, new_protection);

    return code == MACH_SEND_INVALID_DEST
               ? vm_protect_message(task, address, size, set_maximum, new_protection)
               : code;
}

kern_return_t mach_port_allocate(ipc_space_t task, mach_port_right_t right, mach_port_name_t* name)
{
    const kern_return_t code = mach_port_allocate_trap(task, right, name);

    return code == MACH_SEND_INVALID_DEST ? mach_port_allocate_message(task, right, name) : code;
}

kern_return_t mach_port_deallocate(ipc_space_t task, mach_port_name_t name)
{
    const kern_return_t code = mach_port_deallocate_trap(task, name);

    return code == MACH_SEND_INVALID_DEST ? mach_port_deallocate_message(task, name) : code;
}

kern_return_t mach_port_mod_refs(ipc_space_t task, mach_port_name_t name, mach_port_right_t right,
                                 mach_port_delta_t delta)
{
    const kern_return_t code = mach_port_mod_refs_trap(task, name, right, delta);

    return code == MACH_SEND_INVALID_DEST ? mach_port_mod_refs_message(task, name, right, delta) : code;
}

kern_return_t mach_port_insert_right(ipc_space_t task, mach_port_name_t name, mach_port_t poly,
                                     mach_msg_type_name_t poly_poly)
{
    const kern_return_t code = mach_port_insert_right_trap(task, name, poly, poly_poly);

    return code == MACH_SEND_INVALID_DEST ? mach_port_insert_right_message(task, name, poly, poly_poly)
                                          : code;
}
