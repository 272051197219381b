// kernel/ipc/mach_msg.cpp
//
// mach_msg: sending, receiving, and both.  docs/ipc.md follows a message through this file.
//
// A function here is either a *step*, which has locks, references and rights as it needs them and returns
// something trivial; or it is [[noreturn]], has nothing alive, and decides by what a step has returned where
// to go on: block, fault, hand over, or return to user mode (design D6).  What must survive is in self.ipc.
//
//     mach_msg_start
//       send       fetch_step -> mach_msg_post -> post_step -> mach_msg_sent
//                              \ (queue full) thread_block_with ... mach_msg_send_continue -> mach_msg_post
//                              \ (kernel object) call_step
//       receive    mach_msg_receive -> receive_step
//                              \ (nothing there) thread_block_with / thread_hand_off ...
//                              mach_msg_receive_continue
//       deliver    mach_msg_deliver -> deliver_step -> mach_msg_write -> thread_return
//
// The shortest way (mach_msg_fast.cpp) has been tried before, and found the message to be none of its kind.
#include <ipc/mach_msg.h>

#include <algorithm>

#include <ipc/ipc_copyin.h>
#include <ipc/ipc_kobject.h>
#include <ipc/ipc_kobject_call.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_pset.h>
#include <ipc/ipc_space.h>
#include <kern/ablation.h>
#include <kern/scheduler.h>
#include <kern/task.h>
#include <kern/thread.h>
#include <lib/death_point.h>
#include <mach/message_registers.h>
#include <mach_trap_table.h>
#include <vm/vm_fault.h>

namespace {

[[noreturn]] void mach_msg_post(Thread& self);
[[noreturn]] void mach_msg_receive(Thread& self, Thread* receiver);
[[noreturn]] void mach_msg_deliver(Thread& self);
[[noreturn]] void mach_msg_write(Thread& self);

Deadline deadline_of(const MsgTrapArgs& args, mach_msg_option_t timeout_option)
{
    return (args.options & timeout_option) != 0 ? Deadline::after_milliseconds(args.timeout)
                                                : Deadline::never();
}

// The operation is over: nothing stays parked (I1).
[[noreturn]] void mach_msg_finish(Thread& self, mach_msg_return_t result)
{
    self.ipc.message.reset();
    self.ipc.receive_port.reset();
    self.ipc.receive_set.reset();
    self.ipc.deadline = Deadline::never();
    thread_return(self, result);
}

// ---- Sending.

struct SendStep {
    mach_msg_return_t code = MACH_MSG_SUCCESS;
    machine::CopyOutcome copied;
    bool kernel_call = false;
};

// Fetches the message and takes its rights.  With absent memory nothing has happened; after success the
// message is parked and effects have begun.
SendStep fetch_step(Thread& self)
{
    Fetched fetched =
        self.ipc.args.in_registers ? ipc_copyin_fetch_registers(self.user) : ipc_copyin_fetch(self.ipc.args);
    if (fetched.code != MACH_MSG_SUCCESS || !fetched.copied)
        return {fetched.code, fetched.copied, false};
    fetched.message->priority = self.priority();
    const mach_msg_return_t code = ipc_copyin_rights(self.task(), *fetched.message);
    if (code != MACH_MSG_SUCCESS)
        return {code, {}, false};
    self.task().events.messages_sent.fetch_add(1, std::memory_order_relaxed);
    const bool kernel_call = ipc_kobject_type(fetched.message->destination.raw()) != IpcKobjectType::None;
    self.ipc.message = std::move(fetched.message);
    return {MACH_MSG_SUCCESS, {}, kernel_call};
}

// True: the answer is parked, as if it had been received.
bool call_step(Thread& self)
{
    return mach_msg_park_answer(self, ipc_kobject_call(self, std::move(self.ipc.message)));
}

Posted post_step(Thread& self)
{
    KmsgPtr message = std::move(self.ipc.message);
    const bool may_wait = (self.ipc.args.options & MACH_SEND_TIMEOUT) == 0 || self.ipc.args.timeout != 0;
    const Posted posted = ipc_mqueue_post(message, &self, may_wait, self.ipc.deadline);
    self.ipc.message = std::move(message);  // Null, if it has gone.
    return posted;
}

// The send has failed: the sender gets its rights and memory back, as if it had received its own message.
void pseudo_receive_step(Thread& self, mach_msg_return_t code)
{
    IpcKmsg& message = *self.ipc.message;
    if (code == MACH_SEND_TIMED_OUT && (self.ipc.args.options & MACH_SEND_NOTIFY) != 0)
        ipc_right_arm_send_possible(self.task().space(), message.header().msgh_remote_port);
    const mach_msg_return_t shortage = ipc_copyout_pseudo(self.task(), message);
    self.ipc.delivery = {self.ipc.args.send_at, message.size(), false, MACH_SEND_INVALID_DATA};
    self.ipc.result = code | shortage;
}

[[noreturn]] void mach_msg_pseudo_receive(Thread& self, mach_msg_return_t code)
{
    pseudo_receive_step(self, code);
    mach_msg_write(self);
}

// Waited for room in a full queue.
[[noreturn]] void mach_msg_send_continue(Thread& self)
{
    switch (self.wait_result()) {
    case WaitResult::TimedOut:
        mach_msg_pseudo_receive(self, MACH_SEND_TIMED_OUT);
    case WaitResult::Interrupted:
        mach_msg_pseudo_receive(self, MACH_SEND_INTERRUPTED);
    default:
        mach_msg_post(self);
    }
}

void mach_msg_post(Thread& self)
{
    const Posted posted = post_step(self);
    switch (posted.outcome) {
    case PostOutcome::Queued:
    case PostOutcome::Claimed:
        mach_msg_receive(self, posted.receiver);
    case PostOutcome::Full:
        if ((self.ipc.args.options & MACH_SEND_TIMEOUT) != 0 && self.ipc.args.timeout == 0)
            mach_msg_pseudo_receive(self, MACH_SEND_TIMED_OUT);
        thread_block_with(self, mach_msg_send_continue);
    case PostOutcome::NoRoom:
        mach_msg_pseudo_receive(self, MACH_SEND_NO_BUFFER);
    }
    __builtin_unreachable();
}

[[noreturn]] void mach_msg_send(Thread& self);

// The message to be sent was absent; nothing has been taken yet.
[[noreturn]] void mach_msg_fetch_continue(Thread& self)
{
    if (self.fault_result == KERN_ABORTED)
        thread_return(self, MACH_SEND_INTERRUPTED);
    if (self.fault_result != KERN_SUCCESS)
        thread_return(self, self.ipc.result);
    mach_msg_send(self);
}

void mach_msg_send(Thread& self)
{
    const SendStep step = fetch_step(self);
    if (!step.copied) {
        self.ipc.result = step.code;
        vm_fault_safely_then(self, step.copied.absent_at, step.copied.access(), mach_msg_fetch_continue);
    }
    if (step.code != MACH_MSG_SUCCESS)
        thread_return(self, step.code);
    if (step.kernel_call)
        mach_msg_answered(self, call_step(self));
    self.ipc.deadline = deadline_of(self.ipc.args, MACH_SEND_TIMEOUT);
    mach_msg_post(self);
}

// ---- Receiving.

// Parks where to receive; false if the name is neither a receive right nor a set.
bool find_receive_right(Thread& self)
{
    IpcSpace& space = self.task().space();
    Guard guard{space.lock()};
    const IpcEntry* entry = space.lookup(self.ipc.args.receive_name);
    if (entry == nullptr)
        return false;
    if (entry->has(IpcEntry::Receive))
        self.ipc.receive_port = RefPtr<IpcPort>{entry->port};
    else if (entry->has(IpcEntry::PortSet))
        self.ipc.receive_set = RefPtr<IpcPset>{entry->pset};
    else
        return false;
    return true;
}

TakeOutcome take_step(Thread& self)
{
    return self.ipc.receive_port ? ipc_mqueue_take(self, *self.ipc.receive_port, self.ipc.deadline)
                                 : ipc_mqueue_take(self, *self.ipc.receive_set, self.ipc.deadline);
}

// MACH_RCV_LARGE: the message stays; its size, and with MACH_RCV_LARGE_IDENTITY its port, go into the buffer.  Registers
// tell both.
void report_too_large(Thread& self)
{
    self.ipc.result = MACH_RCV_TOO_LARGE;
    self.ipc.delivery = {};
    if (self.ipc.args.in_registers)
        return self.user.set_message_in_registers(
            {MACH_MSG_REGISTERS_PORTS(MACH_PORT_NULL, self.ipc.found_name), 0, self.ipc.found_size, 0, 0, 0});
    mach::Result<KmsgPtr> report = IpcKmsg::create(sizeof(mach_msg_header_t));
    if (!report || self.ipc.args.receive_size < sizeof(mach_msg_header_t))
        return;
    (*report)->header().msgh_size = self.ipc.found_size;
    if ((self.ipc.args.options & MACH_RCV_LARGE_IDENTITY) != 0)
        (*report)->header().msgh_local_port = self.ipc.found_name;
    self.ipc.message = std::move(*report);
    self.ipc.delivery = {self.ipc.args.receive_at, sizeof(mach_msg_header_t), false, MACH_RCV_INVALID_DATA};
}

// The receive is over without a message.
[[noreturn]] void mach_msg_receive_failed(Thread& self, mach_msg_return_t code)
{
    if (code != MACH_RCV_TOO_LARGE)
        mach_msg_finish(self, code);
    report_too_large(self);
    mach_msg_write(self);
}

[[noreturn]] void mach_msg_take(Thread& self, Thread* receiver);

}  // namespace

void mach_msg_receive_continue(Thread& self)
{
    if ((self.pending() & Thread::ParticularArguments) != 0)
        self.clear_pending(Thread::ParticularArguments);
    else
        self.ipc.args = mach_msg_arguments(self);
    switch (self.wait_result()) {
    case WaitResult::TimedOut:
        mach_msg_receive_failed(self, MACH_RCV_TIMED_OUT);
    case WaitResult::Interrupted:
        mach_msg_receive_failed(self, MACH_RCV_INTERRUPTED);
    case WaitResult::Restart:
        if (!find_receive_right(self))
            mach_msg_receive_failed(self, MACH_RCV_PORT_DIED);
        mach_msg_take(self, nullptr);
    default:
        break;
    }
    if (self.ipc.receive_result != MACH_MSG_SUCCESS)
        mach_msg_receive_failed(self, self.ipc.receive_result);
    mach_msg_deliver(self);
}

namespace {

// `receiver` has been given our message and waits for a processor: it gets this one if we wait now.
void mach_msg_take(Thread& self, Thread* receiver)
{
    if (self.ipc.arguments_elsewhere || !ablation().continuations)
        self.set_pending(Thread::ParticularArguments);
    const TakeOutcome outcome = take_step(self);
    if (outcome == TakeOutcome::Waiting) {
        self.ipc.receive_port.reset();
        self.ipc.receive_set.reset();
        if (receiver != nullptr)
            thread_hand_off(self, *receiver, mach_msg_receive_continue);
        thread_block_with(self, mach_msg_receive_continue);
    }
    if (self.ipc.arguments_elsewhere || !ablation().continuations)
        self.clear_pending(Thread::ParticularArguments);
    if (receiver != nullptr)
        thread_go(*receiver);
    switch (outcome) {
    case TakeOutcome::TooLarge:
        mach_msg_receive_failed(self, MACH_RCV_TOO_LARGE);
    case TakeOutcome::Died:
        mach_msg_receive_failed(self, MACH_RCV_PORT_DIED);
    case TakeOutcome::Shortage:
        mach_msg_receive_failed(self, MACH_RCV_BODY_ERROR | MACH_MSG_IPC_KERNEL);
    default:
        mach_msg_deliver(self);
    }
}

void mach_msg_receive(Thread& self, Thread* receiver)
{
    if (!self.ipc.args.receives() || !find_receive_right(self)) {
        if (receiver != nullptr)
            thread_go(*receiver);
        mach_msg_finish(self, self.ipc.args.receives() ? MACH_RCV_INVALID_NAME : MACH_MSG_SUCCESS);
    }
    death_point(DeathPoint::Message);
    self.ipc.deadline = deadline_of(self.ipc.args, MACH_RCV_TIMEOUT);
    mach_msg_take(self, receiver);
}

// ---- Delivering.

// The message's rights become the task's, once its buffer is known to be there.  Not ok: it is not.
machine::CopyOutcome deliver_step(Thread& self)
{
    const MsgTrapArgs& args = self.ipc.args;
    IpcKmsg& message = *self.ipc.message;
    const mach_msg_size_t trailer = REQUESTED_TRAILER_SIZE(args.options);
    const bool fits = args.in_registers || message.size() <= args.room();
    const mach_msg_size_t header_room =
        args.receive_size >= sizeof(mach_msg_header_t) ? sizeof(mach_msg_header_t) : 0;
    const mach_msg_size_t needed = fits ? round_msg(message.size()) + trailer : header_room;
    if (!args.in_registers)
        if (const machine::CopyOutcome probed = machine::probe_write(args.receive_at, needed); !probed)
            return probed;

    if (fits) {
        self.ipc.result = ipc_copyout_rights(self.task(), message);
        self.task().events.messages_received.fetch_add(1, std::memory_order_relaxed);
    } else {
        ipc_copyout_header_only(self.task(), message);
        self.ipc.result = MACH_RCV_TOO_LARGE;
    }
    const bool whole = fits && (self.ipc.result & ~MACH_MSG_MASK) != MACH_RCV_HEADER_ERROR;
    self.ipc.delivery = {args.receive_at, whole ? message.size() : header_room, whole, MACH_RCV_INVALID_DATA};
    return {};
}

[[noreturn]] void mach_msg_deliver_continue(Thread& self)
{
    if (self.fault_result != KERN_SUCCESS)
        mach_msg_finish(self, MACH_RCV_INVALID_DATA);
    mach_msg_deliver(self);
}

void mach_msg_deliver(Thread& self)
{
    const machine::CopyOutcome outcome = deliver_step(self);
    if (!outcome)
        vm_fault_then(self, outcome.absent_at, outcome.access(), mach_msg_deliver_continue);
    mach_msg_write(self);
}

// Only if another thread takes the memory away behind deliver_step()'s back, the rights are then in the space
// without the receiver knowing their names.
[[noreturn]] void mach_msg_write_continue(Thread& self)
{
    if (self.fault_result != KERN_SUCCESS)
        mach_msg_finish(self, self.ipc.delivery.if_unwritable);
    mach_msg_write(self);
}

void mach_msg_write(Thread& self)
{
    const IpcThreadState::Delivery& delivery = self.ipc.delivery;
    if (self.ipc.args.in_registers && self.ipc.message) {
        ipc_copyout_registers(*self.ipc.message, delivery.size, self.user);
    } else if (delivery.size != 0) {
        const machine::CopyOutcome outcome = ipc_copyout_bytes(*self.ipc.message, delivery.to, delivery.size,
                                                               self.ipc.args.options, delivery.trailer);
        if (!outcome)
            vm_fault_then(self, outcome.absent_at, outcome.access(), mach_msg_write_continue);
    }
    mach_msg_finish(self, self.ipc.result);
}

}  // namespace

namespace {

// Where mach_msg_reply_trap receives is said in the place of the reply port, too; no bits: it does nothing else.
MsgTrapArgs arguments_in_registers(const machine::UserState& user)
{
    const uint64_t info = user.trap_argument(1);
    const bool only_receives =
        user.trap_number() == mach_traps::number_of_mach_msg_reply_trap && MACH_MSG_REGISTERS_BITS(info) == 0;
    MsgTrapArgs args;
    args.options = only_receives ? MACH_RCV_MSG : MACH_SEND_MSG | MACH_RCV_MSG;
    args.receive_size = MACH_MSG_REGISTERS_SIZE_MAX;
    args.receive_name = MACH_MSG_REGISTERS_LOCAL(user.trap_argument(0));
    args.in_registers = true;
    return args;
}

}  // namespace

MsgTrapArgs mach_msg_arguments(const Thread& thread)
{
    const machine::UserState& user = thread.user;
    if (user.has_message_in_registers())
        return arguments_in_registers(user);
    return {user.trap_argument(0),
            user.trap_argument(0),
            static_cast<mach_msg_option_t>(user.trap_argument(1)),
            static_cast<mach_msg_size_t>(user.trap_argument(2)),
            static_cast<mach_msg_size_t>(user.trap_argument(3)),
            static_cast<mach_port_name_t>(user.trap_argument(4)),
            static_cast<mach_msg_timeout_t>(user.trap_argument(5)),
            0};
}

bool mach_msg_takes(const Thread& waiting, const IpcKmsg& message)
{
    const bool elsewhere = (waiting.pending() & Thread::ParticularArguments) != 0;
    return elsewhere ? waiting.ipc.args.takes(message) : mach_msg_arguments(waiting).takes(message);
}

void mach_msg_keep_arguments(Thread& thread)
{
    if (!Scheduler::waits_with(thread, mach_msg_receive_continue) ||
        (thread.pending() & Thread::ParticularArguments) != 0)
        return;
    thread.ipc.args = mach_msg_arguments(thread);
    thread.set_pending(Thread::ParticularArguments);
    Scheduler::await_wakers(thread);  // Nobody still reads the registers.
}

bool mach_msg_park_answer(Thread& self, KmsgPtr answer)
{
    if (!answer)
        return false;
    if (self.ipc.args.receives() && ipc_mqueue_hand_back(self, answer, self.ipc.args.receive_name))
        return true;
    ipc_mqueue_send_always(std::move(answer));
    return false;
}

void mach_msg_answered(Thread& self, bool parked)
{
    if (parked)
        mach_msg_deliver(self);
    mach_msg_receive(self, nullptr);
}

void mach_msg_start(Thread& self)
{
    const MsgTrapArgs& args = self.ipc.args;
    death_point(DeathPoint::Message);
    if ((args.options & MACH_RCV_OVERWRITE) != 0)
        thread_return(self, KERN_NOT_SUPPORTED);
    if (args.sends())
        mach_msg_send(self);
    mach_msg_receive(self, nullptr);
}

void mach_msg_start_in_registers(Thread& self)
{
    self.user.begin_message_in_registers();
    self.ipc.args = arguments_in_registers(self.user);
    self.ipc.arguments_elsewhere = false;
    mach_msg_start(self);
}
