/* mig/wire.h: what generated C stubs share.
 *
 * Everything works on bytes at offsets from the message's header.  Callers have checked the bounds: the verify functions
 * that mig generates do that for a whole message before anything in it is used.
 */
#ifndef MIG_WIRE_H
#define MIG_WIRE_H

#include <mach/mig_errors.h>
#include <mach/ndr.h>
#include <mach/notify.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Message structures lie over buffers that others declared as bytes. */
#define MIG_MESSAGE __attribute__((may_alias))

static inline mach_msg_size_t mig_padded(mach_msg_size_t size) { return (size + 3u) & ~3u; }

static inline void* mig_at(void* message, mach_msg_size_t offset) { return (char*)message + offset; }

static inline const void* mig_at_const(const void* message, mach_msg_size_t offset)
{
    return (const char*)message + offset;
}

static inline uint32_t mig_word_at(const void* message, mach_msg_size_t offset)
{
    uint32_t word;
    __builtin_memcpy(&word, mig_at_const(message, offset), sizeof word);
    return word;
}

/* Zeroes the padding behind `size` bytes of data at `offset`; the offset of what comes next. */
static inline mach_msg_size_t mig_end_data(void* message, mach_msg_size_t offset, mach_msg_size_t size)
{
    const mach_msg_size_t end = offset + mig_padded(size);
    for (mach_msg_size_t at = offset + size; at < end; ++at)
        ((char*)message)[at] = 0;
    return end;
}

/* Puts data at `offset`; the offset of what comes next. */
static inline mach_msg_size_t mig_append(void* message, mach_msg_size_t offset, const void* data,
                                         mach_msg_size_t size)
{
    if (size != 0)
        __builtin_memcpy(mig_at(message, offset), data, size);
    return mig_end_data(message, offset, size);
}

static inline mach_msg_size_t mig_append_word(void* message, mach_msg_size_t offset, uint32_t word)
{
    __builtin_memcpy(mig_at(message, offset), &word, sizeof word);
    return offset + (mach_msg_size_t)sizeof word;
}

/* Copies at most `limit` bytes of a string, always with a NUL; how many that were. */
static inline mach_msg_size_t mig_copy_string(char* to, const char* from, mach_msg_size_t limit)
{
    for (mach_msg_size_t at = 0; at + 1 < limit; ++at) {
        if ((to[at] = from[at]) == '\0')
            return at + 1;
    }
    to[limit - 1] = '\0';
    return limit;
}

/* The same into a field of fixed size: what is not used is zero. */
static inline void mig_fill_string(char* to, const char* from, mach_msg_size_t limit)
{
    for (mach_msg_size_t at = mig_copy_string(to, from, limit); at < limit; ++at)
        to[at] = '\0';
}

/* Is there a NUL within `limit` bytes? */
static inline int mig_is_string(const void* bytes, mach_msg_size_t limit)
{
    for (mach_msg_size_t at = 0; at < limit; ++at) {
        if (((const char*)bytes)[at] == '\0')
            return 1;
    }
    return 0;
}

/* Are these descriptors of `count` rights that arrived with this disposition? */
static inline int mig_are_rights(const mach_msg_port_descriptor_t* rights, uint32_t count,
                                 mach_msg_type_name_t disposition)
{
    for (uint32_t at = 0; at < count; ++at) {
        if (rights[at].type != MACH_MSG_PORT_DESCRIPTOR || rights[at].disposition != disposition)
            return 0;
    }
    return 1;
}

/* Behind the first `count` rights the descriptors carry none. */
static inline int mig_are_no_rights(const mach_msg_port_descriptor_t* rights, uint32_t count, uint32_t limit)
{
    for (uint32_t at = count; at < limit; ++at) {
        if (rights[at].name != MACH_PORT_NULL)
            return 0;
    }
    return 1;
}

/* Puts `count` names into the first of `limit` descriptors, and none into the others. */
static inline void mig_put_rights(mach_msg_port_descriptor_t* rights, const mach_port_t* names,
                                  uint32_t count, uint32_t limit, mach_msg_type_name_t disposition)
{
    for (uint32_t at = 0; at < limit; ++at) {
        mach_msg_port_descriptor_t right;
        __builtin_memset(&right, 0, sizeof right);
        right.name = at < count ? names[at] : MACH_PORT_NULL;
        right.disposition = disposition & 0xff;
        right.type = MACH_MSG_PORT_DESCRIPTOR;
        rights[at] = right;
    }
}

static inline void mig_get_rights(mach_port_t* names, const mach_msg_port_descriptor_t* rights,
                                  uint32_t count)
{
    for (uint32_t at = 0; at < count; ++at)
        names[at] = rights[at].name;
}

static inline int mig_is_native(const void* ndr)
{
    return __builtin_memcmp(ndr, &NDR_record, sizeof NDR_record) == 0;
}

/* Bytes of a string with its NUL, which is put at the end of the field if there was none. */
static inline mach_msg_size_t mig_string_size(char* string, mach_msg_size_t limit)
{
    for (mach_msg_size_t at = 0; at + 1 < limit; ++at) {
        if (string[at] == '\0')
            return at + 1;
    }
    string[limit - 1] = '\0';
    return limit;
}

/* Turns the buffer of a reply into one that only carries `code`. */
static inline void mig_set_error(mach_msg_header_t* reply, kern_return_t code)
{
    struct mig_reply_error error;
    __builtin_memcpy(&error.Head, reply, sizeof error.Head);
    error.Head.msgh_bits &= ~MACH_MSGH_BITS_COMPLEX;
    error.Head.msgh_size = sizeof error;
    error.NDR = NDR_record;
    error.RetCode = code;
    __builtin_memcpy(reply, &error, sizeof error);
}

/* The return code of a reply that carries only that.  False if the reply is not of that form. */
static inline int mig_get_error(const mach_msg_header_t* reply, kern_return_t* code)
{
    struct mig_reply_error error;
    if ((reply->msgh_bits & MACH_MSGH_BITS_COMPLEX) != 0 || reply->msgh_size != sizeof error)
        return 0;
    __builtin_memcpy(&error, reply, sizeof error);
    *code = error.RetCode;
    return error.RetCode != KERN_SUCCESS;
}

/* Failures are off the straight way through a stub. */
#define MIG_COLD __attribute__((noinline, cold, unused))

MIG_COLD static void mig_refuse(mach_msg_header_t* reply, kern_return_t code) { mig_set_error(reply, code); }

/* The header of a reply that fails, as it would without a routine's doing.  Which of the routines from `base` on the request
 * is for, a larger number if for none. */
static inline uint32_t mig_begin_reply(const mach_msg_header_t* request, mach_msg_header_t* reply,
                                       uint32_t base, uint32_t distance)
{
    const uint32_t id = (uint32_t)request->msgh_id;
    const uint64_t ports = request->msgh_remote_port; /* And no local port. */

    reply->msgh_bits = MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(request->msgh_bits), 0);
    reply->msgh_size = (mach_msg_size_t)sizeof(mig_reply_error_t);
    __builtin_memcpy(&reply->msgh_remote_port, &ports, sizeof ports);
    reply->msgh_voucher_port = MACH_PORT_NULL;
    reply->msgh_id = (mach_msg_id_t)(id + distance);
    return id - base;
}

/* What user stubs call to send and receive.  A library that must do something around every call (restart it, look at
 * pending signals) compiles its stubs with another function of the same type. */
#ifndef MIG_MACH_MSG
#define MIG_MACH_MSG mach_msg
#endif

/* In libc/mach: the calling thread's reply port.  `put` after a call that went well or sent nothing, its destination
 * being dead; `dealloc` after one that left the port in doubt (a reply may still come). */
mach_port_t mig_get_reply_port(void);
void mig_put_reply_port(mach_port_t reply_port);
void mig_dealloc_reply_port(mach_port_t reply_port);

/* In libc/mach: memory that a message brought; nothing if the size is 0. */
void mig_deallocate(vm_address_t address, vm_size_t size);

/* In libc/mach: releases the rights and the memory that a received message brought. */
void mach_msg_destroy(mach_msg_header_t* message);

/* What a call has come to whose reply has another id: that there will be none, or somebody else's reply. */
MIG_COLD static kern_return_t mig_other_reply(mach_msg_header_t* reply)
{
    const kern_return_t code = reply->msgh_id == MACH_NOTIFY_SEND_ONCE ? MIG_SERVER_DIED : MIG_REPLY_MISMATCH;
    mach_msg_destroy(reply);
    return code;
}

/* What a call has come to whose reply is not that of a success: the code that it carries, or `wrong`. */
MIG_COLD static kern_return_t mig_failed_reply(mach_msg_header_t* reply, kern_return_t wrong)
{
    kern_return_t code = KERN_SUCCESS;
    if (mig_get_error(reply, &code))
        return code;
    mach_msg_destroy(reply);
    return wrong;
}

#ifdef __cplusplus
}
#endif

#endif
