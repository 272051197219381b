/* Server stubs of block, made by mig from block.defs.  Changes here will be lost. */
#include "block_server.h"

/* The interface and its headers must mean the same bytes. */
_Static_assert(sizeof(uint32_t) == 4, "uint32_t in block");
_Static_assert(sizeof(uint64_t) == 8, "uint64_t in block");
_Static_assert(sizeof(uint8_t) == 1, "uint8_t in block");

static kern_return_t verify_block_read(const __Request__block_read_t *InP)
{
    const mach_msg_size_t size = InP->Head.msgh_size;
    if ((InP->Head.msgh_bits & MACH_MSGH_BITS_COMPLEX))
        return MIG_TYPE_ERROR;
    if (size != 44)
        return MIG_BAD_ARGUMENTS;
    if (!mig_is_native(&InP->NDR))
        return MIG_TYPE_ERROR;
    return KERN_SUCCESS;
}

static void _Xblock_read(mach_msg_header_t *InHeadP, mach_msg_header_t *OutHeadP)
{
    __Request__block_read_t *const In0P = (__Request__block_read_t *)InHeadP;
    __Reply__block_read_t *const OutP = (__Reply__block_read_t *)OutHeadP;
    kern_return_t RetCode = verify_block_read(In0P);
    if (RetCode != KERN_SUCCESS) {
        mig_refuse(OutHeadP, RetCode);
        return;
    }
    vm_offset_t data = 0;
    mach_msg_type_number_t dataCnt = 0;
    uint64_t first;
    __builtin_memcpy(&first, (const char *)In0P + 32, 8);
    uint32_t count;
    __builtin_memcpy(&count, (const char *)In0P + 40, 4);
    RetCode = S_block_read(In0P->Head.msgh_local_port, first, count, &data, &dataCnt);
    if (RetCode != KERN_SUCCESS) {
        mig_refuse(OutHeadP, RetCode);
        return;
    }
    if (dataCnt > 1073741824) {
        mig_set_error(OutHeadP, MIG_ARRAY_TOO_LARGE);
        return;
    }

    OutP->Head.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
    OutP->msgh_body.msgh_descriptor_count = 1;
    OutP->data = (mach_msg_ool_descriptor_t){.address = (uint64_t)(uintptr_t)data, .deallocate = 1, .copy = MACH_MSG_VIRTUAL_COPY, .type = MACH_MSG_OOL_DESCRIPTOR, .size = dataCnt};
    OutP->NDR = NDR_record;
    OutP->dataCnt = dataCnt;
    OutP->Head.msgh_size = 56;
}

static kern_return_t verify_block_trim(const __Request__block_trim_t *InP)
{
    const mach_msg_size_t size = InP->Head.msgh_size;
    mach_msg_size_t offset;
    if ((InP->Head.msgh_bits & MACH_MSGH_BITS_COMPLEX))
        return MIG_TYPE_ERROR;
    if (size < 44 || size > 204)
        return MIG_BAD_ARGUMENTS;
    if (!mig_is_native(&InP->NDR))
        return MIG_TYPE_ERROR;
    if (InP->listCnt > 16)
        return MIG_BAD_ARGUMENTS;
    offset = 36;
    if (size - offset < mig_padded(InP->listCnt * 8))
        return MIG_BAD_ARGUMENTS;
    offset += mig_padded(InP->listCnt * 8);
    if (size - offset < 4)
        return MIG_BAD_ARGUMENTS;
    offset += 4;
    if (size - offset < 4)
        return MIG_BAD_ARGUMENTS;
    const mach_msg_type_number_t nameCnt = mig_word_at(InP, offset);
    if (nameCnt == 0 || nameCnt > 32)
        return MIG_BAD_ARGUMENTS;
    offset += 4;
    if (size - offset < mig_padded(nameCnt))
        return MIG_BAD_ARGUMENTS;
    if (!mig_is_string(mig_at_const(InP, offset), nameCnt))
        return MIG_BAD_ARGUMENTS;
    offset += mig_padded(nameCnt);
    if (offset != size)
        return MIG_BAD_ARGUMENTS;
    return KERN_SUCCESS;
}

static void _Xblock_trim(mach_msg_header_t *InHeadP, mach_msg_header_t *OutHeadP)
{
    __Request__block_trim_t *const In0P = (__Request__block_trim_t *)InHeadP;
    __Reply__block_trim_t *const OutP = (__Reply__block_trim_t *)OutHeadP;
    kern_return_t RetCode = verify_block_trim(In0P);
    if (RetCode != KERN_SUCCESS) {
        mig_refuse(OutHeadP, RetCode);
        return;
    }
    uint32_t done;
    __builtin_memset(&done, 0, sizeof done);
    uint64_t list[16];
    __builtin_memcpy(list, (const char *)In0P + 36, In0P->listCnt * 8);
    mach_msg_size_t mig_offset = 36 + mig_padded(In0P->listCnt * 8);
    mig_offset += 4;
    const mach_msg_type_number_t nameCount = mig_word_at(In0P, mig_offset);
    mig_offset += 4;
    char *const name = (char *)(mig_at(In0P, mig_offset));
    mig_offset += mig_padded(nameCount);
    RetCode = S_block_trim(In0P->Head.msgh_local_port, list, In0P->listCnt, name, &done);
    if (RetCode != KERN_SUCCESS) {
        mig_refuse(OutHeadP, RetCode);
        return;
    }

    OutP->NDR = NDR_record;
    OutP->RetCode = KERN_SUCCESS;
    OutP->done = done;
    OutP->Head.msgh_size = 40;
}

static kern_return_t verify_block_forget(const __Request__block_forget_t *InP)
{
    const mach_msg_size_t size = InP->Head.msgh_size;
    if (!(InP->Head.msgh_bits & MACH_MSGH_BITS_COMPLEX))
        return MIG_TYPE_ERROR;
    if (size != 40)
        return MIG_BAD_ARGUMENTS;
    if (InP->msgh_body.msgh_descriptor_count != 1)
        return MIG_TYPE_ERROR;
    if (InP->owner.type != MACH_MSG_PORT_DESCRIPTOR)
        return MIG_TYPE_ERROR;
    if (InP->owner.disposition != MACH_MSG_TYPE_MOVE_SEND)
        return MIG_TYPE_ERROR;
    return KERN_SUCCESS;
}

static void _Xblock_forget(mach_msg_header_t *InHeadP, mach_msg_header_t *OutHeadP)
{
    __Request__block_forget_t *const In0P = (__Request__block_forget_t *)InHeadP;
    kern_return_t RetCode = verify_block_forget(In0P);
    if (RetCode != KERN_SUCCESS) {
        mig_refuse(OutHeadP, RetCode);
        return;
    }
    RetCode = S_block_forget(In0P->Head.msgh_local_port, In0P->owner.name);
    mig_set_error(OutHeadP, RetCode == KERN_SUCCESS ? MIG_NO_REPLY : RetCode);
}

const struct block_subsystem block_subsystem = {
    .server = block_server_routine,
    .start = 2900,
    .end = 2904,
    .maxsize = (mach_msg_size_t)sizeof(union __ReplyUnion__block_subsystem),
    .routine = {
        [0] = {.stub_routine = _Xblock_read, .max_reply_msg = (mach_msg_size_t)sizeof(__Reply__block_read_t)},
        [2] = {.stub_routine = _Xblock_trim, .max_reply_msg = (mach_msg_size_t)sizeof(__Reply__block_trim_t)},
        [3] = {.stub_routine = _Xblock_forget, .max_reply_msg = (mach_msg_size_t)sizeof(__Reply__block_forget_t)},
    },
};

mig_routine_t block_server_routine(mach_msg_header_t *InHeadP)
{
    const mach_msg_id_t index = InHeadP->msgh_id - block_subsystem.start;
    if (InHeadP->msgh_id < block_subsystem.start || InHeadP->msgh_id >= block_subsystem.end)
        return 0;
    return block_subsystem.routine[index].stub_routine;
}

boolean_t block_server(mach_msg_header_t *InHeadP, mach_msg_header_t *OutHeadP)
{
    const uint32_t index = mig_begin_reply(InHeadP, OutHeadP, 2900, 100);
    if (index >= 4 || block_subsystem.routine[index].stub_routine == 0) {
        mig_refuse(OutHeadP, MIG_BAD_ID);
        return FALSE;
    }
    block_subsystem.routine[index].stub_routine(InHeadP, OutHeadP);
    return TRUE;
}
