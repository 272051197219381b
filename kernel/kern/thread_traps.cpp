// kernel/kern/thread_traps.cpp: the traps that give the processor away, sleep, and set the thread pointer.

#include <ipc/ipc_kobject.h>
#include <kern/call_support.h>
#include <kern/host.h>
#include <kern/sched.h>
#include <kern/task.h>
#include <kern/thread.h>
#include <mach/thread_switch.h>
#include <mach/vm_param.h>
#include <machine/clock.h>
#include <machine/user_copy.h>
#include <vm/vm_fault.h>

#include <mach_trap_table.h>  // Made by mig.

using mach::failure;
using mach::Result;

namespace {

[[noreturn]] void switched(Thread& self) { thread_return(self, KERN_SUCCESS); }

// Is there still another thread that could run?
[[noreturn]] void swtch_switched(Thread& self)
{
    self.end_depression();
    thread_return(self, thread_should_yield() ? TRUE : FALSE);
}

bool names_a_thread(Thread& self, mach_port_name_t name)
{
    const Result<RefPtr<IpcPort>> port = ipc_kobject_of_name(self, name);
    return port && convert_port_to_thread(port->get());
}

// ---- clock_sleep_trap

Result<clock_id_t> clock_of_name(Thread& self, mach_port_name_t name)
{
    if (name == MACH_PORT_NULL)
        return SYSTEM_CLOCK;
    const RefPtr<IpcPort> port = TRY(ipc_kobject_of_name(self, name));
    const ClockRef clock = convert_port_to_clock(port.get());
    if (!clock)
        return failure(KERN_INVALID_ARGUMENT);
    return clock->id();
}

// When the sleep ends, by machine::now_ns().
Result<Deadline> deadline_of_sleep(clock_id_t id, int sleep_type, int seconds, int nanoseconds)
{
    if (seconds < 0 || (sleep_type != TIME_ABSOLUTE && sleep_type != TIME_RELATIVE))
        return failure(KERN_INVALID_VALUE);
    const uint64_t time = TRY(ns_of({static_cast<unsigned>(seconds), nanoseconds}));
    if (sleep_type == TIME_RELATIVE)
        return Deadline::after(time);
    const uint64_t ahead = the_clock(id).now_ns() - machine::now_ns();
    return Deadline::at(time > ahead ? time - ahead : 0);
}

// sleep.argument: where to store the time that the thread woke, the clock, and the result.
[[noreturn]] void store_time(Thread& self)
{
    const mach_timespec_t now =
        timespec_of(the_clock(static_cast<clock_id_t>(self.sleep.argument[1])).now_ns());
    const machine::CopyOutcome stored = machine::copy_out(self.sleep.argument[0], &now, sizeof now);
    if (!stored)
        vm_fault_then(self, stored.absent_at, stored.access(), [](Thread& again) {
            if (again.fault_result != KERN_SUCCESS)
                thread_return(again, KERN_INVALID_ADDRESS);
            store_time(again);
        });
    thread_return(self, static_cast<kern_return_t>(self.sleep.argument[2]));
}

[[noreturn]] void slept(Thread& self)
{
    self.sleep.argument[2] = self.wait_result() == WaitResult::Interrupted ? KERN_ABORTED : KERN_SUCCESS;
    if (self.sleep.argument[0] == 0)
        thread_return(self, static_cast<kern_return_t>(self.sleep.argument[2]));
    store_time(self);
}

}  // namespace

namespace mach_traps {

kern_return_t thread_switch(Thread& self, mach_port_name_t thread, int option, mach_msg_timeout_t option_time)
{
    // The thread that is named is a hint; the scheduler's own choice is taken.
    if (thread != MACH_PORT_NULL && !names_a_thread(self, thread))
        return KERN_INVALID_ARGUMENT;
    switch (option) {
    case SWITCH_OPTION_DEPRESS:
        self.depress(option_time);
        [[fallthrough]];
    case SWITCH_OPTION_NONE:
        thread_yield_with(self, switched);
    case SWITCH_OPTION_WAIT:
        assert_wait_timeout(self, Interruptible::Safely, Deadline::after_milliseconds(option_time));
        thread_block_with(self, switched);
    default:
        return KERN_INVALID_ARGUMENT;
    }
}

boolean_t swtch(Thread& self)
{
    if (!thread_should_yield())
        return FALSE;
    thread_yield_with(self, swtch_switched);
}

boolean_t swtch_pri(Thread& self, int)
{
    self.depress(0);  // The given priority is the lowest one, as it always was.
    thread_yield_with(self, swtch_switched);
}

kern_return_t clock_sleep_trap(Thread& self, mach_port_name_t clock_name, int sleep_type, int sleep_sec,
                               int sleep_nsec, user_address_t wakeup_time)
{
    const Result<clock_id_t> id = clock_of_name(self, clock_name);
    if (!id)
        return id.error();
    const Result<Deadline> deadline = deadline_of_sleep(*id, sleep_type, sleep_sec, sleep_nsec);
    if (!deadline)
        return deadline.error();
    if (wakeup_time != 0) {
        const machine::CopyOutcome there = machine::probe_write(wakeup_time, sizeof(mach_timespec_t));
        if (!there)
            vm_fault_and_restart_trap(self, there.absent_at, there.access());
    }
    self.sleep.argument[0] = wakeup_time;
    self.sleep.argument[1] = static_cast<uint64_t>(*id);
    assert_wait_timeout(self, Interruptible::Safely, *deadline);
    thread_block_with(self, slept);
}

kern_return_t thread_set_fs_base(Thread& self, user_address_t base)
{
    if (base >= VM_MAX_ADDRESS)
        return KERN_INVALID_ADDRESS;
    self.user.set_thread_pointer(base);
    return KERN_SUCCESS;
}

}  // namespace mach_traps
