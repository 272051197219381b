/* mach/notify.h: notifications, which the kernel sends to a send-once right that was registered for them
 * (mach_port_request_notification), or, for MACH_NOTIFY_SEND_ONCE, to the port whose send-once right was
 * destroyed.
 *
 * Structures are as received, with the smallest trailer. Servers take them through notify.defs.
 */
#ifndef MACH_NOTIFY_H
#define MACH_NOTIFY_H

#include <mach/message.h>
#include <mach/ndr.h>
#include <mach/port.h>

#define MACH_NOTIFY_FIRST 0100
#define MACH_NOTIFY_PORT_DELETED                                                                             \
    (MACH_NOTIFY_FIRST + 001) /* the name with the registered request was deleted */
#define MACH_NOTIFY_SEND_POSSIBLE (MACH_NOTIFY_FIRST + 002)  /* the queue that was full has room */
#define MACH_NOTIFY_PORT_DESTROYED (MACH_NOTIFY_FIRST + 005) /* would have died: here is its receive right */
#define MACH_NOTIFY_NO_SENDERS (MACH_NOTIFY_FIRST + 006)     /* the last send right has gone */
#define MACH_NOTIFY_SEND_ONCE (MACH_NOTIFY_FIRST + 007)      /* a send-once right was destroyed unused */
#define MACH_NOTIFY_DEAD_NAME                                                                                \
    (MACH_NOTIFY_FIRST + 010) /* the port died; the name is dead, with one more reference */
#define MACH_NOTIFY_LAST (MACH_NOTIFY_FIRST + 015)

typedef mach_port_t notify_port_t;

#pragma pack(push, 4)

typedef struct mach_port_deleted_notification {
    mach_msg_header_t not_header;
    NDR_record_t NDR;
    mach_port_name_t not_port;
    mach_msg_trailer_t trailer;
} mach_port_deleted_notification_t;

typedef mach_port_deleted_notification_t mach_send_possible_notification_t;
typedef mach_port_deleted_notification_t mach_dead_name_notification_t;

typedef struct mach_port_destroyed_notification {
    mach_msg_header_t not_header;
    mach_msg_body_t not_body;
    mach_msg_port_descriptor_t not_port; /* MACH_MSG_TYPE_PORT_RECEIVE */
    mach_msg_trailer_t trailer;
} mach_port_destroyed_notification_t;

typedef struct mach_no_senders_notification {
    mach_msg_header_t not_header;
    NDR_record_t NDR;
    mach_port_mscount_t not_count; /* the make-send count when the last send right went */
    mach_msg_trailer_t trailer;
} mach_no_senders_notification_t;

typedef struct mach_send_once_notification {
    mach_msg_header_t not_header;
    mach_msg_trailer_t trailer;
} mach_send_once_notification_t;

#pragma pack(pop)

#endif
