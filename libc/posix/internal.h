/* libc/posix/internal.h: what the files of the POSIX layer share.
 *
 * The layer turns POSIX calls into messages to the Unix services by the stubs that mig makes from their .defs. It keeps
 * three things: the two ports of this process, the channels of descriptors it has used (descriptors.c), and the
 * handlers of signals (signals.c). All three are forgotten or kept across fork as posix_fork.c says.
 */
#ifndef PORTICO_POSIX_INTERNAL_H
#define PORTICO_POSIX_INTERNAL_H

#include <mach/mach_types.h>
#include <portico/unix_types.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define HIDDEN __attribute__((visibility("hidden")))

/* This process's ports at the process and the file service; MACH_PORT_NULL in a program that has none (a server). */
HIDDEN mach_port_t __portico_process_port(void);
HIDDEN mach_port_t __portico_fs_port(void);
HIDDEN void __portico_forget_ports(void);

/* Sets errno from a stub's result and returns -1; a dead or missing service is EIO. */
HIDDEN int __portico_fail(kern_return_t code);
HIDDEN int __portico_errno_of(kern_return_t code);
/* 0, or -1 with errno set. */
static inline int __portico_finish(kern_return_t code)
{
    return code == KERN_SUCCESS ? 0 : __portico_fail(code);
}

/* A request that can wait.  While one is under way it is the thread's current one, so that mach_msg() can cancel it
 * when a signal comes (docs/signals.md).
 *
 *     struct portico_call call;
 *     do {
 *         __portico_call_begin(&call, channel, io_cancel);
 *         code = io_read(channel, call.number, ...);
 *     } while (__portico_call_again(&call, code));
 *
 * __portico_call_again() says whether the call was cut short by signals whose handlers all ask for a restart. */
typedef kern_return_t (*portico_cancel)(mach_port_t port, call_number_t number);
struct portico_call {
    call_number_t number;
    mach_port_t port;
    portico_cancel cancel;
    struct portico_call* outer;
    int handlers_run;
    int handlers_without_restart;
};
HIDDEN void __portico_call_begin(struct portico_call* call, mach_port_t port, portico_cancel cancel);
HIDDEN int __portico_call_again(struct portico_call* call, kern_return_t code);
HIDDEN extern struct portico_call* __portico_current_call;

/* Takes signals one by one and runs their handlers, until none is left. */
struct portico_signal_frame;
HIDDEN void __portico_run_signals(struct portico_signal_frame* frame);
HIDDEN void __portico_signals_after_fork(void);

/* The channel of a descriptor and what is behind it.  Asked of fs once and remembered; -1 with errno. */
struct portico_descriptor {
    mach_port_t channel;
    uint32_t kind; /* unix_channel_kind */
};
HIDDEN int __portico_descriptor(int fd, struct portico_descriptor* descriptor);
HIDDEN mach_port_t __portico_channel(int fd);
HIDDEN void __portico_remember(int fd, mach_port_t channel, uint32_t kind);
HIDDEN void __portico_forget_descriptor(int fd);
HIDDEN void __portico_forget_descriptors(void);

/* What a child of fork must find out anew.  No port name can tell that: names of parent and child may be equal. */
HIDDEN void __portico_forget_pid(void);
HIDDEN void __portico_forget_poll_port(void);

/* A terminal said that this process is in the background: asks the process service what to do.  1: try again, 0: go on
 * as if allowed, -1: fail with errno. */
HIDDEN int __portico_background(int writing);

/* Whether a pathname argument can be sent; -1 with ENAMETOOLONG, ENOENT or EFAULT. */
HIDDEN int __portico_check_path(const char* path);

/* Receives a message on `port`, at most `timeout_ms` milliseconds (MACH_MSG_TIME_FOR_EVER: no limit).  If *handlers_run is
 * or becomes other than 0 it answers MACH_RCV_INTERRUPTED and does not wait. */
#define MACH_MSG_TIME_FOR_EVER ((mach_msg_timeout_t) - 1)
HIDDEN mach_msg_return_t __portico_receive(mach_msg_header_t* message, mach_msg_size_t size, mach_port_t port,
                                           mach_msg_timeout_t timeout_ms, const int* handlers_run);

/* Waits until `deadline_ns` of the system clock or a signal: 0 when the time has come, -1 with EINTR. */
HIDDEN int __portico_sleep_until(uint64_t deadline_ns);
HIDDEN uint64_t __portico_now_ns(void);

#endif
