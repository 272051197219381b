/* User stubs of block, made by mig from block.defs.  Changes here will be lost. */
#include "block.h"

/* The interface and its headers must mean the same bytes. */
_Static_assert(sizeof(uint32_t) == 4, "uint32_t in block");
_Static_assert(sizeof(uint64_t) == 8, "uint64_t in block");
_Static_assert(sizeof(uint8_t) == 1, "uint8_t in block");

static kern_return_t verify_reply_block_read(const __Reply__block_read_t *InP)
{
    const mach_msg_size_t size = InP->Head.msgh_size;
    if (!(InP->Head.msgh_bits & MACH_MSGH_BITS_COMPLEX))
        return MIG_TYPE_ERROR;
    if (size != 56)
        return MIG_TYPE_ERROR;
    if (InP->msgh_body.msgh_descriptor_count != 1)
        return MIG_TYPE_ERROR;
    if (InP->data.type != MACH_MSG_OOL_DESCRIPTOR)
        return MIG_TYPE_ERROR;
    if (InP->data.size > 1073741824)
        return MIG_BAD_ARGUMENTS;
    if (!mig_is_native(&InP->NDR))
        return MIG_TYPE_ERROR;
    if (InP->dataCnt != InP->data.size)
        return MIG_TYPE_ERROR;
    return KERN_SUCCESS;
}

/* Reads `count` blocks from `first`; the driver's copy goes with the reply. */
kern_return_t block_read(mach_port_t device, uint64_t first, uint32_t count, vm_offset_t *data, mach_msg_type_number_t *dataCnt)
{
    union {
        __Request__block_read_t In;
        struct MIG_MESSAGE {
            __Reply__block_read_t Message;
            mach_msg_max_trailer_t Trailer;
        } Out;
        mig_reply_error_t Error;
    } Mess;
    __Request__block_read_t *const InP = &Mess.In;
    __Reply__block_read_t *const Out0P = &Mess.Out.Message;
    mach_msg_return_t msg_result;

    InP->NDR = NDR_record;
    InP->first = first;
    InP->count = count;

    InP->Head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE);
    InP->Head.msgh_size = 44;
    InP->Head.msgh_remote_port = device;
    InP->Head.msgh_local_port = mig_get_reply_port();
    InP->Head.msgh_voucher_port = MACH_PORT_NULL;
    InP->Head.msgh_id = 2900;

    const mach_port_t mig_reply_port = InP->Head.msgh_local_port;
    msg_result = MIG_MACH_MSG(&InP->Head, MACH_SEND_MSG | MACH_RCV_MSG, 44, (mach_msg_size_t)sizeof Mess.Out, mig_reply_port, MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL);
    if (msg_result != MACH_MSG_SUCCESS) {
        if (msg_result == MACH_SEND_INVALID_DEST)
            mig_put_reply_port(mig_reply_port); /* Nothing was sent: nothing can come. */
        else
            mig_dealloc_reply_port(mig_reply_port);
        return msg_result;
    }
    mig_put_reply_port(mig_reply_port);

    if (Out0P->Head.msgh_id != 3000)
        return mig_other_reply(&Out0P->Head);
    msg_result = verify_reply_block_read(Out0P);
    if (msg_result != KERN_SUCCESS)
        return mig_failed_reply(&Out0P->Head, msg_result);

    *data = (vm_offset_t)(uintptr_t)Out0P->data.address;
    *dataCnt = Out0P->data.size;
    return KERN_SUCCESS;
}

static kern_return_t verify_reply_block_trim(const __Reply__block_trim_t *InP)
{
    const mach_msg_size_t size = InP->Head.msgh_size;
    if ((InP->Head.msgh_bits & MACH_MSGH_BITS_COMPLEX))
        return MIG_TYPE_ERROR;
    if (size != 40)
        return MIG_TYPE_ERROR;
    if (!mig_is_native(&InP->NDR))
        return MIG_TYPE_ERROR;
    if (InP->RetCode != KERN_SUCCESS)
        return MIG_TYPE_ERROR;
    return KERN_SUCCESS;
}

kern_return_t block_trim(mach_port_t device, const uint64_t *list, mach_msg_type_number_t listCnt, const char *name, uint32_t *done)
{
    union {
        __Request__block_trim_t In;
        struct MIG_MESSAGE {
            __Reply__block_trim_t Message;
            mach_msg_max_trailer_t Trailer;
        } Out;
        mig_reply_error_t Error;
    } Mess;
    __Request__block_trim_t *const InP = &Mess.In;
    __Reply__block_trim_t *const Out0P = &Mess.Out.Message;
    mach_msg_size_t msgh_size;
    mach_msg_return_t msg_result;

    if (listCnt > 16)
        return MIG_ARRAY_TOO_LARGE;
    InP->NDR = NDR_record;
    InP->listCnt = listCnt;
    msgh_size = mig_append(InP, 36, list, listCnt * 8);
    msgh_size = mig_append_word(InP, msgh_size, 0);
    const mach_msg_size_t nameSize = mig_copy_string(mig_at(InP, msgh_size + 4), name, 32);
    msgh_size = mig_append_word(InP, msgh_size, nameSize);
    msgh_size = mig_end_data(InP, msgh_size, nameSize);

    InP->Head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE);
    InP->Head.msgh_size = msgh_size;
    InP->Head.msgh_remote_port = device;
    InP->Head.msgh_local_port = mig_get_reply_port();
    InP->Head.msgh_voucher_port = MACH_PORT_NULL;
    InP->Head.msgh_id = 2902;

    const mach_port_t mig_reply_port = InP->Head.msgh_local_port;
    msg_result = MIG_MACH_MSG(&InP->Head, MACH_SEND_MSG | MACH_RCV_MSG, msgh_size, (mach_msg_size_t)sizeof Mess.Out, mig_reply_port, MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL);
    if (msg_result != MACH_MSG_SUCCESS) {
        if (msg_result == MACH_SEND_INVALID_DEST)
            mig_put_reply_port(mig_reply_port); /* Nothing was sent: nothing can come. */
        else
            mig_dealloc_reply_port(mig_reply_port);
        return msg_result;
    }
    mig_put_reply_port(mig_reply_port);

    if (Out0P->Head.msgh_id != 3002)
        return mig_other_reply(&Out0P->Head);
    msg_result = verify_reply_block_trim(Out0P);
    if (msg_result != KERN_SUCCESS)
        return mig_failed_reply(&Out0P->Head, msg_result);

    *done = Out0P->done;
    return KERN_SUCCESS;
}

kern_return_t block_forget(mach_port_t device, mach_port_t owner)
{
    union {
        __Request__block_forget_t In;
    } Mess;
    __Request__block_forget_t *const InP = &Mess.In;
    mach_msg_return_t msg_result;

    InP->owner = (mach_msg_port_descriptor_t){.name = owner, .disposition = MACH_MSG_TYPE_MOVE_SEND & 0xff, .type = MACH_MSG_PORT_DESCRIPTOR};

    InP->Head.msgh_bits = MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0);
    InP->Head.msgh_size = 40;
    InP->Head.msgh_remote_port = device;
    InP->Head.msgh_local_port = MACH_PORT_NULL;
    InP->Head.msgh_voucher_port = MACH_PORT_NULL;
    InP->Head.msgh_id = 2903;
    InP->msgh_body.msgh_descriptor_count = 1;

    msg_result = MIG_MACH_MSG(&InP->Head, MACH_SEND_MSG, 40, 0, MACH_PORT_NULL, MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL);
    if (msg_result != MACH_MSG_SUCCESS)
        return msg_result;
    return KERN_SUCCESS;
}

