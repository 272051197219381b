// kernel/kern/trap.cpp

#include <kern/trap.h>

#include <kern/exception.h>
#include <kern/processor.h>
#include <kern/sched.h>
#include <kern/task.h>
#include <kern/thread.h>
#include <machine/processor.h>

#include <mach_trap_table.h>  // Made by mig.

void trap_entry(Thread& self)
{
    // An abort that came while the thread was in user mode had nothing to abort.
    if ((self.pending() & (Thread::PendingAbort | Thread::PendingAbortSafely)) != 0)
        self.clear_pending(Thread::PendingAbort | Thread::PendingAbortSafely);
    self.task().events.traps.fetch_add(1, std::memory_order_relaxed);
    trap_restart(self);
}

void trap_restart(Thread& self)
{
    const uint64_t number = self.user.trap_number();
    const TrapEntry* entry = mach_trap_entry(number);
    if (entry == nullptr)
        exception_raise(self, EXC_SYSCALL, static_cast<exception_data_type_t>(number), 0);

    uint64_t arguments[6];
    for (unsigned i = 0; i < 6; ++i)
        arguments[i] = self.user.trap_argument(i);
    self.trap_fault_result = KERN_INVALID_ADDRESS;
    const uint64_t result = entry->function(self, arguments);
    self.user.set_trap_result(result);
    thread_exception_return(self);
}
