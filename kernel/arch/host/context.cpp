// kernel/arch/host/context.cpp
//
// Kernel stacks and user mode of the simulated machine: machine/context.h, machine/user_state.h, arch/host/user.h.

#include <machine/context.h>

#include <cstring>
#include <new>

#include <arch/host/host.h>
#include <arch/host/interleave.h>
#include <arch/host/user.h>
#include <ipc/mach_msg.h>
#include <kern/sched.h>
#include <kern/thread.h>
#include <kern/trap.h>
#include <machine/hand_off.h>
#include <machine/processor.h>
#include <vm/vm_fault.h>

#include <mach_trap_table.h>  // Made by mig.

namespace machine {

namespace {

KernelStack& running_stack() { return *current_processor().arch.stack; }

void start_continuation(void* argument)
{
    KernelStack& stack = *static_cast<KernelStack*>(argument);
    stack.continuation(*stack.thread);
    panic("a continuation returned");
}

void prepare(KernelStack& stack, Continuation continuation, Thread& thread)
{
    stack.live_objects = 0;
    stack.continuation = continuation;
    stack.thread = &thread;
    stack.fiber.prepare(start_continuation, &stack);
}

}  // namespace

KernelStack* allocate_stack() { return new (std::nothrow) KernelStack; }
void free_stack(KernelStack* stack) { delete stack; }
KernelStack* current_stack() { return host::outside() ? nullptr : current_processor().arch.stack; }

void call_continuation_on(KernelStack& stack, Continuation continuation, Thread& thread)
{
    current_processor().arch.stack = &stack;
    prepare(stack, continuation, thread);
    stack.fiber.jump_to();
}

void prepare_stack(KernelStack& stack, Thread& thread, Continuation start) { prepare(stack, start, thread); }

void load_context(Thread& to)
{
    KernelStack& stack = *to.kernel_stack();
    current_processor().arch.stack = &stack;
    stack.fiber.jump_to();
}

void switch_context(Thread& from, Thread& to)
{
    KASSERT(from.kernel_stack() == &running_stack(), "a processor leaves the stack that it is on");
    KernelStack& stack = *to.kernel_stack();
    current_processor().arch.stack = &stack;
    stack.fiber.switch_to();
}

// The address space is looked up through current_thread(), unless a hand-over is under way.
void activate(Thread&) { current_processor().arch.pmap = nullptr; }

// ---- User mode.

namespace {

// The user code of a thread, from its beginning.
void run_user_code(void* argument)
{
    // The function stays in the thread's record, so that what it holds goes with the thread, however that ends.
    const std::function<void()>& code = static_cast<Thread*>(argument)->user.code;
    if (code)
        code();
    host::exit_thread();
}

// From user mode: the kernel stack that the thread has is empty, and what is entered does not return to here but by
// return_to_user().
void enter_kernel(Continuation entry)
{
    Thread& self = current_thread();
    KernelStack& stack = *self.kernel_stack();
    prepare(stack, entry, self);
    stack.fiber.switch_to();
}

// From user mode by anything but a trap.
void leave_user_mode()
{
    current_processor().sched.in_user_mode = true;
    current_thread().user.in_trap = false;
}

[[noreturn]] void mach_msg_entry(Thread& self)
{
    const UserState& user = self.user;
    mach_msg_fast(self, current_processor(), 0, 0, user.trap_argument(0),
                  static_cast<mach_msg_option_t>(user.trap_argument(1)),
                  static_cast<mach_msg_size_t>(user.trap_argument(2)),
                  static_cast<mach_msg_size_t>(user.trap_argument(3)),
                  static_cast<mach_port_name_t>(user.trap_argument(4)));
    trap_entry(self);
}

[[noreturn]] void mach_msg_call_entry(Thread& self)
{
    mach_msg_call_fast(self, current_processor(), 0, 0, self.user.trap_argument(0),
                       self.user.trap_argument(1));
    trap_entry(self);
}

[[noreturn]] void mach_msg_reply_entry(Thread& self)
{
    mach_msg_reply_fast(self, current_processor(), 0, 0, self.user.trap_argument(0),
                        self.user.trap_argument(1));
    trap_entry(self);
}

ShortestWays shortest_ways;

Continuation entry_of(uint64_t number)
{
    switch (number) {
    case mach_traps::number_of_mach_msg_trap:
        return shortest_ways.messages ? mach_msg_entry : trap_entry;
    case mach_traps::number_of_mach_msg_call_trap:
        return shortest_ways.registers ? mach_msg_call_entry : trap_entry;
    case mach_traps::number_of_mach_msg_reply_trap:
        return shortest_ways.registers ? mach_msg_reply_entry : trap_entry;
    default:
        return trap_entry;
    }
}

[[noreturn]] void interrupt_entry(Thread& self)
{
    leave_user_mode();
    host::deliver_interrupts();
    thread_exception_return(self);
}

[[noreturn]] void preempt_entry(Thread& self)
{
    leave_user_mode();
    host::force_preemption();
    thread_exception_return(self);
}

[[noreturn]] void fault_entry(Thread& self)
{
    leave_user_mode();
    vm_fault_user(self, self.user.fault_address, self.user.fault_access);
}

[[noreturn]] void exit_entry(Thread& self)
{
    self.terminate();
    thread_exception_return(self);
}

[[noreturn]] void exception_entry(Thread& self)
{
    leave_user_mode();
    const auto& raised = self.user.raised;
    exception_raise(self, raised.type, raised.code, raised.subcode);
}

}  // namespace

void use_shortest_ways(ShortestWays ways) { shortest_ways = ways; }

void return_to_user(Thread& thread)
{
    if (!thread.user.fiber) {
        thread.user.fiber = std::make_unique<host::Fiber>(host::user_stack_size);
        thread.user.fiber->prepare(run_user_code, &thread);
    }
    thread.user.fiber->jump_to();
}

namespace host {

uint64_t trap(uint64_t number, std::array<uint64_t, 6> arguments)
{
    user_step();
    current_thread().user.enter_trap(number, arguments);
    enter_kernel(entry_of(number));
    return current_thread().user.registers.rax;
}

void user_step()
{
    if (interrupts_pending())
        enter_kernel(interrupt_entry);
    if (wants_preemption())
        enter_kernel(preempt_entry);
}

void fault(user_address_t address, vm_prot_t access)
{
    UserState& user = current_thread().user;
    user.fault_address = address;
    user.fault_access = access;
    enter_kernel(fault_entry);
}

void raise(exception_type_t type, exception_data_type_t code, exception_data_type_t subcode)
{
    current_thread().user.raised = {type, code, subcode};
    enter_kernel(exception_entry);
}

void exit_thread()
{
    enter_kernel(exit_entry);
    panic("a thread that has ended goes on");
}

}  // namespace host

// ---- machine/user_state.h

void UserState::init_for_thread(user_address_t ip, user_address_t sp)
{
    registers = {};
    registers.rip = ip;
    registers.rsp = sp;
}

std::array<const uint64_t*, 6> UserState::argument_registers() const
{
    return {&registers.rdi, &registers.rsi, &registers.rdx, &registers.r10, &registers.r8, &registers.r9};
}

void UserState::enter_trap(uint64_t number, const std::array<uint64_t, 6>& arguments)
{
    in_trap = true;
    message_in_registers = false;
    registers.rax = number;
    set_argument_registers(arguments);
}

void UserState::set_argument_registers(const std::array<uint64_t, 6>& values)
{
    const auto targets = argument_registers();
    for (size_t i = 0; i < values.size(); ++i)
        *const_cast<uint64_t*>(targets[i]) = values[i];
}

void UserState::set_message_in_registers(const std::array<uint64_t, 6>& message)
{
    set_argument_registers(message);
}

mach::Result<natural_t> UserState::get_state(int flavor, natural_t* state, natural_t max_count) const
{
    if (flavor != x86_THREAD_STATE64 || max_count < x86_THREAD_STATE64_COUNT)
        return mach::failure(KERN_INVALID_ARGUMENT);
    std::memcpy(state, &registers, sizeof registers);
    return x86_THREAD_STATE64_COUNT;
}

mach::Result<void> UserState::set_state(int flavor, const natural_t* state, natural_t count)
{
    if (flavor != x86_THREAD_STATE64 || count != x86_THREAD_STATE64_COUNT)
        return mach::failure(KERN_INVALID_ARGUMENT);
    in_trap = false;
    std::memcpy(&registers, state, sizeof registers);
    return {};
}

}  // namespace machine
