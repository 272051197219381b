/* mach/vm_region.h: what vm_region() says of a range of memory. */
#ifndef MACH_VM_REGION_H
#define MACH_VM_REGION_H

#include <mach/boolean.h>
#include <mach/vm_behavior.h>
#include <mach/vm_inherit.h>
#include <mach/vm_prot.h>
#include <mach/vm_types.h>

typedef int vm_region_flavor_t;
typedef int* vm_region_info_t;

#pragma pack(push, 4)

#define VM_REGION_BASIC_INFO_64 9
#define VM_REGION_BASIC_INFO VM_REGION_BASIC_INFO_64 /* one size of offset here: the wide one */
typedef struct vm_region_basic_info {
    vm_prot_t protection;
    vm_prot_t max_protection;
    vm_inherit_t inheritance;
    boolean_t shared;   /* writes are seen by others */
    boolean_t reserved; /* no memory object behind it yet */
    uint64_t offset;    /* of the range in its memory object, bytes */
    vm_behavior_t behavior;
    unsigned short user_wired_count;
    unsigned short pad;
} vm_region_basic_info_data_t;
typedef vm_region_basic_info_data_t* vm_region_basic_info_t;
#define VM_REGION_BASIC_INFO_COUNT ((natural_t)(sizeof(vm_region_basic_info_data_t) / sizeof(natural_t)))

#define VM_REGION_EXTENDED_INFO 13
typedef struct vm_region_extended_info {
    vm_prot_t protection;
    natural_t user_tag;
    natural_t pages_resident;
    natural_t pages_shared_now_private;
    natural_t pages_swapped_out;
    natural_t pages_dirtied;
    natural_t ref_count;
    natural_t shadow_depth; /* objects in the chain behind the first */
    boolean_t external_pager;
    natural_t share_mode; /* SM_* */
} vm_region_extended_info_data_t;
typedef vm_region_extended_info_data_t* vm_region_extended_info_t;
#define VM_REGION_EXTENDED_INFO_COUNT                                                                        \
    ((natural_t)(sizeof(vm_region_extended_info_data_t) / sizeof(natural_t)))

#define SM_COW 1
#define SM_PRIVATE 2
#define SM_EMPTY 3
#define SM_SHARED 4

#pragma pack(pop)

#define VM_REGION_INFO_MAX 64 /* integers */

/* vm_map_page_query(): bits of the disposition of one page */
#define VM_PAGE_QUERY_PAGE_PRESENT 0x01
#define VM_PAGE_QUERY_PAGE_DIRTY 0x08

/* vm_read_list() */
#define VM_MAP_ENTRY_MAX 256
typedef struct vm_read_entry {
    vm_address_t address;
    vm_size_t size;
} vm_read_entry_t[VM_MAP_ENTRY_MAX];

#endif
