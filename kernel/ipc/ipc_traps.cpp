// kernel/ipc/ipc_traps.cpp
//
// The traps of mach_traps.defs that are ipc's: messages, and the hot kernel calls on port names.
//
// A hot call takes the same way as the message of the same name (mach_port_calls.cpp), on the kernel's own
// ports only; for others it answers MACH_SEND_INVALID_DEST, and the library sends the message (design D4).
#include <ipc/ipc_kobject.h>
#include <ipc/ipc_right.h>
#include <ipc/ipc_space.h>
#include <ipc/mach_msg.h>
#include <ipc/mach_port_calls.h>
#include <kern/task.h>
#include <kern/thread.h>
#include <mach_trap_table.h>
#include <machine/user_copy.h>
#include <vm/vm_fault.h>

namespace mach_traps {

namespace {

mach_port_name_t name_of(IpcSpace& space, SendRight right)
{
    IpcRight any{std::move(right)};
    const mach::Result<mach_port_name_t> name = ipc_right_copyout(space, any);
    return name ? *name : MACH_PORT_NULL;
}

// The space behind a task port that `name` denotes for the caller.
mach::Result<IpcSpaceRef> space_of(Thread& self, mach_port_name_t name)
{
    const RefPtr<IpcPort> port = TRY(ipc_kobject_of_name(self, name));
    IpcSpaceRef space = convert_port_to_space(port.get());
    if (!space)
        return mach::failure(KERN_INVALID_TASK);
    return space;
}

// `at` will be written when everything else has been done, so it must be there now.
void require_writable(Thread& self, user_address_t at, size_t size)
{
    const machine::CopyOutcome outcome = machine::probe_write(at, size);
    if (outcome)
        return;
    self.trap_fault_result = KERN_INVALID_ADDRESS;
    vm_fault_and_restart_trap(self, outcome.absent_at, outcome.access());
}

}  // namespace

mach_msg_return_t mach_msg_trap(Thread& self, user_address_t msg, mach_msg_option_t option,
                                mach_msg_size_t send_size, mach_msg_size_t rcv_size,
                                mach_port_name_t rcv_name, mach_msg_timeout_t timeout)
{
    self.ipc.args = {msg, msg, option, send_size, rcv_size, rcv_name, timeout, 0};
    self.ipc.arguments_elsewhere = false;
    mach_msg_start(self);
}

mach_msg_return_t mach_msg_overwrite_trap(Thread& self, user_address_t args)
{
    mach_msg_overwrite_args_t block;
    const machine::CopyOutcome copied = machine::copy_in(&block, args, sizeof block);
    if (!copied) {
        self.trap_fault_result = KERN_INVALID_ADDRESS;
        vm_fault_and_restart_trap(self, copied.absent_at, copied.access());
    }
    self.ipc.args = {block.msg,      block.rcv_msg != 0 ? block.rcv_msg : block.msg,
                     block.option,   block.send_size,
                     block.rcv_size, block.rcv_name,
                     block.timeout,  block.rcv_scatter_size};
    self.ipc.arguments_elsewhere = true;
    mach_msg_start(self);
}

mach_port_name_t mach_reply_port(Thread& self)
{
    const mach::Result<mach_port_name_t> name = ipc_port_alloc(self.task().space());
    return name ? *name : MACH_PORT_NULL;
}

mach_port_name_t task_self_trap(Thread& self)
{
    return name_of(self.task().space(), ipc_kobject_port(self.task()));
}

mach_port_name_t thread_self_trap(Thread& self)
{
    return name_of(self.task().space(), ipc_kobject_port(self));
}

mach_port_name_t host_self_trap(Thread& self)
{
    SendRight host;
    {
        Guard guard{self.task().lock()};
        host = self.task().special_port(TASK_HOST_PORT).copy();
    }
    return name_of(self.task().space(), std::move(host));
}

kern_return_t mach_port_allocate_trap(Thread& self, mach_port_name_t target, mach_port_right_t right,
                                      user_address_t name)
{
    require_writable(self, name, sizeof(mach_port_name_t));
    mach::Result<IpcSpaceRef> space = space_of(self, target);
    if (!space)
        return space.error();
    const mach::Result<mach_port_name_t> made = ipc_name_allocate(**space, right);
    if (!made)
        return made.error();
    if (machine::copy_out(name, &*made, sizeof *made))
        return KERN_SUCCESS;
    // Another thread has unmapped it this very moment.
    (void)ipc_right_destroy(**space, *made);
    return KERN_INVALID_ADDRESS;
}

kern_return_t mach_port_deallocate_trap(Thread& self, mach_port_name_t target, mach_port_name_t name)
{
    const mach::Result<IpcSpaceRef> space = space_of(self, target);
    return space ? mach::code_of(ipc_right_dealloc(**space, name)) : space.error();
}

kern_return_t mach_port_mod_refs_trap(Thread& self, mach_port_name_t target, mach_port_name_t name,
                                      mach_port_right_t right, mach_port_delta_t delta)
{
    const mach::Result<IpcSpaceRef> space = space_of(self, target);
    return space ? mach::code_of(ipc_right_delta(**space, name, right, delta)) : space.error();
}

kern_return_t mach_port_insert_right_trap(Thread& self, mach_port_name_t target, mach_port_name_t name,
                                          mach_port_name_t poly, mach_msg_type_name_t disposition)
{
    const mach::Result<IpcSpaceRef> space = space_of(self, target);
    if (!space)
        return space.error();
    if (!MACH_PORT_VALID(poly))
        return KERN_INVALID_CAPABILITY;
    mach::Result<IpcRight> right = ipc_right_copyin(self.task().space(), poly, disposition, /*dead_ok=*/true);
    if (!right)
        return right.error();
    return mach::code_of(ipc_right_copyout_name(**space, name, *right));
}

}  // namespace mach_traps
