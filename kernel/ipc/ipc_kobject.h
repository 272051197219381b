// kernel/ipc/ipc_kobject.h
//
// Kernel objects behind ports.  A message to such a port is a call on its object (kernel_call.h).
//
// The object makes its port when it is created and ends it when it ends:
//
//     kernel_port = TRY(ipc_kobject_create(IpcKobjectType::Task, this));
//     ...
//     ipc_kobject_destroy(*kernel_port);      // In terminate(), while references to the object still exist
//     (K1).
//
// Lock        the port's.
// Invariants  (K1) While a port says InKernel{type, object}, the object is of that type and has references:
//                  its owner destroys the port before it gives up the reference that keeps the object.  So a
//                  reference may be taken from the bare pointer under the port's lock.
#ifndef PORTICO_IPC_IPC_KOBJECT_H
#define PORTICO_IPC_IPC_KOBJECT_H

#include <ipc/ipc_port.h>
#include <ipc/ipc_right.h>
#include <lib/ref.h>
#include <mach/result.h>

class IpcSpace;
class KernelCall;
class Task;
class Thread;
class VmMap;

using TaskRef = RefPtr<Task>;
using ThreadRef = RefPtr<Thread>;
using IpcSpaceRef = RefPtr<IpcSpace>;
using VmMapRef = RefPtr<VmMap>;

// A port for `object`; the caller's reference to the port stands for the receive right.
// KERN_RESOURCE_SHORTAGE.
[[nodiscard]] mach::Result<RefPtr<IpcPort>> ipc_kobject_create(IpcKobjectType type, void* object);
// The port dies: later calls on it find no object, and holders of send rights are notified.  Harmless if it
// is dead.
void ipc_kobject_destroy(IpcPort& port);

// One more send right; dead if the port is.
[[nodiscard]] SendRight ipc_kobject_make_send(IpcPort& port);
// The like for a task or thread: its own port, or what has been put in its place.
[[nodiscard]] SendRight ipc_kobject_port(Task& task);
[[nodiscard]] SendRight ipc_kobject_port(Thread& thread);

// The object behind a port, if that is of `type`; null for a null, dead or other port.
template <class T>
[[nodiscard]] RefPtr<T> ipc_kobject_object(IpcPort* port, IpcKobjectType type)
{
    if (!ipc_port_valid(port))
        return {};
    Guard guard{port->lock()};
    const IpcPort::InKernel* kernel = port->in_kernel();
    if (kernel == nullptr || kernel->type != type)
        return {};
    return RefPtr<T>{static_cast<T*>(kernel->object)};
}
// What kind of object: None for a port that is not the kernel's.
[[nodiscard]] IpcKobjectType ipc_kobject_type(IpcPort* port);

// Objects whose life is in the hands of their users (semaphores, ledgers, memory entries): `lost` is called,
// with no lock held, when the last send right to a port of this type has gone.  It finds the object by
// ipc_kobject_object(), and may find that rights have been made again since.
void ipc_kobject_on_no_senders(IpcKobjectType type, void (*lost)(IpcPort& port));

// For ipc_right.cpp: the last send right to a kernel port has gone.
void ipc_kobject_no_senders(IpcPort& port);

// ---- Translations that mig's kernel stubs call (`intran`): null if the port is of another kind or its
// object is gone.
// Those of other objects stand with the objects.
[[nodiscard]] TaskRef convert_port_to_task(IpcPort* port);
[[nodiscard]] TaskRef convert_port_to_task_name(IpcPort* port);  // A task's port, too.
[[nodiscard]] IpcSpaceRef convert_port_to_space(IpcPort* port);
[[nodiscard]] VmMapRef convert_port_to_map(IpcPort* port);
[[nodiscard]] ThreadRef convert_port_to_thread(IpcPort* port);

// For traps on kernel objects (design D4): the port that `name` denotes in self's space, kept alive.  If it
// is not one of the kernel's, MACH_SEND_INVALID_DEST: the library sends the message instead.
[[nodiscard]] mach::Result<RefPtr<IpcPort>> ipc_kobject_of_name(Thread& self, mach_port_name_t name);

// ---- Which stubs answer which message ids.
using KernelDispatch = bool (*)(KernelCall& call);
// Ids first .. first + 99.  At start-up, before any user thread runs.
// A stub that does not know an id says false, and the next is asked.  Notifications that were registered with
// a send-once right to a kernel object arrive the same way, from the reaper's thread.
void ipc_kobject_register(mach_msg_id_t first, KernelDispatch dispatch);

#endif
