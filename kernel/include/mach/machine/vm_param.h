/* mach/machine/vm_param.h: the sizes of this machine's memory (x86-64). */
#ifndef MACH_MACHINE_VM_PARAM_H
#define MACH_MACHINE_VM_PARAM_H

#define MACH_PAGE_SHIFT 12
#define MACH_PAGE_SIZE (1ull << MACH_PAGE_SHIFT)
#define MACH_PAGE_MASK (MACH_PAGE_SIZE - 1)

/* What a task can address. The first 64 KiB are never given out by VM_FLAGS_ANYWHERE, so that a null pointer
 * with a small offset faults; the page below the non-canonical hole stays empty, too. */
#define VM_MIN_ADDRESS 0x0000000000010000ull
#define VM_MAX_ADDRESS 0x00007ffffffff000ull

#define mach_trunc_page(x) ((x) & ~MACH_PAGE_MASK)
#define mach_round_page(x) (((x) + MACH_PAGE_MASK) & ~MACH_PAGE_MASK)

#endif
