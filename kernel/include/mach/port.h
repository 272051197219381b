/* mach/port.h: names, rights, and what can be asked about them.
 *
 * A port name is 32 bits and means something only in the space of the task that holds it.
 * Values are those of OSF Mach and Darwin.
 */
#ifndef MACH_PORT_H
#define MACH_PORT_H

#include <mach/boolean.h>
#include <mach/vm_types.h>

typedef natural_t mach_port_name_t;
typedef mach_port_name_t* mach_port_name_array_t;

/* A name that stands for a right that its holder owns. In user space it is the name. */
typedef mach_port_name_t mach_port_t;
typedef mach_port_t* mach_port_array_t;

#define MACH_PORT_NULL ((mach_port_t)0)           /* no right */
#define MACH_PORT_DEAD ((mach_port_t)0xffffffffu) /* a right whose port had died before it arrived */
#define MACH_PORT_VALID(name) ((name) != MACH_PORT_NULL && (name) != MACH_PORT_DEAD)

/* Names that a task chooses itself (mach_port_allocate_name) obey the same form as the kernel's: an index
 * above a generation in the low eight bits. The generation of chosen names is that of the caller. */
#define MACH_PORT_INDEX(name) ((name) >> 8)
#define MACH_PORT_GEN(name) ((name) & 0xffu)
#define MACH_PORT_MAKE(index, generation) (((index) << 8) | (generation))

typedef natural_t mach_port_right_t;

#define MACH_PORT_RIGHT_SEND ((mach_port_right_t)0)
#define MACH_PORT_RIGHT_RECEIVE ((mach_port_right_t)1)
#define MACH_PORT_RIGHT_SEND_ONCE ((mach_port_right_t)2)
#define MACH_PORT_RIGHT_PORT_SET ((mach_port_right_t)3)
#define MACH_PORT_RIGHT_DEAD_NAME ((mach_port_right_t)4)
#define MACH_PORT_RIGHT_NUMBER ((mach_port_right_t)5)

/* A set of rights that one name denotes, as mach_port_type() answers. */
typedef natural_t mach_port_type_t;
typedef mach_port_type_t* mach_port_type_array_t;

#define MACH_PORT_TYPE(right) ((mach_port_type_t)(1u << ((right) + 16u)))
#define MACH_PORT_TYPE_NONE ((mach_port_type_t)0)
#define MACH_PORT_TYPE_SEND MACH_PORT_TYPE(MACH_PORT_RIGHT_SEND)
#define MACH_PORT_TYPE_RECEIVE MACH_PORT_TYPE(MACH_PORT_RIGHT_RECEIVE)
#define MACH_PORT_TYPE_SEND_ONCE MACH_PORT_TYPE(MACH_PORT_RIGHT_SEND_ONCE)
#define MACH_PORT_TYPE_PORT_SET MACH_PORT_TYPE(MACH_PORT_RIGHT_PORT_SET)
#define MACH_PORT_TYPE_DEAD_NAME MACH_PORT_TYPE(MACH_PORT_RIGHT_DEAD_NAME)

#define MACH_PORT_TYPE_SEND_RECEIVE (MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE)
#define MACH_PORT_TYPE_SEND_RIGHTS (MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_SEND_ONCE)
#define MACH_PORT_TYPE_PORT_RIGHTS (MACH_PORT_TYPE_SEND_RIGHTS | MACH_PORT_TYPE_RECEIVE)
#define MACH_PORT_TYPE_PORT_OR_DEAD (MACH_PORT_TYPE_PORT_RIGHTS | MACH_PORT_TYPE_DEAD_NAME)
#define MACH_PORT_TYPE_ALL_RIGHTS (MACH_PORT_TYPE_PORT_OR_DEAD | MACH_PORT_TYPE_PORT_SET)

/* Not rights: a notification is registered under the name. */
#define MACH_PORT_TYPE_DNREQUEST 0x80000000u
#define MACH_PORT_TYPE_SPREQUEST 0x40000000u
#define MACH_PORT_TYPE_SPREQUEST_DELAYED 0x20000000u

typedef natural_t mach_port_urefs_t;
typedef integer_t mach_port_delta_t;
typedef natural_t mach_port_seqno_t;
typedef natural_t mach_port_mscount_t;
typedef natural_t mach_port_msgcount_t;
typedef natural_t mach_port_rights_t;
typedef uint64_t mach_port_context_t;

#define MACH_PORT_UREFS_MAX ((mach_port_urefs_t)0xffff)

/* Whether send rights exist. */
typedef unsigned int mach_port_srights_t;
#define MACH_PORT_SRIGHTS_NONE 0
#define MACH_PORT_SRIGHTS_PRESENT 1

/* Limits on a port's queue, in messages. A queue at its limit makes senders wait (or fail, as they chose). */
#define MACH_PORT_QLIMIT_ZERO ((mach_port_msgcount_t)0)
#define MACH_PORT_QLIMIT_DEFAULT ((mach_port_msgcount_t)5)
#define MACH_PORT_QLIMIT_MAX ((mach_port_msgcount_t)1024)

/* ---- mach_port_get_attributes, mach_port_set_attributes ---- */

typedef int mach_port_flavor_t;
typedef integer_t* mach_port_info_t;

#define MACH_PORT_LIMITS_INFO 1    /* mach_port_limits_t; get and set */
#define MACH_PORT_RECEIVE_STATUS 2 /* mach_port_status_t; get only */
#define MACH_PORT_DNREQUESTS_SIZE                                                                            \
    3 /* one natural_t: slots in the port's table of notification requests; get only */
#define MACH_PORT_OOL_POLICY 64 /* mach_port_ool_policy_t; get and set. Portico's own (design D13) */

typedef struct mach_port_limits {
    mach_port_msgcount_t mpl_qlimit;
} mach_port_limits_t;
#define MACH_PORT_LIMITS_INFO_COUNT ((natural_t)(sizeof(mach_port_limits_t) / sizeof(natural_t)))

typedef struct mach_port_status {
    mach_port_rights_t mps_pset;     /* how many port sets hold it */
    mach_port_seqno_t mps_seqno;     /* sequence number of the next message */
    mach_port_mscount_t mps_mscount; /* send rights made since the count was last set */
    mach_port_msgcount_t mps_qlimit;
    mach_port_msgcount_t mps_msgcount; /* messages in the queue now */
    mach_port_rights_t mps_sorights;   /* send-once rights that exist */
    boolean_t mps_srights;             /* do send rights exist? */
    boolean_t mps_pdrequest;           /* is a port-destroyed notification registered? */
    boolean_t mps_nsrequest;           /* is a no-senders notification registered? */
    natural_t mps_flags;               /* MACH_PORT_STATUS_FLAG_* */
} mach_port_status_t;
#define MACH_PORT_RECEIVE_STATUS_COUNT ((natural_t)(sizeof(mach_port_status_t) / sizeof(natural_t)))
#define MACH_PORT_DNREQUESTS_SIZE_COUNT 1

#define MACH_PORT_STATUS_FLAG_GUARDED 0x02
#define MACH_PORT_STATUS_FLAG_STRICT_GUARD 0x04

/* Out-of-line memory that is sent to this port. With MACH_PORT_OOL_COPY_AT_SEND, pages that go back to an
 * external pager are copied in the sender's thread, so that the receiver never waits for that pager. */
typedef struct mach_port_ool_policy {
    natural_t mop_flags;
} mach_port_ool_policy_t;
#define MACH_PORT_OOL_POLICY_COUNT ((natural_t)(sizeof(mach_port_ool_policy_t) / sizeof(natural_t)))
#define MACH_PORT_OOL_COPY_AT_SEND 0x01

#define MACH_PORT_INFO_MAX 17 /* the longest answer of any flavour, in integers */

/* ---- mach_port_allocate_full, mach_port_construct ---- */

typedef struct mach_port_qos {
    natural_t name : 1; /* the caller chose the name */
    natural_t
        prealloc : 1; /* keep one message of `len` bytes in reserve: the first send to the port never fails */
    natural_t pad1 : 30;
    natural_t len;
} mach_port_qos_t;

typedef struct mach_port_options {
    uint32_t flags; /* MPO_* */
    mach_port_limits_t mpl;
    uint64_t reserved[2];
} mach_port_options_t;

#define MPO_CONTEXT_AS_GUARD 0x01
#define MPO_QLIMIT 0x02
#define MPO_INSERT_SEND_RIGHT 0x10
#define MPO_STRICT 0x20

/* ---- mach_port_space_info, mach_port_space_basic_info ---- */

typedef struct ipc_info_space {
    natural_t iis_genno_mask; /* bits of a name that are its generation */
    natural_t iis_table_size; /* slots in the table of names */
    natural_t iis_table_next; /* slots after it next grows */
    natural_t iis_tree_size;  /* always 0: every name is in the table */
    natural_t iis_tree_small;
    natural_t iis_tree_hash;
} ipc_info_space_t;

typedef struct ipc_info_space_basic {
    natural_t iisb_genno_mask;
    natural_t iisb_table_size;
    natural_t iisb_table_next;
    natural_t iisb_table_inuse;
    natural_t iisb_reserved[2];
} ipc_info_space_basic_t;

typedef struct ipc_info_name {
    mach_port_name_t iin_name;
    integer_t iin_collision; /* always 0, as are the last two */
    mach_port_type_t iin_type;
    mach_port_urefs_t iin_urefs;
    natural_t iin_object; /* equal for equal ports or sets, in all tasks; says nothing else of them */
    natural_t iin_next;
    natural_t iin_hash;
} ipc_info_name_t;
typedef ipc_info_name_t* ipc_info_name_array_t;

typedef struct ipc_info_tree_name {
    ipc_info_name_t iitn_name;
    mach_port_name_t iitn_lchild;
    mach_port_name_t iitn_rchild;
} ipc_info_tree_name_t;
typedef ipc_info_tree_name_t* ipc_info_tree_name_array_t;

/* ---- mach_port_kobject: what a port stands for ---- */

#define IKOT_NONE 0 /* a task receives from it */
#define IKOT_TASK 1
#define IKOT_TASK_NAME 2
#define IKOT_THREAD 3
#define IKOT_HOST 4
#define IKOT_HOST_PRIV 5
#define IKOT_HOST_SECURITY 6
#define IKOT_CLOCK 7
#define IKOT_SEMAPHORE 8
#define IKOT_LEDGER 9
#define IKOT_MEM_OBJ_CONTROL 10
#define IKOT_NAMED_ENTRY 11
#define IKOT_MASTER_DEVICE 12
#define IKOT_IO_PORTS 13
#define IKOT_INTERRUPT 14
#define IKOT_DMA 15

#endif
