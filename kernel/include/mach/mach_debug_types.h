/* mach/mach_debug_types.h: what the kernel counts (mach_debug.defs). */
#ifndef MACH_DEBUG_TYPES_H
#define MACH_DEBUG_TYPES_H

#include <mach/vm_types.h>

/* Things that exist now. After the same work done twice, equal counts show that nothing was lost. */
typedef struct mach_debug_counts {
    uint64_t tasks;
    uint64_t threads;
    uint64_t ports; /* living ones, the kernel's own included */
    uint64_t port_sets;
    uint64_t rights;   /* entries in all spaces: names in use */
    uint64_t messages; /* queued, or with a thread that handles them */
    uint64_t vm_maps;
    uint64_t vm_map_entries;
    uint64_t vm_objects;
    uint64_t pages_total; /* pages that the kernel manages */
    uint64_t pages_free;
    uint64_t pages_wired;
    uint64_t pages_file_cache; /* resident pages of objects that an external pager backs */
    uint64_t pages_kernel;     /* in the kernel's own heaps and stacks */
    uint64_t kernel_stacks;
    uint64_t reserved[9];
} mach_debug_counts_t;

#endif
