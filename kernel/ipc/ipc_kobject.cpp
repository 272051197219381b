// kernel/ipc/ipc_kobject.cpp: see ipc_kobject.h.
#include <ipc/ipc_kobject.h>

#include <array>
#include <atomic>

#include <ipc/ipc_port_death.h>
#include <ipc/ipc_space.h>
#include <kern/task.h>
#include <kern/thread.h>
#include <vm/vm_map.h>

namespace {

using LastSenderGone = void (*)(IpcPort& port);
std::array<std::atomic<LastSenderGone>, static_cast<size_t>(IpcKobjectType::Count)> last_sender_gone;

}  // namespace

mach::Result<RefPtr<IpcPort>> ipc_kobject_create(IpcKobjectType type, void* object)
{
    ReceiveRight right = TRY(IpcPort::create(nullptr));
    RefPtr<IpcPort> port = RefPtr<IpcPort>::adopt(right.leak());
    Guard guard{port->lock()};
    (void)port->set_place(IpcPort::InKernel{type, object});
    return port;
}

void ipc_kobject_destroy(IpcPort& port)
{
    {
        Guard guard{port.lock()};
        if (port.in_kernel() == nullptr)
            return;
        (void)port.set_place(IpcPort::InLimbo{});  // Whoever looks now finds no object.
    }
    port.reference();  // The receive right's: the owner keeps its own reference.
    ipc_port_destroy(ReceiveRight{PortRight<RightKind::Receive>::adopt(&port)});
}

SendRight ipc_kobject_make_send(IpcPort& port)
{
    Guard guard{port.lock()};
    if (!port.active())
        return SendRight{PortRight<RightKind::Send>::adopt(ipc_port_dead())};
    return port.make_send();
}

SendRight ipc_kobject_port(Task& task)
{
    {
        Guard guard{task.lock()};
        const SendRight& replaced = task.special_port(TASK_KERNEL_PORT);
        if (!replaced.is_null())
            return replaced.copy();
    }
    return ipc_kobject_make_send(*task.kernel_port);
}

SendRight ipc_kobject_port(Thread& thread) { return ipc_kobject_make_send(*thread.kernel_port); }

IpcKobjectType ipc_kobject_type(IpcPort* port)
{
    if (!ipc_port_valid(port))
        return IpcKobjectType::None;
    Guard guard{port->lock()};
    const IpcPort::InKernel* kernel = port->in_kernel();
    return kernel != nullptr ? kernel->type : IpcKobjectType::None;
}

void ipc_kobject_on_no_senders(IpcKobjectType type, void (*lost)(IpcPort& port))
{
    last_sender_gone[static_cast<size_t>(type)].store(lost, std::memory_order_release);
}

void ipc_kobject_no_senders(IpcPort& port)
{
    const IpcKobjectType type = ipc_kobject_type(&port);
    if (const LastSenderGone lost =
            last_sender_gone[static_cast<size_t>(type)].load(std::memory_order_acquire))
        lost(port);
}

// ---- Translations.

TaskRef convert_port_to_task(IpcPort* port) { return ipc_kobject_object<Task>(port, IpcKobjectType::Task); }

TaskRef convert_port_to_task_name(IpcPort* port)
{
    if (TaskRef task = convert_port_to_task(port))
        return task;
    return ipc_kobject_object<Task>(port, IpcKobjectType::TaskName);
}

IpcSpaceRef convert_port_to_space(IpcPort* port)
{
    const TaskRef task = convert_port_to_task(port);
    return task ? IpcSpaceRef{task->space()} : IpcSpaceRef{};
}

VmMapRef convert_port_to_map(IpcPort* port)
{
    const TaskRef task = convert_port_to_task(port);
    return task ? VmMapRef{task->map()} : VmMapRef{};
}

ThreadRef convert_port_to_thread(IpcPort* port)
{
    return ipc_kobject_object<Thread>(port, IpcKobjectType::Thread);
}

mach::Result<RefPtr<IpcPort>> ipc_kobject_of_name(Thread& self, mach_port_name_t name)
{
    RefPtr<IpcPort> port;
    {
        IpcSpace& space = self.task().space();
        Guard guard{space.lock()};
        const IpcEntry* entry = space.lookup(name);
        if (entry == nullptr || !entry->has(IpcEntry::Send))
            return mach::failure(MACH_SEND_INVALID_DEST);
        port = RefPtr<IpcPort>{entry->port};
    }
    if (ipc_kobject_type(port.get()) == IpcKobjectType::None)
        return mach::failure(MACH_SEND_INVALID_DEST);
    return port;
}
