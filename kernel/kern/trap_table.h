// kernel/kern/trap_table.h
//
// The table of traps.  The system's is made by mig from include/mach/mach_traps.defs (kern/trap_table.cpp connects it);
// tests of the kernel core have a table of their own.
#ifndef PORTICO_KERN_TRAP_TABLE_H
#define PORTICO_KERN_TRAP_TABLE_H

#include <span>

#include <kern/trap.h>

struct Trap {
    TrapFunction function;  // Null: no trap has this number.
    const char* name;
};

std::span<const Trap> trap_table();

#endif
