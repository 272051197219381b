/* mach/mach_traps.h: the traps, as mig makes them from mach_traps.defs. */
#include <mach/mach_types.h>

#include <mach_traps.h>
