/* mach/message_registers.h: a message in registers, for mach_msg_call_trap() and mach_msg_reply_trap().
 *
 * Header and up to four words of body travel in the registers of the traps' arguments, and what is received comes
 * back in the same ones:
 *
 *     ports   %rdi    msgh_remote_port, and above it msgh_local_port
 *     info    %rsi    the dispositions of msgh_bits, the size of the body in bytes, and msgh_id
 *     words   %rdx, %r10, %r8, %r9
 *
 * It is an ordinary message, to an ordinary port: msgh_size is that of the header and the body. There is no trailer.
 * All four words reach a receiver in registers, also those past the body's size: a sender leaves nothing there
 * that it does not want known. mach_msg_call_trap() receives on the local port; in mach_msg_reply_trap() that name
 * says where to receive, and the message has no reply port.
 */
#ifndef _MACH_MESSAGE_REGISTERS_H_
#define _MACH_MESSAGE_REGISTERS_H_

#include <mach/message.h>

#define MACH_MSG_REGISTERS_WORDS 4
#define MACH_MSG_REGISTERS_BODY_MAX 32
#define MACH_MSG_REGISTERS_SIZE_MAX (sizeof(mach_msg_header_t) + MACH_MSG_REGISTERS_BODY_MAX)

#define MACH_MSG_REGISTERS_PORTS(remote, local) ((uint64_t)(local) << 32 | (mach_port_name_t)(remote))
#define MACH_MSG_REGISTERS_REMOTE(ports) ((mach_port_name_t)(ports))
#define MACH_MSG_REGISTERS_LOCAL(ports) ((mach_port_name_t)((ports) >> 32))

/* `bits` by MACH_MSGH_BITS(); `body` in bytes. */
#define MACH_MSG_REGISTERS_INFO(bits, body, id)                                                              \
    ((uint64_t)(uint32_t)(id) << 32 | (uint64_t)(uint16_t)(body) << 16 | (uint16_t)(bits))
#define MACH_MSG_REGISTERS_BITS(info) ((mach_msg_bits_t)((info) & 0xffff))
#define MACH_MSG_REGISTERS_BODY(info) ((mach_msg_size_t)((info) >> 16 & 0xffff))
#define MACH_MSG_REGISTERS_ID(info) ((mach_msg_id_t)((info) >> 32))

#endif /* _MACH_MESSAGE_REGISTERS_H_ */
