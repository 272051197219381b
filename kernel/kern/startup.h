// kernel/kern/startup.h
//
// Bringing the kernel up, in the order that its parts need each other.
#ifndef PORTICO_KERN_STARTUP_H
#define PORTICO_KERN_STARTUP_H

#include <machine/boot.h>

// Memory, ledgers, the kernel's task, the processors' idle threads, the reaper, the kernel's ports and interfaces.  Afterwards threads can be made; they run
// when the processors start.  Tests of the kernel core begin here, too.
void kernel_core_init(const machine::BootInfo& boot);

#endif
