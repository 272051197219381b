/* mach/mach_msg_registers.h: messages in registers, as calls. What the words mean: mach/message_registers.h. */
#ifndef _MACH_MSG_REGISTERS_H_
#define _MACH_MSG_REGISTERS_H_

#include <mach/message_registers.h>

typedef struct {
    uint64_t ports;
    uint64_t info;
    uint64_t word[MACH_MSG_REGISTERS_WORDS];
} mach_msg_registers_t;

#ifdef __cplusplus
extern "C" {
#endif

/* Sends the message and waits for the answer on its reply port, the local one; the answer takes the message's place.
 * An interrupted call is started again, as mach_msg() does. MACH_RCV_TOO_LARGE: the answer does not fit, and waits for
 * mach_msg(). After other failures of the receive the message has been sent. */
mach_msg_return_t mach_msg_call(mach_msg_registers_t* message);

/* Sends the message, unless its info says no bits, and waits for the next one on its local name, a receive right or a
 * set. The rest as above. */
mach_msg_return_t mach_msg_reply(mach_msg_registers_t* message);

#ifdef __cplusplus
}
#endif

#endif /* _MACH_MSG_REGISTERS_H_ */
