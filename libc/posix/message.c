/* libc/posix/message.c: mach_msg() for programs that have signals.
 *
 * Takes the place of the plain one in libportico-mach.a.  The trap is made by __portico_interruptible_trap (trap.S), a
 * stretch that the process service knows by address: a signal that arrives inside it aborts the wait instead of
 * redirecting the thread, and is noted in `signalled`.
 */
#include "internal.h"

#include <mach/mach.h>
#include <mach/message.h>

/* The trap's result; bit 0 of *signalled is set if a signal came while inside. */
HIDDEN mach_msg_return_t __portico_interruptible_trap(mach_msg_header_t* message, mach_msg_option_t option,
                                                      mach_msg_size_t send_size, mach_msg_size_t receive_size,
                                                      mach_port_name_t receive_name,
                                                      mach_msg_timeout_t timeout, uint64_t* signalled,
                                                      const int* handlers_run);

static const int no_handler_run;

/* The one reply of a request that was interrupted while it waited: cancelled if it can be, awaited in any case. */
static mach_msg_return_t receive_after_interruption(mach_msg_header_t* message, mach_msg_option_t option,
                                                    mach_msg_size_t receive_size,
                                                    mach_port_name_t receive_name)
{
    struct portico_call* call = __portico_current_call;
    mach_msg_return_t result;
    uint64_t ignored;

    if (call && call->cancel)
        call->cancel(call->port, call->number);
    do {
        ignored = 0;
        result = __portico_interruptible_trap(message,
                                              (option & ~(MACH_SEND_MSG | MACH_RCV_TIMEOUT)) | MACH_RCV_MSG,
                                              0, receive_size, receive_name, 0, &ignored, &no_handler_run);
    } while (result == MACH_RCV_INTERRUPTED);
    return result;
}

mach_msg_return_t mach_msg(mach_msg_header_t* message, mach_msg_option_t option, mach_msg_size_t send_size,
                           mach_msg_size_t receive_size, mach_port_name_t receive_name,
                           mach_msg_timeout_t timeout, mach_port_name_t notify)
{
    uint64_t signalled = 0;
    mach_msg_return_t result;

    (void)notify;
    for (;;) {
        uint64_t flag = 0;
        result = __portico_interruptible_trap(message, option, send_size, receive_size, receive_name, timeout,
                                              &flag, &no_handler_run);
        signalled |= flag;
        if (result != MACH_SEND_INTERRUPTED || (option & MACH_SEND_INTERRUPT))
            break;
    }
    if (result == MACH_RCV_INTERRUPTED && (option & MACH_SEND_MSG))
        result = receive_after_interruption(message, option, receive_size, receive_name);
    if (signalled & 1)
        __portico_run_signals(NULL);
    return result;
}

mach_msg_return_t __portico_receive(mach_msg_header_t* message, mach_msg_size_t size, mach_port_t port,
                                    mach_msg_timeout_t timeout_ms, const int* handlers_run)
{
    mach_msg_option_t option = MACH_RCV_MSG | MACH_RCV_INTERRUPT;
    uint64_t signalled = 0;

    if (timeout_ms != MACH_MSG_TIME_FOR_EVER)
        option |= MACH_RCV_TIMEOUT;
    else
        timeout_ms = 0;
    mach_msg_return_t result =
        __portico_interruptible_trap(message, option, 0, size, port, timeout_ms, &signalled,
                                     handlers_run ? handlers_run : &no_handler_run);
    if (signalled & 1)
        __portico_run_signals(NULL);
    return result;
}
