/* User's side of block, made by mig from block.defs.  Changes here will be lost. */
#ifndef _block_user_
#define _block_user_

#include <mach/std_types.h>
#include <mig/wire.h>
#include <mach/std_types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Reads `count` blocks from `first`; the driver's copy goes with the reply. */
kern_return_t block_read(mach_port_t device, uint64_t first, uint32_t count, vm_offset_t *data, mach_msg_type_number_t *dataCnt);

kern_return_t block_trim(mach_port_t device, const uint64_t *list, mach_msg_type_number_t listCnt, const char *name, uint32_t *done);

kern_return_t block_forget(mach_port_t device, mach_port_t owner);

/* The messages, each as large as it can be.  Varying arrays are sent at their true length, and what
 * follows one moves up: only the fields up to the first are where the structure says. */
#ifndef __block_subsystem__messages__
#define __block_subsystem__messages__
#pragma pack(push, 4)

typedef struct MIG_MESSAGE {
    mach_msg_header_t Head;
    NDR_record_t NDR;
    uint64_t first;
    uint32_t count;
} __Request__block_read_t;
typedef struct MIG_MESSAGE {
    mach_msg_header_t Head;
    mach_msg_body_t msgh_body;
    mach_msg_ool_descriptor_t data;
    NDR_record_t NDR;
    mach_msg_type_number_t dataCnt;
} __Reply__block_read_t;

typedef struct MIG_MESSAGE {
    mach_msg_header_t Head;
    NDR_record_t NDR;
    mach_msg_type_number_t listCnt;
    uint64_t list[16];
    mach_msg_type_number_t nameOffset;
    mach_msg_type_number_t nameCnt;
    char name[32];
} __Request__block_trim_t;
typedef struct MIG_MESSAGE {
    mach_msg_header_t Head;
    NDR_record_t NDR;
    kern_return_t RetCode;
    uint32_t done;
} __Reply__block_trim_t;

typedef struct MIG_MESSAGE {
    mach_msg_header_t Head;
    mach_msg_body_t msgh_body;
    mach_msg_port_descriptor_t owner;
} __Request__block_forget_t;
typedef mig_reply_error_t __Reply__block_forget_t;

#pragma pack(pop)

union __RequestUnion__block_subsystem {
    mach_msg_header_t mig_header;
    __Request__block_read_t Request_block_read;
    __Request__block_trim_t Request_block_trim;
    __Request__block_forget_t Request_block_forget;
};
union __ReplyUnion__block_subsystem {
    mig_reply_error_t mig_error;
    __Reply__block_read_t Reply_block_read;
    __Reply__block_trim_t Reply_block_trim;
    __Reply__block_forget_t Reply_block_forget;
};
#endif

#ifdef __cplusplus
}
#endif

#endif
