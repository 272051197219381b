/* mach/memory_object_types.h: the vocabulary of the kernel and its pagers (memory_object.defs and
 * memory_object_control.defs; design D12). */
#ifndef MACH_MEMORY_OBJECT_TYPES_H
#define MACH_MEMORY_OBJECT_TYPES_H

#include <mach/boolean.h>
#include <mach/port.h>
#include <mach/vm_prot.h>
#include <mach/vm_types.h>

typedef mach_port_t memory_object_t;         /* the pager holds its receive right */
typedef mach_port_t memory_object_control_t; /* the kernel holds its receive right */
typedef mach_port_t memory_object_name_t;
typedef mach_port_t memory_object_default_t;
typedef mach_port_t
    mem_entry_name_port_t; /* from mach_make_memory_entry(), and from calls that give out memory */

typedef uint64_t memory_object_offset_t; /* bytes from the start of the object */
typedef uint64_t memory_object_size_t;
typedef vm_size_t memory_object_cluster_size_t;

/* How a copy of the object is made. */
typedef int memory_object_copy_strategy_t;
#define MEMORY_OBJECT_COPY_NONE 0 /* the kernel copies every page at once */
#define MEMORY_OBJECT_COPY_CALL 1
#define MEMORY_OBJECT_COPY_DELAY 2     /* copy on write: pages change only with the kernel's knowledge */
#define MEMORY_OBJECT_COPY_TEMPORARY 3 /* as DELAY, and the pager never wants the data back */

/* memory_object_lock_request(): which pages to return to the pager. */
typedef int memory_object_return_t;
#define MEMORY_OBJECT_RETURN_NONE 0
#define MEMORY_OBJECT_RETURN_DIRTY 1
#define MEMORY_OBJECT_RETURN_ALL 2 /* dirty and precious ones */
#define MEMORY_OBJECT_RETURN_ANYTHING 3

/* memory_object_lock_request(): flags. */
#define MEMORY_OBJECT_DATA_FLUSH 0x1
#define MEMORY_OBJECT_DATA_NO_CHANGE 0x2
#define MEMORY_OBJECT_DATA_PURGE 0x4
#define MEMORY_OBJECT_COPY_SYNC 0x8
#define MEMORY_OBJECT_DATA_SYNC 0x10

typedef int memory_object_flavor_t;
typedef int* memory_object_info_t;

#define MEMORY_OBJECT_ATTRIBUTE_INFO 14
typedef struct memory_object_attr_info {
    memory_object_copy_strategy_t copy_strategy;
    natural_t cluster_size; /* bytes the pager likes to be asked for at once: a multiple of the page size */
    boolean_t may_cache_object; /* keep pages when nobody maps the object */
    boolean_t temporary;
} memory_object_attr_info_data_t;
typedef memory_object_attr_info_data_t* memory_object_attr_info_t;
#define MEMORY_OBJECT_ATTR_INFO_COUNT                                                                        \
    ((natural_t)(sizeof(memory_object_attr_info_data_t) / sizeof(natural_t)))
#define MEMORY_OBJECT_INFO_MAX 16

/* The most that one memory_object_cache_read() or memory_object_cache_write() carries, bytes. */
#define MEMORY_OBJECT_CACHE_TRANSFER_MAX (64u * 1024u)
/* "None": what a cache call answers for the first absent page when all pages were there. */
#define MEMORY_OBJECT_NO_PAGE ((memory_object_offset_t) - 1)

#endif
