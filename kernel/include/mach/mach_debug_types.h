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

#define TASK_NAME_MAX 32

/* One task. Task 0 is the kernel's own; its threads are in mach_debug_counts alone. */
typedef struct mach_debug_task {
    uint64_t id; /* never used again */
    uint64_t threads;
    uint64_t ports; /* receive rights */
    uint64_t port_sets;
    uint64_t rights; /* names in use, those of ports and sets included */
    uint64_t dead_names;
    uint64_t virtual_pages;
    uint64_t resident_pages; /* each shared page counted whole */
    uint64_t messages_sent;
    uint64_t messages_received;
    uint64_t faults;
    uint64_t time_ns; /* of the processor */
    uint64_t reserved[4];
    char name[TASK_NAME_MAX]; /* filled up with NULs; may have no NUL at all */
} mach_debug_task_t;

/* Kinds of points at which mach_debug_death_point() can let a thread die. */
#define MACH_DEATH_AT_MESSAGE 0x1u /* a message is sent, or a receive begins */
#define MACH_DEATH_AT_COPY 0x2u    /* user memory is read, written or probed */
#define MACH_DEATH_AT_LOCK 0x4u    /* a lock is taken */
#define MACH_DEATH_AT_BLOCK 0x8u   /* the thread gives its processor up in a wait */
#define MACH_DEATH_AT_ANYTHING 0xfu

#endif
