// mig/codegen/gnu/gnu_prelude.cpp
//
// What stubs in the typed format share.  It is printed into every source, so that an existing build needs no further header.
#include "codegen/gnu/gnu_names.h"

namespace migc::gnu {

namespace {

constexpr const char* text =
    R"(/* A message is bytes at offsets: nothing depends on how a compiler lays out a structure. */
#define MIG_HELPER static __inline__ __attribute__((unused))

MIG_HELPER mach_msg_size_t mig_padded(mach_msg_size_t size) { return (size + 3u) & ~3u; }
MIG_HELPER void *mig_at(void *message, mach_msg_size_t at) { return (char *)message + at; }
MIG_HELPER const void *mig_at_const(const void *message, mach_msg_size_t at) { return (const char *)message + at; }

/* Zeroes the padding behind `size` bytes at `at`; where the next item goes. */
MIG_HELPER mach_msg_size_t mig_end_data(void *message, mach_msg_size_t at, mach_msg_size_t size)
{
    const mach_msg_size_t end = at + mig_padded(size);
    for (mach_msg_size_t byte = at + size; byte < end; ++byte)
        ((char *)message)[byte] = 0;
    return end;
}

MIG_HELPER mach_msg_size_t mig_put(void *message, mach_msg_size_t at, const void *data, mach_msg_size_t size)
{
    if (size != 0)
        __builtin_memcpy(mig_at(message, at), data, size);
    return mig_end_data(message, at, size);
}

MIG_HELPER mach_msg_size_t mig_put_address(void *message, mach_msg_size_t at, uintptr_t address)
{
    return mig_put(message, at, &address, sizeof address);
}

/* Copies at most `limit` bytes of a string, always with a NUL; how many that were. */
MIG_HELPER mach_msg_size_t mig_copy_string(char *to, const char *from, mach_msg_size_t limit)
{
    for (mach_msg_size_t at = 0; at + 1 < limit; ++at) {
        if ((to[at] = from[at]) == '\0')
            return at + 1;
    }
    to[limit - 1] = '\0';
    return limit;
}

/* The same into a field of fixed size: what is not used is zero. */
MIG_HELPER mach_msg_size_t mig_put_string(void *message, mach_msg_size_t at, const char *from, mach_msg_size_t size)
{
    char *const to = (char *)message + at;
    for (mach_msg_size_t byte = mig_copy_string(to, from, size); byte < size; ++byte)
        to[byte] = '\0';
    return mig_end_data(message, at, size);
}

/* Is there a NUL within `limit` bytes? */
MIG_HELPER int mig_is_string(const void *bytes, mach_msg_size_t limit)
{
    for (mach_msg_size_t at = 0; at < limit; ++at) {
        if (((const char *)bytes)[at] == '\0')
            return 1;
    }
    return 0;
}

/* What a description says, whichever its length. */
typedef struct {
    unsigned int name, bits, number;
    boolean_t is_inline, is_long, deallocate;
} mig_description_t;

MIG_HELPER mig_description_t mig_get_description(const void *message, mach_msg_size_t at, boolean_t is_long)
{
    mach_msg_type_long_t type;
    mig_description_t result;
    __builtin_memset(&type, 0, sizeof type);
    __builtin_memcpy(&type, mig_at_const(message, at), is_long ? sizeof type : sizeof type.msgtl_header);
    result.name = is_long ? type.msgtl_name : type.msgtl_header.msgt_name;
    result.bits = is_long ? type.msgtl_size : type.msgtl_header.msgt_size;
    result.number = is_long ? type.msgtl_number : type.msgtl_header.msgt_number;
    result.is_inline = type.msgtl_header.msgt_inline;
    result.is_long = type.msgtl_header.msgt_longform;
    result.deallocate = type.msgtl_header.msgt_deallocate;
    return result;
}

MIG_HELPER mach_msg_type_t mig_type(unsigned int name, unsigned int bits, unsigned int number, boolean_t is_inline,
                                    boolean_t deallocate)
{
    mach_msg_type_t type;
    __builtin_memset(&type, 0, sizeof type);
    type.msgt_name = name & 0xff;
    type.msgt_size = bits & 0xff;
    type.msgt_number = number & 0xfff;
    type.msgt_inline = is_inline != 0;
    type.msgt_deallocate = deallocate != 0;
    return type;
}

MIG_HELPER mach_msg_size_t mig_put_type(void *message, mach_msg_size_t at, unsigned int name, unsigned int bits,
                                        unsigned int number, boolean_t is_inline, boolean_t deallocate)
{
    const mach_msg_type_t type = mig_type(name, bits, number, is_inline, deallocate);
    return mig_put(message, at, &type, sizeof type);
}

MIG_HELPER mach_msg_size_t mig_put_long_type(void *message, mach_msg_size_t at, unsigned int name, unsigned int bits,
                                             unsigned int number, boolean_t is_inline, boolean_t deallocate)
{
    mach_msg_type_long_t type;
    type.msgtl_header = mig_type(0, 0, 0, is_inline, deallocate);
    type.msgtl_header.msgt_longform = TRUE;
    type.msgtl_name = (unsigned short)name;
    type.msgtl_size = (unsigned short)bits;
    type.msgtl_number = number;
    return mig_put(message, at, &type, sizeof type);
}

/* Is it exactly this short description? */
MIG_HELPER int mig_is_type(const void *message, mach_msg_size_t at, unsigned int name, unsigned int bits,
                           unsigned int number, boolean_t is_inline, boolean_t deallocate)
{
    const mach_msg_type_t type = mig_type(name, bits, number, is_inline, deallocate);
    return __builtin_memcmp(mig_at_const(message, at), &type, sizeof type) == 0;
}

MIG_HELPER uintptr_t mig_address_at(const void *message, mach_msg_size_t at)
{
    uintptr_t address;
    __builtin_memcpy(&address, mig_at_const(message, at), sizeof address);
    return address;
}

/* A reply that is not what it should be is destroyed with all it brought. */
#ifndef MIG_DESTROY_MESSAGE
extern void mach_msg_destroy(mach_msg_header_t *);
#define MIG_DESTROY_MESSAGE(message) mach_msg_destroy(message)
#endif
)";

}  // namespace

void print_prelude(Writer& out) { out.raw(text); }

}  // namespace migc::gnu
