// kernel/ipc/kernel_rpc.cpp
//
// The kernel as a client that waits: exceptions, and other calls that a thread makes on behalf of itself from
// inside the kernel.  The thread receives on a port of its own that no space knows, in the same way as in
// mach_msg.cpp.
#include <ipc/kernel_call.h>

#include <kern/thread.h>

namespace {

mach::Result<void> make_reply_port(IpcThreadState& ipc)
{
    if (ipc.kernel_reply_port)
        return {};
    ipc.kernel_reply_port = TRY(IpcPort::create(nullptr));
    IpcPort& port = ipc.kernel_reply_port.port();
    Guard guard{port.lock()};
    (void)port.set_place(IpcPort::InKernel{IpcKobjectType::None, nullptr});
    return {};
}

// The receiver that the request has been given to, if one waited.
Thread* send_request(Thread& self)
{
    KmsgPtr request = std::move(self.ipc.message);
    const Posted posted = ipc_mqueue_post(request, nullptr, false, Deadline::never());
    return posted.receiver;
}

[[noreturn]] void kernel_rpc_take(Thread& self, Thread* receiver);

// How the wait ended, as kernel_rpc_reply() will tell it.
[[noreturn]] void kernel_rpc_continue(Thread& self)
{
    self.clear_pending(Thread::ParticularArguments);
    switch (self.wait_result()) {
    case WaitResult::Restart:
        kernel_rpc_take(self, nullptr);
    case WaitResult::TimedOut:
        self.ipc.result = MACH_RCV_TIMED_OUT;
        break;
    case WaitResult::Interrupted:
        self.ipc.result = MACH_RCV_INTERRUPTED;
        break;
    case WaitResult::Awakened:
    case WaitResult::Waiting:
        self.ipc.result = self.ipc.receive_result;
        break;
    }
    self.ipc.kernel_rpc_then(self);
    __builtin_unreachable();
}

void kernel_rpc_take(Thread& self, Thread* receiver)
{
    self.set_pending(Thread::ParticularArguments);
    const TakeOutcome outcome = ipc_mqueue_take(self, *self.ipc.receive_port, self.ipc.deadline);
    if (outcome == TakeOutcome::Waiting) {
        if (receiver != nullptr)
            thread_hand_off(self, *receiver, kernel_rpc_continue);
        thread_block_with(self, kernel_rpc_continue);
    }
    self.clear_pending(Thread::ParticularArguments);
    if (receiver != nullptr)
        thread_go(*receiver);
    self.ipc.result = outcome == TakeOutcome::Message ? MACH_MSG_SUCCESS : MACH_RCV_PORT_DIED;
    self.ipc.kernel_rpc_then(self);
    __builtin_unreachable();
}

}  // namespace

mach::Result<void> kernel_rpc_prepare(Thread& self, KernelMessage message)
{
    KASSERT(self.ipc.empty(), "I1: one operation at a time");
    TRY(make_reply_port(self.ipc));
    IpcPort& port = self.ipc.kernel_reply_port.port();
    SendOnceRight reply;
    {
        Guard guard{port.lock()};
        reply = port.make_send_once();
    }
    message.set_reply(std::move(reply));
    self.ipc.message = message.take();
    self.ipc.message->priority = self.priority();
    self.ipc.message->put_in_transit();
    self.ipc.receive_port = RefPtr<IpcPort>{port};
    self.ipc.args = {};  // Of any size.
    return {};
}

void kernel_rpc(Thread& self, Deadline deadline, Continuation then)
{
    self.ipc.deadline = deadline;
    self.ipc.kernel_rpc_then = then;
    Thread* const receiver = send_request(self);
    kernel_rpc_take(self, receiver);
}

mach::Result<KernelMessage> kernel_rpc_reply(Thread& self)
{
    self.ipc.receive_port.reset();
    self.ipc.deadline = Deadline::never();
    KmsgPtr reply = std::move(self.ipc.message);
    if (self.ipc.result != MACH_MSG_SUCCESS) {
        self.ipc.kernel_reply_port.release();  // A late reply finds it dead.
        return mach::failure(self.ipc.result == MACH_RCV_TIMED_OUT ? KERN_OPERATION_TIMED_OUT : KERN_ABORTED);
    }
    ipc_right_consume_send_once(std::move(reply->destination));
    if (reply->id() == MACH_NOTIFY_SEND_ONCE)
        return mach::failure(MIG_SERVER_DIED);
    return KernelMessage{std::move(reply)};
}
