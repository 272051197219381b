// kernel/arch/host/interleave.h
//
// Which processor is simulated.  Private to arch/host.
#ifndef PORTICO_ARCH_HOST_INTERLEAVE_H
#define PORTICO_ARCH_HOST_INTERLEAVE_H

namespace machine::host {

// Perhaps goes on with another processor: at lock operations.
void interleave();
// The simulated processor cannot go on: another one does, or time passes.
void yield_processor();
// Interrupts that have come for the simulated processor are handled.  With no lock held.
void deliver_interrupts();
bool interrupts_pending();
// The running thread's quantum is over.
void force_preemption();
// At an entry from user mode: does the seed want the thread to lose the processor now?
bool wants_preemption();

}  // namespace machine::host

#endif
