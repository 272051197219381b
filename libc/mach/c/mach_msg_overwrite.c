/* libc/mach/c/mach_msg_overwrite.c: mach_msg() with a buffer of its own for what is received.
 *
 * It has more arguments than a trap has registers: they go in a block. Interruptions as in mach_msg.c.
 */
#include <mach/mach.h>

mach_msg_return_t mach_msg_overwrite(mach_msg_header_t* msg, mach_msg_option_t option,
                                     mach_msg_size_t send_size, mach_msg_size_t rcv_size,
                                     mach_port_name_t rcv_name, mach_msg_timeout_t timeout,
                                     mach_port_name_t notify, mach_msg_header_t* rcv_msg,
                                     mach_msg_size_t rcv_scatter_size)
{
    mach_msg_overwrite_args_t args = {
        .msg = (user_address_t)msg,
        .rcv_msg = (user_address_t)rcv_msg,
        .option = option & ~(MACH_SEND_INTERRUPT | MACH_RCV_INTERRUPT),
        .send_size = send_size,
        .rcv_size = rcv_size,
        .rcv_name = rcv_name,
        .timeout = timeout,
        .rcv_scatter_size = rcv_scatter_size,
    };
    mach_msg_return_t code = mach_msg_overwrite_trap(&args);

    (void)notify;
    while (code == MACH_SEND_INTERRUPTED && !(option & MACH_SEND_INTERRUPT))
        code = mach_msg_overwrite_trap(&args);
    args.option &= ~MACH_SEND_MSG;
    args.send_size = 0;
    while (code == MACH_RCV_INTERRUPTED && !(option & MACH_RCV_INTERRUPT))
        code = mach_msg_overwrite_trap(&args);
    return code;
}
