// kernel/vm/vm_init.cpp: see vm_init.h.
#include <vm/vm_init.h>

#include <ipc/ipc_kobject.h>
#include <mach/notify.h>
#include <vm/memory_entry.h>
#include <vm/memory_object.h>

#include <memory_object_control_kernel.h>  // Made by mig.
#include <vm_map_kernel.h>

namespace {

// The bases of the subsystems, as their .defs say.
constexpr mach_msg_id_t memory_object_control_base = 2000;
constexpr mach_msg_id_t vm_map_base = 3800;

}  // namespace

void vm_init()
{
    ipc_kobject_register(vm_map_base, vm_map_dispatch);
    ipc_kobject_register(memory_object_control_base, memory_object_control_dispatch);
    ipc_kobject_register(MACH_NOTIFY_FIRST, MemoryObject::notification);
    ipc_kobject_on_no_senders(IpcKobjectType::MemoryEntry, MemoryEntry::no_senders);
}
