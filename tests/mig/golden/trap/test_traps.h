/* User's side of test_traps, made by mig from traps.defs.  Changes here will be lost. */
#ifndef MIG_TEST_TRAPS_H
#define MIG_TEST_TRAPS_H

#define MACH_TRAP_SELF_TRAP 10
#define MACH_TRAP_READ_TRAP 12
#define MACH_TRAP_COUNT 13

#ifndef __ASSEMBLER__

#include <mach/std_types.h>
#include <mach/std_types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Who am I? */
mach_port_name_t self_trap(void);

kern_return_t read_trap(mach_port_name_t name, char* data, uint32_t size);

#ifdef __cplusplus
}
#endif

#endif
#endif
