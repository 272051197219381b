/* mach/vm_statistics.h: counts of pages (host_statistics, HOST_VM_INFO) and the flags of vm_allocate and
 * vm_map. */
#ifndef MACH_VM_STATISTICS_H
#define MACH_VM_STATISTICS_H

#include <mach/vm_types.h>

typedef struct vm_statistics {
    natural_t free_count; /* pages */
    natural_t active_count;
    natural_t inactive_count;
    natural_t wire_count;
    uint64_t zero_fill_count; /* events since start-up, from here on */
    uint64_t reactivations;
    uint64_t pageins;
    uint64_t pageouts;
    uint64_t faults;
    uint64_t cow_faults;
    uint64_t lookups;
    uint64_t hits;
} vm_statistics_data_t;
typedef vm_statistics_data_t* vm_statistics_t;

#define VM_FLAGS_FIXED 0x00000000     /* at the given address, or KERN_NO_SPACE */
#define VM_FLAGS_ANYWHERE 0x00000001  /* the kernel chooses, from the given address upwards if it is not 0 */
#define VM_FLAGS_OVERWRITE 0x00004000 /* with FIXED: what is there goes first */
#define VM_FLAGS_RETURN_DATA_ADDR 0x00100000

#endif
