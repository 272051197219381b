/* mach/mig.h: the reply port of the calling thread, and what a received message has to be rid of. */
#ifndef MACH_MIG_H
#define MACH_MIG_H

#include <mach/message.h>
#include <mach/mig_errors.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The thread's reply port, made at first use. After a call whose reply may still come, it is deallocated:
 * then that reply finds nobody. MACH_PORT_NULL if there is no room for a port. */
mach_port_t mig_get_reply_port(void);
void mig_put_reply_port(mach_port_t reply_port);
void mig_dealloc_reply_port(mach_port_t reply_port);

/* Gives up the rights and deallocates the memory that a message carries, those of its header included. For a
 * message that was received and not wanted, or that was pseudo-received when its send failed. */
void mach_msg_destroy(mach_msg_header_t* message);

#ifdef __cplusplus
}
#endif

#endif
