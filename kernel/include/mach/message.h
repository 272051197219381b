/* mach/message.h: the form of a message, and mach_msg().
 *
 * The layout is OSF's and Darwin's in 64 bits: a 24-byte header; if the message is complex, a count and that
 * many descriptors; then data. Everything is packed to four bytes. The numbers of types, options and errors
 * are Darwin's; where Darwin has dropped a code of the manual, the number is OSF's.
 *
 * Background: K. Loepere, "Mach 3 Kernel Interfaces", 1992, and "Mach 3 Server Writer's Guide", 1992.
 */
#ifndef MACH_MESSAGE_H
#define MACH_MESSAGE_H

#include <mach/kern_return.h>
#include <mach/port.h>

typedef natural_t mach_msg_timeout_t; /* milliseconds */
#define MACH_MSG_TIMEOUT_NONE ((mach_msg_timeout_t)0)

typedef unsigned int mach_msg_bits_t;
typedef natural_t mach_msg_size_t; /* bytes */
typedef integer_t mach_msg_id_t;
typedef unsigned int mach_msg_type_name_t;
typedef unsigned int mach_msg_type_number_t;
typedef unsigned int mach_msg_copy_options_t;
typedef unsigned int mach_msg_descriptor_type_t;

/* ---- the header ---- */

#define MACH_MSGH_BITS_ZERO 0x00000000u
#define MACH_MSGH_BITS_REMOTE_MASK 0x0000001fu
#define MACH_MSGH_BITS_LOCAL_MASK 0x00001f00u
#define MACH_MSGH_BITS_VOUCHER_MASK 0x001f0000u
#define MACH_MSGH_BITS_PORTS_MASK                                                                            \
    (MACH_MSGH_BITS_REMOTE_MASK | MACH_MSGH_BITS_LOCAL_MASK | MACH_MSGH_BITS_VOUCHER_MASK)
#define MACH_MSGH_BITS_COMPLEX 0x80000000u
#define MACH_MSGH_BITS_USER 0x801f1f1fu /* all that user space may set */

#define MACH_MSGH_BITS(remote, local) ((mach_msg_bits_t)((remote) | ((local) << 8)))
#define MACH_MSGH_BITS_SET(remote, local, voucher, other)                                                    \
    ((mach_msg_bits_t)((remote) | ((local) << 8) | ((voucher) << 16) |                                       \
                       ((other) & ~MACH_MSGH_BITS_PORTS_MASK)))
#define MACH_MSGH_BITS_REMOTE(bits) ((bits) & MACH_MSGH_BITS_REMOTE_MASK)
#define MACH_MSGH_BITS_LOCAL(bits) (((bits) & MACH_MSGH_BITS_LOCAL_MASK) >> 8)
#define MACH_MSGH_BITS_VOUCHER(bits) (((bits) & MACH_MSGH_BITS_VOUCHER_MASK) >> 16)
#define MACH_MSGH_BITS_PORTS(bits) ((bits) & MACH_MSGH_BITS_PORTS_MASK)
#define MACH_MSGH_BITS_OTHER(bits) ((bits) & ~MACH_MSGH_BITS_PORTS_MASK)
#define MACH_MSGH_BITS_HAS_REMOTE(bits) (MACH_MSGH_BITS_REMOTE(bits) != MACH_MSGH_BITS_ZERO)
#define MACH_MSGH_BITS_HAS_LOCAL(bits) (MACH_MSGH_BITS_LOCAL(bits) != MACH_MSGH_BITS_ZERO)
#define MACH_MSGH_BITS_IS_COMPLEX(bits) (((bits) & MACH_MSGH_BITS_COMPLEX) != MACH_MSGH_BITS_ZERO)

#pragma pack(push, 4)

typedef struct mach_msg_header {
    mach_msg_bits_t msgh_bits;
    mach_msg_size_t msgh_size;          /* bytes from the header on, without the trailer */
    mach_port_t msgh_remote_port;       /* sent: the destination. Received: the reply right */
    mach_port_t msgh_local_port;        /* sent: the reply port. Received: the port it came to */
    mach_port_name_t msgh_voucher_port; /* reserved: 0 */
    mach_msg_id_t msgh_id;
} mach_msg_header_t;

#define msgh_remote msgh_remote_port
#define MACH_MSG_NULL ((mach_msg_header_t*)0)

typedef struct mach_msg_body {
    mach_msg_size_t msgh_descriptor_count;
} mach_msg_body_t;
#define MACH_MSG_BODY_NULL ((mach_msg_body_t*)0)

/* ---- descriptors ---- */

#define MACH_MSG_PORT_DESCRIPTOR 0
#define MACH_MSG_OOL_DESCRIPTOR 1
#define MACH_MSG_OOL_PORTS_DESCRIPTOR 2

#define MACH_MSG_PHYSICAL_COPY 0 /* copy now */
#define MACH_MSG_VIRTUAL_COPY 1  /* copy on write */
#define MACH_MSG_ALLOCATE 2      /* receive: into new memory */

/* The part that all descriptors have, by which their kind is known. */
typedef struct mach_msg_type_descriptor {
    natural_t pad1;
    mach_msg_size_t pad2;
    unsigned int pad3 : 24;
    mach_msg_descriptor_type_t type : 8;
} mach_msg_type_descriptor_t;

typedef struct mach_msg_port_descriptor {
    mach_port_t name;
    mach_msg_size_t pad1;
    unsigned int pad2 : 16;
    mach_msg_type_name_t disposition : 8;
    mach_msg_descriptor_type_t type : 8;
} mach_msg_port_descriptor_t;

typedef struct mach_msg_ool_descriptor {
    uint64_t address;
    boolean_t deallocate : 8; /* sent: take the memory out of the sender's map. Read it as zero or not zero */
    mach_msg_copy_options_t copy : 8;
    unsigned int pad1 : 8;
    mach_msg_descriptor_type_t type : 8;
    mach_msg_size_t size; /* bytes */
} mach_msg_ool_descriptor_t;

typedef struct mach_msg_ool_ports_descriptor {
    uint64_t address; /* of an array of names */
    boolean_t deallocate : 8;
    mach_msg_copy_options_t copy : 8;
    mach_msg_type_name_t disposition : 8;
    mach_msg_descriptor_type_t type : 8;
    mach_msg_size_t count; /* names, not bytes */
} mach_msg_ool_ports_descriptor_t;

/* Any descriptor. The port descriptor is four bytes shorter than the union: step by the kind's own size. */
typedef union mach_msg_descriptor {
    mach_msg_port_descriptor_t port;
    mach_msg_ool_descriptor_t out_of_line;
    mach_msg_ool_ports_descriptor_t ool_ports;
    mach_msg_type_descriptor_t type;
} mach_msg_descriptor_t;

typedef struct mach_msg_base {
    mach_msg_header_t header;
    mach_msg_body_t body;
} mach_msg_base_t;

/* ---- trailers ---- */

typedef unsigned int mach_msg_trailer_type_t;
#define MACH_MSG_TRAILER_FORMAT_0 0
typedef natural_t mach_msg_trailer_size_t;
typedef void* mach_msg_trailer_info_t;

typedef struct mach_msg_trailer {
    mach_msg_trailer_type_t msgh_trailer_type;
    mach_msg_trailer_size_t msgh_trailer_size;
} mach_msg_trailer_t;

typedef struct mach_msg_seqno_trailer {
    mach_msg_trailer_type_t msgh_trailer_type;
    mach_msg_trailer_size_t msgh_trailer_size;
    mach_port_seqno_t msgh_seqno;
} mach_msg_seqno_trailer_t;

/* Who the sender is. The process service sets both tokens (host_security.defs); the kernel only carries
 * them. */
typedef struct security_token {
    unsigned int val[2]; /* effective user, effective group */
} security_token_t;

typedef struct audit_token {
    unsigned int
        val[8]; /* audit user, effective user and group, real user and group, process, session, version */
} audit_token_t;

#define KERNEL_SECURITY_TOKEN_VALUE {{0, 1}}
#define KERNEL_AUDIT_TOKEN_VALUE {{0, 0, 0, 0, 0, 0, 0, 0}}

typedef struct mach_msg_security_trailer {
    mach_msg_trailer_type_t msgh_trailer_type;
    mach_msg_trailer_size_t msgh_trailer_size;
    mach_port_seqno_t msgh_seqno;
    security_token_t msgh_sender;
} mach_msg_security_trailer_t;

typedef struct mach_msg_audit_trailer {
    mach_msg_trailer_type_t msgh_trailer_type;
    mach_msg_trailer_size_t msgh_trailer_size;
    mach_port_seqno_t msgh_seqno;
    security_token_t msgh_sender;
    audit_token_t msgh_audit;
} mach_msg_audit_trailer_t;

typedef struct mach_msg_context_trailer {
    mach_msg_trailer_type_t msgh_trailer_type;
    mach_msg_trailer_size_t msgh_trailer_size;
    mach_port_seqno_t msgh_seqno;
    security_token_t msgh_sender;
    audit_token_t msgh_audit;
    mach_port_context_t msgh_context; /* of the port that the message came to */
} mach_msg_context_trailer_t;

#define MACH_MSG_TRAILER_MINIMUM_SIZE sizeof(mach_msg_trailer_t)
typedef mach_msg_trailer_t mach_msg_empty_trailer_t;
typedef mach_msg_context_trailer_t mach_msg_max_trailer_t;
#define MAX_TRAILER_SIZE ((mach_msg_size_t)sizeof(mach_msg_max_trailer_t))

typedef struct mach_msg_empty_send {
    mach_msg_header_t header;
} mach_msg_empty_send_t;

typedef struct mach_msg_empty_rcv {
    mach_msg_header_t header;
    mach_msg_trailer_t trailer;
} mach_msg_empty_rcv_t;

#pragma pack(pop)

/* The trailer follows the message, at the next multiple of four. */
#define round_msg(size) (((mach_msg_size_t)(size) + 3u) & ~3u)

/* ---- limits: each has its own error ---- */

#define MACH_MSG_SIZE_MAX (68u * 1024u)               /* bytes inline, header included: MACH_SEND_TOO_LARGE */
#define MACH_MSG_DESCRIPTOR_MAX 256u                  /* descriptors: MACH_SEND_TOO_LARGE */
#define MACH_MSG_OOL_PORTS_MAX 4096u                  /* rights in one descriptor: MACH_SEND_TOO_LARGE */
#define MACH_MSG_OOL_SIZE_MAX (1024u * 1024u * 1024u) /* bytes in one descriptor: MACH_SEND_NO_BUFFER */

/* ---- what happens to a right ---- */

#define MACH_MSG_TYPE_MOVE_RECEIVE 16
#define MACH_MSG_TYPE_MOVE_SEND 17
#define MACH_MSG_TYPE_MOVE_SEND_ONCE 18
#define MACH_MSG_TYPE_COPY_SEND 19
#define MACH_MSG_TYPE_MAKE_SEND 20
#define MACH_MSG_TYPE_MAKE_SEND_ONCE 21

#define MACH_MSG_TYPE_PORT_NONE 0
#define MACH_MSG_TYPE_PORT_NAME 15 /* a name that carries no right */
#define MACH_MSG_TYPE_PORT_RECEIVE MACH_MSG_TYPE_MOVE_RECEIVE
#define MACH_MSG_TYPE_PORT_SEND MACH_MSG_TYPE_MOVE_SEND
#define MACH_MSG_TYPE_PORT_SEND_ONCE MACH_MSG_TYPE_MOVE_SEND_ONCE
#define MACH_MSG_TYPE_LAST 22
#define MACH_MSG_TYPE_POLYMORPHIC 0xffffffffu

#define MACH_MSG_TYPE_PORT_ANY(x) ((x) >= MACH_MSG_TYPE_MOVE_RECEIVE && (x) <= MACH_MSG_TYPE_MAKE_SEND_ONCE)
#define MACH_MSG_TYPE_PORT_ANY_SEND(x) ((x) >= MACH_MSG_TYPE_MOVE_SEND && (x) <= MACH_MSG_TYPE_MAKE_SEND_ONCE)
#define MACH_MSG_TYPE_PORT_ANY_RIGHT(x)                                                                      \
    ((x) >= MACH_MSG_TYPE_MOVE_RECEIVE && (x) <= MACH_MSG_TYPE_MOVE_SEND_ONCE)

/* ---- options ---- */

typedef integer_t mach_msg_option_t;

#define MACH_MSG_OPTION_NONE 0x00000000
#define MACH_SEND_MSG 0x00000001
#define MACH_RCV_MSG 0x00000002
#define MACH_RCV_LARGE 0x00000004          /* a message that does not fit stays in the queue */
#define MACH_RCV_LARGE_IDENTITY 0x00000008 /* ... and msgh_local_port says on which port of the set */
#define MACH_SEND_TIMEOUT 0x00000010
#define MACH_SEND_INTERRUPT 0x00000040 /* an interrupted send returns; else the library starts it again */
#define MACH_SEND_NOTIFY 0x00000080 /* a send that finds the queue full arms the send-possible notification */
#define MACH_RCV_TIMEOUT 0x00000100
#define MACH_RCV_NOTIFY 0x00000200
#define MACH_RCV_INTERRUPT 0x00000400 /* an interrupted receive returns instead of being started again */
#define MACH_RCV_OVERWRITE 0x00001000 /* descriptors in the buffer say where out-of-line memory shall go */

#define MACH_RCV_TRAILER_NULL 0
#define MACH_RCV_TRAILER_SEQNO 1
#define MACH_RCV_TRAILER_SENDER 2
#define MACH_RCV_TRAILER_AUDIT 3
#define MACH_RCV_TRAILER_CTX 4
#define MACH_RCV_TRAILER_TYPE(x) (((x) & 0xf) << 28)
#define MACH_RCV_TRAILER_ELEMENTS(x) (((x) & 0xf) << 24)
#define MACH_RCV_TRAILER_MASK 0x0f000000
#define GET_RCV_ELEMENTS(option) (((option) >> 24) & 0xf)

#define REQUESTED_TRAILER_SIZE(option)                                                                       \
    ((mach_msg_trailer_size_t)(GET_RCV_ELEMENTS(option) == MACH_RCV_TRAILER_NULL                             \
                                   ? sizeof(mach_msg_trailer_t)                                              \
                               : GET_RCV_ELEMENTS(option) == MACH_RCV_TRAILER_SEQNO                          \
                                   ? sizeof(mach_msg_seqno_trailer_t)                                        \
                               : GET_RCV_ELEMENTS(option) == MACH_RCV_TRAILER_SENDER                         \
                                   ? sizeof(mach_msg_security_trailer_t)                                     \
                               : GET_RCV_ELEMENTS(option) == MACH_RCV_TRAILER_AUDIT                          \
                                   ? sizeof(mach_msg_audit_trailer_t)                                        \
                                   : sizeof(mach_msg_context_trailer_t)))

/* ---- what mach_msg() says ---- */

typedef kern_return_t mach_msg_return_t;

#define MACH_MSG_SUCCESS 0x00000000

/* Bits that say which resource ran short while rights or memory were taken from or given to a task. */
#define MACH_MSG_MASK 0x00003e00
#define MACH_MSG_IPC_SPACE 0x00002000  /* no room for a name in the receiver's space */
#define MACH_MSG_VM_SPACE 0x00001000   /* no room for memory in the receiver's map */
#define MACH_MSG_IPC_KERNEL 0x00000800 /* the kernel was short of room for rights */
#define MACH_MSG_VM_KERNEL 0x00000400  /* the kernel was short of room for memory */

#define MACH_SEND_IN_PROGRESS 0x10000001
#define MACH_SEND_INVALID_DATA 0x10000002 /* the message is not in readable memory */
#define MACH_SEND_INVALID_DEST                                                                               \
    0x10000003                         /* the destination names no send or send-once right, or a dead port */
#define MACH_SEND_TIMED_OUT 0x10000004 /* the queue stayed full; pseudo-received */
#define MACH_SEND_INVALID_VOUCHER 0x10000005
#define MACH_SEND_INTERRUPTED 0x10000007   /* thread_abort() while the queue was full; pseudo-received */
#define MACH_SEND_MSG_TOO_SMALL 0x10000008 /* shorter than its header or than its descriptors */
#define MACH_SEND_INVALID_REPLY 0x10000009 /* the reply port names no suitable right */
#define MACH_SEND_INVALID_RIGHT 0x1000000a /* a right in the body does not exist or is of the wrong kind */
#define MACH_SEND_INVALID_NOTIFY 0x1000000b
#define MACH_SEND_INVALID_MEMORY 0x1000000c /* out-of-line memory is not readable, or not there */
#define MACH_SEND_NO_BUFFER 0x1000000d      /* no room for the message; pseudo-received */
#define MACH_SEND_TOO_LARGE 0x1000000e      /* over a limit above */
#define MACH_SEND_INVALID_TYPE 0x1000000f   /* a descriptor's kind or disposition has no meaning */
#define MACH_SEND_INVALID_HEADER 0x10000010 /* a bit in msgh_bits or a disposition has no meaning */
#define MACH_SEND_INVALID_TRAILER 0x10000011
#define MACH_SEND_INVALID_CONTEXT 0x10000012
#define MACH_SEND_INVALID_RT_OOL_SIZE 0x10000015

#define MACH_RCV_IN_PROGRESS 0x10004001
#define MACH_RCV_INVALID_NAME 0x10004002 /* neither a receive right nor a port set */
#define MACH_RCV_TIMED_OUT 0x10004003
#define MACH_RCV_TOO_LARGE 0x10004004    /* destroyed, or with MACH_RCV_LARGE left in the queue */
#define MACH_RCV_INTERRUPTED 0x10004005  /* thread_abort() while waiting */
#define MACH_RCV_PORT_CHANGED 0x10004006 /* the receive right moved away while waiting */
#define MACH_RCV_INVALID_NOTIFY 0x10004007
#define MACH_RCV_INVALID_DATA 0x10004008 /* the buffer is not in writable memory; the message is destroyed */
#define MACH_RCV_PORT_DIED 0x10004009    /* the receive right or the set was destroyed while waiting */
#define MACH_RCV_IN_SET 0x1000400a       /* never returned: a member can be received from directly */
#define MACH_RCV_HEADER_ERROR 0x1000400b /* no room for a right of the header; the message is destroyed */
#define MACH_RCV_BODY_ERROR 0x1000400c   /* received, but parts of the body were lost */
#define MACH_RCV_INVALID_TYPE 0x1000400d
#define MACH_RCV_SCATTER_SMALL 0x1000400e /* an overwrite region is too small */
#define MACH_RCV_INVALID_TRAILER 0x1000400f
#define MACH_RCV_IN_PROGRESS_TIMED 0x10004011
#define MACH_RCV_INVALID_REPLY 0x10004012

/* ---- the traps' view ---- */

/* The argument block of mach_msg_overwrite_trap(), which has more arguments than there are registers. */
typedef struct mach_msg_overwrite_args {
    user_address_t msg;     /* what is sent */
    user_address_t rcv_msg; /* where to receive; 0: at `msg` */
    mach_msg_option_t option;
    mach_msg_size_t send_size;
    mach_msg_size_t rcv_size;
    mach_port_name_t rcv_name;
    mach_msg_timeout_t timeout;
    mach_msg_size_t rcv_scatter_size; /* MACH_RCV_OVERWRITE: bytes of descriptors in the receive buffer */
} mach_msg_overwrite_args_t;

#ifdef __cplusplus
extern "C" {
#endif

/* In user space (libc/mach). Starts again what thread_abort() interrupted, unless MACH_SEND_INTERRUPT or
 * MACH_RCV_INTERRUPT says otherwise. `notify` is for compatibility and must be MACH_PORT_NULL: what
 * MACH_SEND_NOTIFY arms was registered by mach_port_request_notification(). */
mach_msg_return_t mach_msg(mach_msg_header_t* msg, mach_msg_option_t option, mach_msg_size_t send_size,
                           mach_msg_size_t rcv_size, mach_port_name_t rcv_name, mach_msg_timeout_t timeout,
                           mach_port_name_t notify);
mach_msg_return_t mach_msg_overwrite(mach_msg_header_t* msg, mach_msg_option_t option,
                                     mach_msg_size_t send_size, mach_msg_size_t rcv_size,
                                     mach_port_name_t rcv_name, mach_msg_timeout_t timeout,
                                     mach_port_name_t notify, mach_msg_header_t* rcv_msg,
                                     mach_msg_size_t rcv_scatter_size);

#ifdef __cplusplus
}
#endif

#endif
