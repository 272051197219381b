// kernel/ipc/ipc_kobject_call.cpp
//
// A message to a kernel object: which stub takes it, and running it in the sender's thread.
//
// Owns        the table of stubs: filled at start-up, only read afterwards.
#include <ipc/ipc_kobject_call.h>

#include <array>

#include <ipc/ipc_kobject.h>
#include <ipc/kernel_call.h>
#include <kern/thread.h>

namespace {

// Subsystems number their routines from a base on; two of them may share a hundred.
constexpr size_t slot_count = 128;
constexpr size_t stubs_per_slot = 2;
std::array<std::array<KernelDispatch, stubs_per_slot>, slot_count> stubs;

std::array<KernelDispatch, stubs_per_slot>& slot_of(mach_msg_id_t id)
{
    return stubs[(static_cast<uint32_t>(id) / 100) % slot_count];
}

void enter(std::array<KernelDispatch, stubs_per_slot>& slot, KernelDispatch dispatch)
{
    for (KernelDispatch& place : slot) {
        if (place == dispatch)
            return;
        if (place == nullptr) {
            place = dispatch;
            return;
        }
    }
    panic("no room for another kernel interface in its slot");
}

}  // namespace

void ipc_kobject_dispatch(KernelCall& call)
{
    for (const KernelDispatch stub : slot_of(call.header().msgh_id))
        if (stub != nullptr && stub(call))
            return;
    call.fail(MIG_BAD_ID);
}

void ipc_kobject_register(mach_msg_id_t first, KernelDispatch dispatch)
{
    enter(slot_of(first), dispatch);
    enter(slot_of(first + 99), dispatch);
}

KmsgPtr ipc_kobject_call(Thread& self, KmsgPtr request)
{
    const RefPtr<IpcPort> target{request->destination.port()};
    // The right by which the call came is used up; a send-once right without a notification.
    if (request->destination.kind() == RightKind::SendOnce)
        ipc_right_consume_send_once(std::move(request->destination));
    KernelCall call{self, *request, *target};
    ipc_kobject_dispatch(call);
    return call.finish();
}
