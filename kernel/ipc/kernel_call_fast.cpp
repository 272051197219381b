// kernel/ipc/kernel_call_fast.cpp
//
// The shortest way (fast_rpc.h) of a call on a kernel object: the request is decoded where it has been read, the answer is
// made on this stack and written into the caller's buffer, and neither is ever an IpcKmsg.
//
// What the message carried is real all the same: a send right to the object and a send-once right to the reply port, taken
// under the locks of FastRpc's checks.  So the object lives as long as any call on it, what happens to the reply port
// meanwhile finds the right in its books, and a call that cannot be answered here ends as in mach_msg.cpp:
//   - an answer with descriptors or without room here,
//   - one for which the caller does not receive on that port any more, or has something there already,
//   - one that does not fit into the buffer, whose buffer is absent, or that is to have more than the least trailer.
#include <ipc/fast_rpc.h>

#include <array>
#include <cstring>

#include <ipc/ipc_kobject_call.h>
#include <ipc/kernel_call.h>

namespace {

// How the call has ended: nothing in it is alive any more.
enum class Ended : uint8_t {
    Answered,  // In the caller's buffer.
    Parked,    // The answer has been received, but not delivered.
    Sent,      // It has been sent, or there is none.
};

bool write_answer(const MsgTrapArgs& args, std::span<const std::byte> answer)
{
    const auto size = static_cast<mach_msg_size_t>(answer.size());
    uint32_t id;
    std::memcpy(&id, answer.data() + offsetof(mach_msg_header_t, msgh_id), sizeof id);
    const machine::MessageWords header{MACH_MSGH_BITS(0, MACH_MSG_TYPE_PORT_SEND_ONCE), MACH_PORT_NULL,
                                       args.receive_name, uint64_t{id} << 32};
    return machine::store_message<false>(args.receive_at, size, (size - machine::message_header_size) / 4,
                                         header, answer.data() + machine::message_header_size);
}

// What sending the answer, finding the port empty and receiving it there comes to.
bool give_back(Thread& self, const MsgTrapArgs& args, std::span<const std::byte> answer, IpcRight& reply)
{
    if (answer.empty() || (args.options & MACH_RCV_TRAILER_MASK) != 0 ||
        answer.size() + sizeof(mach_msg_trailer_t) > args.receive_size)
        return false;
    IpcSpace& space = self.task().space();
    IpcPort& port = reply.port();
    Guard guard{space.lock()};
    const IpcEntry* const entry = space.find(args.receive_name, self.ipc.recent_receive);
    if (entry == nullptr || !entry->has(IpcEntry::Receive) || entry->port != &port)
        return false;
    Guard port_guard{port.lock()};
    IpcMqueue& queue = port.queue();
    if (queue.has_something() || !queue.receivers.empty() || !write_answer(args, answer))
        return false;
    ++queue.next_sequence_number;
    port.take_back_send_once();
    port.release_some(1);  // The receive right has another.
    (void)reply.leak();
    return true;
}

// The right by which the call came: used up, mostly without anybody hearing of it.
class CalledBy {
public:
    explicit CalledBy(IpcPort& target) : right_{PortRight<RightKind::Send>::adopt(&target)} {}
    ~CalledBy()
    {
        IpcPort& target = right_.port();
        Guard guard{target.lock()};
        if (!target.take_back_send_unless_last())
            return;  // To be dropped after the guard.
        target.release_some(1);
        (void)right_.leak();
    }

private:
    SendRight right_;
};

Ended call_step(Thread& self, IpcPort& target_port, IpcPort& reply_port, fast_rpc::ShortRoom& request,
                mach_msg_id_t id)
{
    const CalledBy target{target_port};
    IpcRight reply = IpcRight::adopt(&reply_port, RightKind::SendOnce);
    const MsgTrapArgs args = mach_msg_arguments(self);  // The call may change the registers.
    request.header() = {fast_rpc::request_bits, args.send_size, MACH_PORT_NULL,
                        MACH_PORT_NULL,         MACH_PORT_NULL, id};
    fast_rpc::ShortRoom answer;
    KernelCall call{self, std::span{request.bytes}.first(args.send_size), target_port, reply, answer.bytes};
    ipc_kobject_dispatch(call);
    ++self.fast_sent;
    if (give_back(self, args, call.answer_in_room(), reply)) {
        ++self.fast_received;
        return Ended::Answered;
    }
    self.ipc.args = args;
    self.ipc.arguments_elsewhere = false;
    return mach_msg_park_answer(self, call.finish()) ? Ended::Parked : Ended::Sent;
}

}  // namespace

bool fast_rpc::take_rights_for_call(Thread& self, IpcPort& target, IpcPort& reply_port)
{
    const IpcPort::InKernel* const kernel = target.in_kernel();
    if (kernel == nullptr || kernel->type == IpcKobjectType::None || !self.user.nothing_particular() ||
        !reply_port.lock().try_acquire())
        return false;
    target.place_send();
    target.reference();
    reply_port.place_send_once();
    reply_port.reference();
    reply_port.lock().release();
    return true;
}

void fast_rpc::call_kernel(Thread& self, IpcPort& target, IpcPort& reply_port, ShortRoom& request,
                           mach_msg_id_t id)
{
    switch (call_step(self, target, reply_port, request, id)) {
    case Ended::Answered:
        thread_return(self, MACH_MSG_SUCCESS);
    case Ended::Parked:
        mach_msg_answered(self, true);
    case Ended::Sent:
        mach_msg_answered(self, false);
    }
    __builtin_unreachable();
}
