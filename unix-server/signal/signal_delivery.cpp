#include "signal_delivery.h"

#include <mach/mach.h>
#include <mach/thread_status.h>

namespace portico {

namespace {

constexpr uint64_t signalled_bit = 1;  // In rbx, for a thread inside the trap stretch.

bool get_registers(const Process& process, x86_thread_state64_t& registers)
{
    mach_msg_type_number_t count = x86_THREAD_STATE64_COUNT;
    return thread_get_state(process.thread.name(), x86_THREAD_STATE64,
                            reinterpret_cast<thread_state_t>(&registers), &count) == KERN_SUCCESS;
}

void set_registers(const Process& process, x86_thread_state64_t& registers)
{
    thread_set_state(process.thread.name(), x86_THREAD_STATE64, reinterpret_cast<thread_state_t>(&registers),
                     x86_THREAD_STATE64_COUNT);
}

bool in_trap(const SignalEntry& entry, uint64_t ip) { return ip > entry.trap_begin && ip <= entry.trap_end; }

// SA_ONSTACK of the signal that will be taken first counts; a thread that is on the alternate stack stays there.
uint64_t stack_for_handler(const Process& process, uint64_t sp)
{
    const SignalStack& stack = process.signals.stack;
    if (stack.size == 0 || sp - stack.base < stack.size)
        return sp;
    const SignalSet ready = process.signals.pending() & ~process.signals.mask();
    for (int signal = 1; signal <= signal_count; ++signal) {
        if ((ready & signal_bit(signal)) == 0)
            continue;
        const SignalAction& action = process.signals.action(signal);
        if (action.disposition == UNIX_SIGNAL_CATCH)
            return (action.flags & SA_ONSTACK) != 0 ? stack.base + stack.size : sp;
    }
    return sp;
}

void redirect(Process& process, x86_thread_state64_t& registers)
{
    process.saved_ip = registers.rip;
    process.saved_sp = registers.rsp;
    registers.rip = process.entry.trampoline;
    registers.rsp = stack_for_handler(process, registers.rsp);
    set_registers(process, registers);
}

}  // namespace

void announce_signal(Process& process)
{
    if (process.announced || process.entry.trampoline == 0)
        return;
    const mach_port_t thread = process.thread.name();
    if (thread_suspend(thread) != KERN_SUCCESS)
        return;  // It has ended.
    x86_thread_state64_t registers;
    if (get_registers(process, registers)) {
        process.announced = true;
        if (in_trap(process.entry, registers.rip)) {
            registers.rbx |= signalled_bit;
            set_registers(process, registers);
            thread_abort_safely(thread);
        } else {
            redirect(process, registers);
        }
    }
    thread_resume(thread);
}

void redirect_to_signal(Process& process)
{
    x86_thread_state64_t registers;
    if (!get_registers(process, registers))
        return;
    process.announced = true;
    redirect(process, registers);
}

}  // namespace portico
