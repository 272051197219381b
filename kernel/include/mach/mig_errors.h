/* mach/mig_errors.h: errors of generated stubs, and the tables that C server stubs publish. */
#ifndef MACH_MIG_ERRORS_H
#define MACH_MIG_ERRORS_H

#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/ndr.h>

#define MIG_TYPE_ERROR (-300)     /* a descriptor or the representation is not as declared */
#define MIG_REPLY_MISMATCH (-301) /* the reply has another id */
#define MIG_REMOTE_ERROR (-302)   /* the reply is malformed */
#define MIG_BAD_ID (-303)         /* no such routine */
#define MIG_BAD_ARGUMENTS (-304)  /* sizes or counts are wrong */
#define MIG_NO_REPLY (-305)       /* the server routine will reply itself, later */
#define MIG_EXCEPTION (-306)
#define MIG_ARRAY_TOO_LARGE (-307) /* more elements than the caller has room for */
#define MIG_SERVER_DIED (-308)     /* the reply right was destroyed: a send-once notification came */
#define MIG_TRAILER_ERROR (-309)   /* the trailer lacks what a routine asks for */

#pragma pack(push, 4)

typedef struct mig_reply_error {
    mach_msg_header_t Head;
    NDR_record_t NDR;
    kern_return_t RetCode;
} mig_reply_error_t;

#pragma pack(pop)

typedef void (*mig_impl_routine_t)(void);
typedef void (*mig_stub_routine_t)(mach_msg_header_t* in, mach_msg_header_t* out);
typedef mig_stub_routine_t mig_routine_t;

typedef struct routine_arg_descriptor {
    mach_msg_type_name_t arg_type_name;
    mach_msg_size_t arg_size;
    mach_msg_size_t arg_flags;
} mig_routine_arg_descriptor_t;
typedef mig_routine_arg_descriptor_t* routine_arg_descriptor_t;

typedef struct routine_descriptor {
    mig_impl_routine_t impl_routine;
    mig_stub_routine_t stub_routine;
    unsigned int argc;
    unsigned int descr_count;
    routine_arg_descriptor_t arg_descr;
    unsigned int max_reply_msg;
} mig_routine_descriptor_t;
typedef mig_routine_descriptor_t* routine_descriptor_t;

typedef mig_routine_t (*mig_server_routine_t)(mach_msg_header_t* in);

typedef struct mig_subsystem {
    mig_server_routine_t server;
    mach_msg_id_t start;
    mach_msg_id_t end; /* one past the last */
    mach_msg_size_t maxsize;
    vm_address_t reserved;
    mig_routine_descriptor_t routine[1];
}* mig_subsystem_t;

#endif
