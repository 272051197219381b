// kernel/ipc/mach_port_info_calls.cpp
//
// mach_port.defs, the part that looks: contexts and guards, what a port stands for, what a space holds.  Errors and
// ownership are documented in the .defs.
#include <mach_port_kernel.h>

#include <atomic>

#include <ipc/ipc_port.h>
#include <ipc/ipc_right_locked.h>
#include <ipc/ipc_space.h>
#include <ipc/mach_port_calls.h>
#include <kern/zone.h>
#include <machine/clock.h>

using mach::failure;
using mach::Result;

Result<RefPtr<IpcPort>> ipc_receive_right(IpcSpace& space, mach_port_name_t name)
{
    Guard guard{space.lock()};
    const IpcEntry* entry = space.lookup(name);
    if (entry == nullptr)
        return failure(KERN_INVALID_NAME);
    if (!entry->has(IpcEntry::Receive))
        return failure(KERN_INVALID_RIGHT);
    return RefPtr<IpcPort>{entry->port};
}

natural_t ipc_port_request_count(IpcPort& port)
{
    natural_t count = 0;
    for ([[maybe_unused]] IpcNameRequest& request : port.name_requests())
        ++count;
    return count;
}

namespace {

// The numbers of port.h are the enumeration's.
static_assert(IKOT_NONE == static_cast<int>(IpcKobjectType::None) &&
              IKOT_TASK == static_cast<int>(IpcKobjectType::Task) &&
              IKOT_HOST == static_cast<int>(IpcKobjectType::Host) &&
              IKOT_SEMAPHORE == static_cast<int>(IpcKobjectType::Semaphore) &&
              IKOT_NAMED_ENTRY == static_cast<int>(IpcKobjectType::MemoryEntry) &&
              IKOT_DMA == static_cast<int>(IpcKobjectType::DeviceDma) &&
              IKOT_DMA + 1 == static_cast<int>(IpcKobjectType::Count));

// Chosen when it is first needed.  Never 0.
uint32_t secret()
{
    static constinit std::atomic<uint32_t> chosen = 0;
    if (const uint32_t known = chosen.load(std::memory_order_relaxed); known != 0)
        return known;
    uint32_t none = 0;
    const auto candidate = static_cast<uint32_t>(machine::now_ns() * 0x9e3779b97f4a7c15ull >> 32) | 1;
    chosen.compare_exchange_strong(none, candidate, std::memory_order_relaxed);
    return chosen.load(std::memory_order_relaxed);
}

// A number for an object that tells nothing about its address: one-to-one on the addresses of one machine, and
// different from boot to boot.
natural_t opaque_number(const void* object)
{
    auto mixed = static_cast<uint32_t>(reinterpret_cast<uintptr_t>(object) >> 4) ^ secret();
    for (int round = 0; round < 2; ++round) {
        mixed ^= mixed >> 16;
        mixed *= 0x85ebca6bu;
    }
    return mixed ^ mixed >> 13;
}

// An array in kernel memory, for an answer that is put together before it travels.
class NameTable {
public:
    explicit NameTable(uint32_t count)
        : items_{count != 0 ? static_cast<ipc_info_name_t*>(kalloc(count * sizeof(ipc_info_name_t)))
                            : nullptr},
          count_{count}
    {
    }
    ~NameTable()
    {
        if (items_ != nullptr)
            kfree(items_, count_ * sizeof(ipc_info_name_t));
    }
    NameTable(const NameTable&) = delete;
    NameTable& operator=(const NameTable&) = delete;

    bool made() const { return items_ != nullptr || count_ == 0; }
    std::span<ipc_info_name_t> all() { return {items_, count_}; }

private:
    ipc_info_name_t* const items_;
    const uint32_t count_;
};

ipc_info_name_t describe(const IpcEntry& entry)
{
    ipc_info_name_t info{};
    info.iin_name = entry.name;
    info.iin_type = entry.type();
    info.iin_urefs = entry.user_references;
    if (entry.has(IpcEntry::PortSet))
        info.iin_object = opaque_number(entry.pset);
    else if (entry.has_port())
        info.iin_object = opaque_number(entry.port);
    if (entry.request != nullptr)
        info.iin_type |= ipc_name_request_type(entry);
    return info;
}

}  // namespace

namespace mach_port_calls {

// ---- Contexts and guards.

Result<mach_port_context_t> mach_port_get_context(IpcSpaceRef task, mach_port_name_t name)
{
    const RefPtr<IpcPort> port = TRY(ipc_receive_right(*task, name));
    Guard guard{port->lock()};
    if (port->guard_kind() == IpcPort::GuardKind::Strict)
        return 0;  // Who knows the guard could take it off.
    return port->context();
}

Result<void> mach_port_set_context(IpcSpaceRef task, mach_port_name_t name, mach_port_context_t context)
{
    const RefPtr<IpcPort> port = TRY(ipc_receive_right(*task, name));
    Guard guard{port->lock()};
    if (port->guard_kind() == IpcPort::GuardKind::Strict)
        return failure(KERN_INVALID_ARGUMENT);
    port->set_context(context);
    return {};
}

Result<void> mach_port_guard(IpcSpaceRef task, mach_port_name_t name, mach_port_context_t value,
                             boolean_t strict)
{
    const RefPtr<IpcPort> port = TRY(ipc_receive_right(*task, name));
    Guard guard{port->lock()};
    if (!port->received_in(*task))
        return failure(KERN_INVALID_RIGHT);  // It has left since (P6).
    if (port->guarded() || port->context() != 0)
        return failure(KERN_INVALID_ARGUMENT);
    port->set_guard(strict != 0 ? IpcPort::GuardKind::Strict : IpcPort::GuardKind::Loose, value);
    return {};
}

Result<void> mach_port_unguard(IpcSpaceRef task, mach_port_name_t name, mach_port_context_t value)
{
    const RefPtr<IpcPort> port = TRY(ipc_receive_right(*task, name));
    Guard guard{port->lock()};
    if (!port->guarded() || port->context() != value)
        return failure(KERN_INVALID_ARGUMENT);
    port->set_guard(IpcPort::GuardKind::None, 0);
    return {};
}

// ---- Counts and kinds.

Result<mach_port_rights_t> mach_port_get_srights(IpcSpaceRef task, mach_port_name_t name)
{
    const RefPtr<IpcPort> port = TRY(ipc_receive_right(*task, name));
    Guard guard{port->lock()};
    return port->send_rights();
}

Result<MachPortDnrequestInfoReply> mach_port_dnrequest_info(IpcSpaceRef task, mach_port_name_t name)
{
    const RefPtr<IpcPort> port = TRY(ipc_receive_right(*task, name));
    Guard guard{port->lock()};
    const natural_t count = ipc_port_request_count(*port);
    return MachPortDnrequestInfoReply{count, count};
}

Result<MachPortKobjectReply> mach_port_kobject(IpcSpaceRef task, mach_port_name_t name)
{
    RefPtr<IpcPort> port;
    {
        Guard guard{task->lock()};
        const IpcEntry* entry = task->lookup(name);
        if (entry == nullptr)
            return failure(KERN_INVALID_NAME);
        if (!entry->has(IpcEntry::Send | IpcEntry::Receive))
            return failure(KERN_INVALID_RIGHT);
        port = RefPtr<IpcPort>{entry->port};
    }
    Guard guard{port->lock()};
    if (!port->active())
        return failure(KERN_INVALID_RIGHT);  // A dead name, to whoever looks next.
    const IpcPort::InKernel* kernel = port->in_kernel();
    const IpcKobjectType type = kernel != nullptr ? kernel->type : IpcKobjectType::None;
    return MachPortKobjectReply{static_cast<natural_t>(type), 0};
}

// ---- The whole space.

Result<ipc_info_space_basic_t> mach_port_space_basic_info(IpcSpaceRef task)
{
    Guard guard{task->lock()};
    ipc_info_space_basic_t info{};
    info.iisb_genno_mask = IpcSpace::generation_mask;
    info.iisb_table_size = task->table_size();
    info.iisb_table_next = task->table_size() + IpcSpace::chunk_entries;
    info.iisb_table_inuse = task->in_use();
    return info;
}

// The names at one moment would need the lock for as long as there are names: so each is looked at for itself.
Result<MachPortSpaceInfoReply> mach_port_space_info(IpcSpaceRef task)
{
    const ipc_info_space_basic_t basic = TRY(mach_port_space_basic_info(task));
    NameTable names{basic.iisb_table_inuse};
    if (!names.made())
        return failure(KERN_RESOURCE_SHORTAGE);
    uint32_t count = 0;
    for (uint32_t next = 0; count < names.all().size();) {
        Guard guard{task->lock()};
        if (!task->active())
            return failure(KERN_INVALID_TASK);
        const IpcEntry* entry = task->next_in_use(next);
        if (entry == nullptr)
            break;
        names.all()[count++] = describe(*entry);
        next = entry->index() + 1;
    }
    ipc_info_space_t info{};
    info.iis_genno_mask = basic.iisb_genno_mask;
    info.iis_table_size = basic.iisb_table_size;
    info.iis_table_next = basic.iisb_table_next;
    return MachPortSpaceInfoReply{info, TRY(ipc_as_memory(names.all().first(count))), VmMapCopy{}};
}

}  // namespace mach_port_calls
