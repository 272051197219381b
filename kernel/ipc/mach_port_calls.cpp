// kernel/ipc/mach_port_calls.cpp
//
// mach_port.defs: what a task asks of its own names, or of another task's.  mig declares these functions and
// checks and unpacks the messages; errors and ownership are documented in the .defs.
#include <mach_port_kernel.h>

#include <algorithm>
#include <array>

#include <ipc/ipc_port.h>
#include <ipc/ipc_pset.h>
#include <ipc/ipc_right_locked.h>
#include <ipc/ipc_space.h>
#include <ipc/mach_port_calls.h>

using mach::failure;
using mach::Result;

Result<mach_port_name_t> ipc_name_allocate(IpcSpace& space, mach_port_right_t right, mach_port_name_t name)
{
    switch (right) {
    case MACH_PORT_RIGHT_RECEIVE:
        return ipc_port_alloc(space, name);
    case MACH_PORT_RIGHT_PORT_SET:
        return ipc_pset_alloc(space, name);
    case MACH_PORT_RIGHT_DEAD_NAME:
        return ipc_dead_name_alloc(space, name);
    default:
        return failure(KERN_INVALID_VALUE);
    }
}

namespace {

// A space that ends while it is asked is a task that ends.
template <class T>
Result<T> of_living_task(Result<T> result)
{
    if (!result && result.error() == KERN_TERMINATED)
        return failure(KERN_INVALID_TASK);
    return result;
}

Result<RefPtr<IpcPset>> port_set(IpcSpace& space, mach_port_name_t name)
{
    Guard guard{space.lock()};
    const IpcEntry* entry = space.lookup(name);
    if (entry == nullptr)
        return failure(KERN_INVALID_NAME);
    if (!entry->has(IpcEntry::PortSet))
        return failure(KERN_INVALID_RIGHT);
    return RefPtr<IpcPset>{entry->pset};
}

}  // namespace

namespace mach_port_calls {

Result<MachPortNamesReply> mach_port_names(IpcSpaceRef task)
{
    uint32_t room = 0;
    {
        Guard guard{task->lock()};
        if (!task->active())
            return failure(KERN_INVALID_TASK);
        room = task->in_use();
    }
    PortNames names = TRY(PortNames::create(room));
    PortNames types = TRY(PortNames::create(room));
    uint32_t count = 0;
    mach_port_name_t next = 0;
    while (count < room) {
        {
            Guard guard{task->lock()};
            const IpcEntry* entry = task->next_in_use(MACH_PORT_INDEX(next));
            if (entry == nullptr)
                break;
            names.all()[count] = entry->name;
            next = MACH_PORT_MAKE(entry->index() + 1, 0);
        }
        // What is gone again by now is left out.
        if (const Result<IpcRightInfo> info = ipc_right_info(*task, names.all()[count]))
            types.all()[count++] = info->type;
    }
    return MachPortNamesReply{TRY(ipc_as_memory(names.all().first(count))),
                              TRY(ipc_as_memory(types.all().first(count)))};
}

Result<mach_port_type_t> mach_port_type(IpcSpaceRef task, mach_port_name_t name)
{
    return TRY(ipc_right_info(*task, name)).type;
}

Result<void> mach_port_allocate_name(IpcSpaceRef task, mach_port_right_t right, mach_port_name_t name)
{
    if (!MACH_PORT_VALID(name))
        return failure(KERN_INVALID_VALUE);
    TRY(of_living_task(ipc_name_allocate(*task, right, name)));
    return {};
}

Result<MachPortAllocateFullReply> mach_port_allocate_full(IpcSpaceRef task, mach_port_right_t right,
                                                          SendRight proto, const mach_port_qos_t& qos,
                                                          mach_port_name_t name)
{
    if (!proto.is_null())
        return failure(KERN_INVALID_VALUE);
    if (qos.prealloc != 0)
        return failure(KERN_NOT_SUPPORTED);
    if (qos.name != 0 && !MACH_PORT_VALID(name))
        return failure(KERN_INVALID_VALUE);
    const mach_port_name_t wanted = qos.name != 0 ? name : MACH_PORT_NULL;
    return MachPortAllocateFullReply{qos, TRY(of_living_task(ipc_name_allocate(*task, right, wanted)))};
}

Result<void> mach_port_rename(IpcSpaceRef task, mach_port_name_t old_name, mach_port_name_t new_name)
{
    return of_living_task(ipc_right_rename(*task, old_name, new_name));
}

Result<mach_port_name_t> mach_port_allocate(IpcSpaceRef task, mach_port_right_t right)
{
    return of_living_task(ipc_name_allocate(*task, right));
}

Result<void> mach_port_destroy(IpcSpaceRef task, mach_port_name_t name)
{
    return ipc_right_destroy(*task, name);
}
Result<void> mach_port_deallocate(IpcSpaceRef task, mach_port_name_t name)
{
    return ipc_right_dealloc(*task, name);
}

Result<mach_port_urefs_t> mach_port_get_refs(IpcSpaceRef task, mach_port_name_t name, mach_port_right_t right)
{
    return ipc_right_references(*task, name, right);
}

Result<void> mach_port_mod_refs(IpcSpaceRef task, mach_port_name_t name, mach_port_right_t right,
                                mach_port_delta_t delta)
{
    return ipc_right_delta(*task, name, right, delta);
}

Result<void> mach_port_set_mscount(IpcSpaceRef task, mach_port_name_t name, mach_port_mscount_t mscount)
{
    const RefPtr<IpcPort> port = TRY(ipc_receive_right(*task, name));
    Guard guard{port->lock()};
    port->set_make_send_count(mscount);
    return {};
}

Result<void> mach_port_set_seqno(IpcSpaceRef task, mach_port_name_t name, mach_port_seqno_t seqno)
{
    const RefPtr<IpcPort> port = TRY(ipc_receive_right(*task, name));
    Guard guard{port->lock()};
    port->queue().next_sequence_number = seqno;
    return {};
}

// ---- Sets.

Result<VmMapCopy> mach_port_get_set_status(IpcSpaceRef task, mach_port_name_t name)
{
    const RefPtr<IpcPset> set = TRY(port_set(*task, name));
    uint32_t room = ipc_pset_members(*set, {});
    for (;;) {
        PortNames names = TRY(PortNames::create(room));
        const uint32_t count = ipc_pset_members(*set, names.all());
        if (count <= room)
            return ipc_as_memory(names.all().first(count));
        room = count;
    }
}

Result<void> mach_port_move_member(IpcSpaceRef task, mach_port_name_t member, mach_port_name_t after)
{
    const RefPtr<IpcPort> port = TRY(ipc_receive_right(*task, member));
    RefPtr<IpcPset> set;
    if (after != MACH_PORT_NULL)
        set = TRY(port_set(*task, after));
    uint32_t left = 0;
    {
        Guard guard{port->lock()};
        left = ipc_pset_unlink_all(*port);
    }
    if (set)
        return ipc_pset_add(*set, *port, member);
    if (left == 0)
        return failure(KERN_NOT_IN_SET);
    return {};
}

Result<void> mach_port_insert_member(IpcSpaceRef task, mach_port_name_t name, mach_port_name_t pset)
{
    const RefPtr<IpcPort> port = TRY(ipc_receive_right(*task, name));
    const RefPtr<IpcPset> set = TRY(port_set(*task, pset));
    return ipc_pset_add(*set, *port, name);
}

Result<void> mach_port_extract_member(IpcSpaceRef task, mach_port_name_t name, mach_port_name_t pset)
{
    const RefPtr<IpcPort> port = TRY(ipc_receive_right(*task, name));
    const RefPtr<IpcPset> set = TRY(port_set(*task, pset));
    return ipc_pset_remove(*set, *port);
}

// ---- Rights from and for others.

Result<SendOnceRight> mach_port_request_notification(IpcSpaceRef task, mach_port_name_t name,
                                                     mach_msg_id_t id, mach_port_mscount_t sync,
                                                     SendOnceRight notify)
{
    return ipc_right_request(*task, name, id, sync, std::move(notify));
}

Result<void> mach_port_insert_right(IpcSpaceRef task, mach_port_name_t name, IpcRight poly)
{
    return of_living_task(ipc_right_copyout_name(*task, name, poly));
}

Result<IpcRight> mach_port_extract_right(IpcSpaceRef task, mach_port_name_t name,
                                         mach_msg_type_name_t msgt_name)
{
    return ipc_right_copyin(*task, name, msgt_name, /*dead_ok=*/true);
}

// ---- Attributes.

namespace {

mach_port_status_t status_of(IpcPort& port) REQUIRES(port.lock())
{
    mach_port_status_t status{};
    for ([[maybe_unused]] IpcPsetLink& link : port.links())
        ++status.mps_pset;
    status.mps_seqno = port.queue().next_sequence_number;
    status.mps_mscount = port.make_send_count();
    status.mps_qlimit = port.queue().limit;
    status.mps_msgcount = port.queue().count + port.queue().send_once_notices;
    status.mps_sorights = port.send_once_rights();
    status.mps_srights = port.send_rights() != 0;
    status.mps_pdrequest = static_cast<bool>(port.port_destroyed_request());
    status.mps_nsrequest = static_cast<bool>(port.no_senders_request());
    if (port.guarded())
        status.mps_flags = MACH_PORT_STATUS_FLAG_GUARDED;
    if (port.guard_kind() == IpcPort::GuardKind::Strict)
        status.mps_flags |= MACH_PORT_STATUS_FLAG_STRICT_GUARD;
    return status;
}

template <class Info>
Result<void> answer(mig::OutArray<integer_t>& out, const Info& info)
{
    std::array<integer_t, sizeof(Info) / sizeof(integer_t)> words;
    std::memcpy(words.data(), &info, sizeof info);
    if (!out.assign(words))
        return failure(KERN_FAILURE);
    return {};
}

}  // namespace

Result<void> mach_port_get_attributes(IpcSpaceRef task, mach_port_name_t name, mach_port_flavor_t flavor,
                                      mig::OutArray<integer_t>& port_info_out)
{
    const RefPtr<IpcPort> port = TRY(ipc_receive_right(*task, name));
    Guard guard{port->lock()};
    switch (flavor) {
    case MACH_PORT_LIMITS_INFO:
        return answer(port_info_out, mach_port_limits_t{port->queue().limit});
    case MACH_PORT_RECEIVE_STATUS:
        return answer(port_info_out, status_of(*port));
    case MACH_PORT_DNREQUESTS_SIZE:
        return answer(port_info_out, ipc_port_request_count(*port));
    case MACH_PORT_OOL_POLICY:
        return answer(port_info_out, mach_port_ool_policy_t{port->copies_memory_at_send()
                                                                ? natural_t{MACH_PORT_OOL_COPY_AT_SEND}
                                                                : 0});
    default:
        return failure(KERN_INVALID_VALUE);
    }
}

Result<void> mach_port_set_attributes(IpcSpaceRef task, mach_port_name_t name, mach_port_flavor_t flavor,
                                      std::span<const integer_t> port_info)
{
    const RefPtr<IpcPort> port = TRY(ipc_receive_right(*task, name));
    if (flavor != MACH_PORT_LIMITS_INFO && flavor != MACH_PORT_OOL_POLICY)
        return failure(KERN_INVALID_VALUE);
    if (port_info.empty())
        return failure(KERN_FAILURE);
    const auto value = static_cast<natural_t>(port_info[0]);
    Guard guard{port->lock()};
    if (flavor == MACH_PORT_OOL_POLICY) {
        port->set_copies_memory_at_send((value & MACH_PORT_OOL_COPY_AT_SEND) != 0);
        return {};
    }
    if (value > MACH_PORT_QLIMIT_MAX)
        return failure(KERN_INVALID_VALUE);
    port->queue().limit = value;
    if (!port->queue().full())
        thread_wakeup_all(port->queue().senders);  // Who does not fit waits again.
    return {};
}

}  // namespace mach_port_calls
