// kernel/kern/exception.cpp
//
// The way of an exception: thread, task, host, and then the end of the task (kern/exception.h).

#include <kern/exception.h>

#include <ipc/ipc_kobject.h>
#include <ipc/kernel_call.h>
#include <kern/host.h>
#include <kern/sched.h>
#include <kern/task.h>
#include <kern/thread.h>
#include <lib/print.h>

#include <exc_kernel.h>  // Made by mig.

namespace {

using Level = ExceptionState::Level;

ExceptionAction copy_action(const ExceptionAction& action)
{
    return ExceptionAction{action.port.copy(), action.behavior, action.flavor};
}

// Whom to tell at the level that the exception has reached; a null or dead port: nobody.
ExceptionAction action_of(Thread& self)
{
    const auto type = static_cast<size_t>(self.exception.type);
    switch (self.exception.level) {
    case Level::Thread: {
        Guard guard{self.rights_lock()};
        return copy_action(self.exception_actions()[type]);
    }
    case Level::Task: {
        Guard guard{self.task().lock()};
        return copy_action(self.task().exception_actions()[type]);
    }
    case Level::Host: {
        Guard guard{host_lock};
        return copy_action(host_exception_actions()[type]);
    }
    case Level::Nobody:
        break;
    }
    return {};
}

mach::Result<void> encode(Thread& self, const ExceptionAction& action, KernelMessage& message)
{
    const ExceptionState& exception = self.exception;
    const std::span<const exception_data_type_t> code{exception.code};
    if (action.behavior == EXCEPTION_DEFAULT)
        return exc_calls::encode_exception_raise(message, ipc_kobject_make_send(*self.kernel_port),
                                                 ipc_kobject_make_send(*self.task().kernel_port),
                                                 exception.type, code);
    natural_t state[THREAD_STATE_MAX];
    const natural_t count = TRY(self.user.get_state(action.flavor, state, THREAD_STATE_MAX));
    const std::span<const natural_t> registers{state, count};
    if (action.behavior == EXCEPTION_STATE)
        return exc_calls::encode_exception_raise_state(message, exception.type, code, action.flavor,
                                                       registers, THREAD_STATE_MAX);
    return exc_calls::encode_exception_raise_state_identity(
        message, ipc_kobject_make_send(*self.kernel_port), ipc_kobject_make_send(*self.task().kernel_port),
        exception.type, code, action.flavor, registers, THREAD_STATE_MAX);
}

// True: the message is parked in the thread, ready to be sent.
bool prepare(Thread& self)
{
    ExceptionAction action = action_of(self);
    if (!action.port)
        return false;
    KernelMessage message;
    if (!encode(self, action, message))
        return false;
    self.exception.behavior = action.behavior;
    message.set_destination(IpcRight{std::move(action.port)});
    return kernel_rpc_prepare(self, std::move(message)).has_value();
}

mach::Result<void> take_registers(Thread& self, mach::Result<int> flavor,
                                  const mig::OutArray<natural_t>& state)
{
    if (!flavor)
        return mach::failure(flavor.error());
    return self.user.set_state(*flavor, state.data(), state.count());
}

// What came of the level that was asked: success, a refusal, or KERN_ABORTED.
mach::Result<void> take_reply(Thread& self)
{
    KernelMessage reply = TRY(kernel_rpc_reply(self));
    natural_t registers[THREAD_STATE_MAX];
    mig::OutArray<natural_t> state{registers, THREAD_STATE_MAX};
    switch (self.exception.behavior) {
    case EXCEPTION_STATE:
        return take_registers(self, exc_calls::decode_exception_raise_state_reply(reply, state), state);
    case EXCEPTION_STATE_IDENTITY:
        return take_registers(self, exc_calls::decode_exception_raise_state_identity_reply(reply, state),
                              state);
    default:
        return exc_calls::decode_exception_raise_reply(reply);
    }
}

void end_task(Thread& self)
{
    kprint("thread %lu: exception %d (0x%lx, 0x%lx) at 0x%lx: nobody takes it, its task ends\n", self.id(),
           self.exception.type, static_cast<unsigned long>(self.exception.code[0]),
           static_cast<unsigned long>(self.exception.code[1]), self.user.ip());
    (void)self.task().terminate();
}

Level next(Level level) { return static_cast<Level>(static_cast<uint8_t>(level) + 1); }

[[noreturn]] void ask(Thread& self);

[[noreturn]] void replied(Thread& self)
{
    const kern_return_t code = mach::code_of(take_reply(self));
    // An aborted exception has not been handled: the thread goes back, and meets it again.
    if (code == KERN_SUCCESS || code == KERN_ABORTED)
        thread_exception_return(self);
    self.exception.level = next(self.exception.level);
    ask(self);
}

void ask(Thread& self)
{
    for (; self.exception.level != Level::Nobody; self.exception.level = next(self.exception.level))
        if (prepare(self))
            kernel_rpc(self, Deadline::never(), replied);
    end_task(self);
    thread_exception_return(self);
}

}  // namespace

void exception_raise(Thread& self, exception_type_t type, exception_data_type_t code,
                     exception_data_type_t subcode)
{
    KASSERT(type > 0 && type < EXC_TYPES_COUNT, "the machine raises exceptions that exist");
    self.exception.type = type;
    self.exception.code = {code, subcode};
    self.exception.level = Level::Thread;
    ask(self);
}

mach::Result<void> exception_check(exception_mask_t mask, exception_behavior_t behavior,
                                   thread_state_flavor_t flavor)
{
    const auto kind =
        static_cast<exception_behavior_t>(static_cast<uint32_t>(behavior) & ~MACH_EXCEPTION_CODES);
    if ((mask & ~EXC_MASK_ALL) != 0 || kind < EXCEPTION_DEFAULT || kind > EXCEPTION_STATE_IDENTITY)
        return mach::failure(KERN_INVALID_ARGUMENT);
    if (kind == EXCEPTION_DEFAULT)
        return {};
    natural_t state[THREAD_STATE_MAX];  // A flavour is known if the registers of the caller can be had in it.
    return mach::result_of(mach::code_of(current_thread().user.get_state(flavor, state, THREAD_STATE_MAX)));
}

ExceptionActions exception_actions_for(exception_mask_t mask, const SendRight& port,
                                       exception_behavior_t behavior, thread_state_flavor_t flavor)
{
    const auto kind =
        static_cast<exception_behavior_t>(static_cast<uint32_t>(behavior) & ~MACH_EXCEPTION_CODES);
    ExceptionActions actions;
    for (unsigned type = 1; type < EXC_TYPES_COUNT; ++type)
        if ((mask & EXC_MASK(type)) != 0)
            actions[type] = ExceptionAction{port.copy(), kind, flavor};
    return actions;
}

void exception_actions_replace(ExceptionActions& current, exception_mask_t mask, ExceptionActions& wanted)
{
    for (unsigned type = 1; type < EXC_TYPES_COUNT; ++type)
        if ((mask & EXC_MASK(type)) != 0)
            std::swap(current[type], wanted[type]);
}
