/* libc/mach/c/mach_msg.c: mach_msg(): the trap, started again when thread_abort() has interrupted it.
 *
 * After an interrupted send nothing has happened: it starts again whole. After an interrupted receive the
 * message has been sent: only the receive starts again. MACH_SEND_INTERRUPT and MACH_RCV_INTERRUPT ask to be
 * told instead. A program with POSIX signals has a mach_msg() of its own in place of this one (libc/posix),
 * so this file holds nothing else.
 */
#include <mach/mach.h>

#include "internal.h"

mach_msg_return_t mach_msg(mach_msg_header_t* msg, mach_msg_option_t option, mach_msg_size_t send_size,
                           mach_msg_size_t rcv_size, mach_port_name_t rcv_name, mach_msg_timeout_t timeout,
                           mach_port_name_t notify)
{
    mach_msg_return_t code;

    (void)notify;
    code = message_trap(msg, option, send_size, &rcv_size, rcv_name, timeout);
    if (__builtin_expect(code == MACH_MSG_SUCCESS, 1))
        return code;

    while (code == MACH_SEND_INTERRUPTED && !(option & MACH_SEND_INTERRUPT))
        code = message_trap(msg, option, send_size, &rcv_size, rcv_name, timeout);
    while (code == MACH_RCV_INTERRUPTED && !(option & MACH_RCV_INTERRUPT))
        code = message_trap(msg, option & ~MACH_SEND_MSG, 0, &rcv_size, rcv_name, timeout);
    return code;
}
