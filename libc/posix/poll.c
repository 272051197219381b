/* libc/posix/poll.c: poll and select.
 *
 * If nothing is ready, each channel gets a send-once right to this thread's poll port; the first answer, the time limit
 * or a signal ends the wait, and every watch is then cancelled.  Each right that was given away comes back as exactly
 * one message, io_ready or a send-once notification; all are received before poll returns, so the port is empty
 * for the next time.
 */
#include "internal.h"

#include <errno.h>
#include <mach/mach.h>
#include <poll.h>
#include <portico/io.h>
#include <portico/process.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <unistd.h>

#define NANOSECONDS 1000000000u

static mach_port_t poll_port; /* null: not made yet */
static call_number_t last_watch;

static mach_port_t port_for_answers(void)
{
    if (poll_port == MACH_PORT_NULL)
        poll_port = mach_reply_port();
    return poll_port;
}

void __portico_forget_poll_port(void) { poll_port = MACH_PORT_NULL; }

/* Asks each descriptor for what is ready now.  Returns how many are. */
static int ask_all(struct pollfd* fds, nfds_t count)
{
    int ready = 0;

    for (nfds_t i = 0; i < count; i++) {
        uint32_t now = 0;
        fds[i].revents = 0;
        if (fds[i].fd < 0)
            continue;
        mach_port_t channel = __portico_channel(fds[i].fd);
        if (channel == MACH_PORT_NULL)
            fds[i].revents = POLLNVAL;
        else if (io_poll(channel, (uint32_t)(uint16_t)fds[i].events, &now) != KERN_SUCCESS)
            fds[i].revents = POLLERR;
        else
            fds[i].revents = (short)now;
        ready += fds[i].revents != 0;
    }
    return ready;
}

/* Gives each channel a watch, until one is ready at once.  Returns how many rights were given away. */
static nfds_t watch_all(const struct pollfd* fds, nfds_t count, call_number_t first, int* something_is_ready)
{
    nfds_t given = 0;

    *something_is_ready = 0;
    for (nfds_t i = 0; i < count && !*something_is_ready; i++) {
        uint32_t now = 0;
        if (fds[i].fd < 0)
            continue;
        mach_port_t channel = __portico_channel(fds[i].fd);
        kern_return_t code = channel == MACH_PORT_NULL
                                 ? UNIX_ERROR(EBADF)
                                 : io_watch(channel, first + (call_number_t)i,
                                            (uint32_t)(uint16_t)fds[i].events, port_for_answers(), &now);
        if (channel != MACH_PORT_NULL)
            given++;
        *something_is_ready = code != KERN_SUCCESS || now != 0;
    }
    return given;
}

static void unwatch_all(const struct pollfd* fds, nfds_t count, call_number_t first, nfds_t given)
{
    for (nfds_t i = 0; i < count && given > 0; i++) {
        if (fds[i].fd < 0)
            continue;
        mach_port_t channel = __portico_channel(fds[i].fd);
        if (channel == MACH_PORT_NULL)
            continue;
        io_unwatch(channel, first + (call_number_t)i);
        given--;
    }
}

static mach_msg_return_t receive_answer(mach_msg_timeout_t timeout_ms, const int* handlers_run)
{
    struct {
        mach_msg_header_t header;
        char body[128]; /* io_ready or a notification, with the trailer */
    } message;

    return __portico_receive(&message.header, sizeof message, port_for_answers(), timeout_ms, handlers_run);
}

static mach_msg_timeout_t milliseconds_until(uint64_t deadline_ns)
{
    uint64_t now = __portico_now_ns();

    if (deadline_ns == UINT64_MAX)
        return MACH_MSG_TIME_FOR_EVER;
    if (deadline_ns <= now)
        return 0;
    uint64_t ms = (deadline_ns - now + 999999) / 1000000;
    return ms < 0x7fffffff ? (mach_msg_timeout_t)ms : 0x7fffffff;
}

/* One round of watching.  0 something may be ready, 1 the time is over, -1 a signal was handled. */
static int wait_once(struct pollfd* fds, nfds_t count, uint64_t deadline_ns, struct portico_call* call)
{
    call_number_t first = last_watch + 1;
    int at_once;
    int outcome = 0;

    last_watch += (call_number_t)count;
    nfds_t outstanding = watch_all(fds, count, first, &at_once);
    nfds_t given = outstanding;
    if (!at_once) {
        mach_msg_return_t result = receive_answer(milliseconds_until(deadline_ns), &call->handlers_run);
        if (result == MACH_MSG_SUCCESS)
            outstanding--;
        else
            outcome = result == MACH_RCV_TIMED_OUT && __portico_now_ns() >= deadline_ns ? 1 : 0;
    }
    if (call->handlers_run > 0)
        outcome = -1;
    unwatch_all(fds, count, first, given);
    while (outstanding > 0) {
        if (receive_answer(MACH_MSG_TIME_FOR_EVER, NULL) == MACH_MSG_SUCCESS)
            outstanding--;
    }
    return outcome;
}

static int poll_until(struct pollfd* fds, nfds_t count, uint64_t deadline_ns)
{
    struct portico_call call;
    int ready = ask_all(fds, count);

    if (ready != 0 || deadline_ns == 0)
        return ready;
    __portico_call_begin(&call, MACH_PORT_NULL, NULL);
    for (;;) {
        int outcome = wait_once(fds, count, deadline_ns, &call);
        ready = ask_all(fds, count);
        if (ready != 0 || outcome != 0) {
            __portico_call_again(&call, KERN_SUCCESS);
            if (ready == 0 && outcome < 0) {
                errno = EINTR;
                return -1;
            }
            return ready;
        }
    }
}

static uint64_t deadline_of(const struct timespec* limit)
{
    if (!limit)
        return UINT64_MAX;
    uint64_t length = (uint64_t)limit->tv_sec * NANOSECONDS + (uint64_t)limit->tv_nsec;
    return length == 0 ? 0 : __portico_now_ns() + length;
}

static int check_limit(const struct timespec* limit)
{
    if (limit && (limit->tv_sec < 0 || limit->tv_nsec < 0 || limit->tv_nsec >= (long)NANOSECONDS)) {
        errno = EINVAL;
        return -1;
    }
    return 0;
}

int ppoll(struct pollfd* fds, nfds_t count, const struct timespec* limit, const sigset_t* mask)
{
    struct portico_call call;
    sigset_t old = 0;

    if (check_limit(limit) != 0)
        return -1;
    if (count > FD_SETSIZE) {
        errno = EINVAL;
        return -1;
    }
    if (!mask)
        return poll_until(fds, count, deadline_of(limit));

    /* A signal that the new mask lets through at once ends the wait before it begins. */
    __portico_call_begin(&call, MACH_PORT_NULL, NULL);
    if (sigprocmask(SIG_SETMASK, mask, &old) != 0) {
        __portico_call_again(&call, KERN_SUCCESS);
        return -1;
    }
    __portico_run_signals(NULL);
    __portico_call_again(&call, KERN_SUCCESS);
    int result = call.handlers_run > 0 ? -1 : poll_until(fds, count, deadline_of(limit));
    int saved = call.handlers_run > 0 ? EINTR : errno;
    sigprocmask(SIG_SETMASK, &old, NULL);
    errno = saved;
    return result;
}

int poll(struct pollfd* fds, nfds_t count, int timeout_ms)
{
    struct timespec limit = {.tv_sec = timeout_ms / 1000, .tv_nsec = (timeout_ms % 1000) * 1000000l};

    return ppoll(fds, count, timeout_ms < 0 ? NULL : &limit, NULL);
}

/* ---- select, in terms of poll. */

static short events_of(int fd, const fd_set* reading, const fd_set* writing, const fd_set* exceptional)
{
    short events = 0;

    if (reading && FD_ISSET(fd, reading))
        events |= POLLIN;
    if (writing && FD_ISSET(fd, writing))
        events |= POLLOUT;
    if (exceptional && FD_ISSET(fd, exceptional))
        events |= POLLPRI;
    return events;
}

static int report(const struct pollfd* polled, short bits, fd_set* set)
{
    if (!set || (polled->revents & bits) == 0)
        return 0;
    FD_SET(polled->fd, set);
    return 1;
}

int pselect(int limit_fd, fd_set* reading, fd_set* writing, fd_set* exceptional, const struct timespec* limit,
            const sigset_t* mask)
{
    struct pollfd polled[FD_SETSIZE];
    nfds_t count = 0;
    int bits = 0;

    if (limit_fd < 0 || limit_fd > FD_SETSIZE) {
        errno = EINVAL;
        return -1;
    }
    for (int fd = 0; fd < limit_fd; fd++) {
        short events = events_of(fd, reading, writing, exceptional);
        if (events)
            polled[count++] = (struct pollfd){.fd = fd, .events = events};
    }
    int ready = ppoll(polled, count, limit, mask);
    if (ready < 0)
        return -1;
    for (nfds_t i = 0; i < count; i++) {
        if (polled[i].revents & POLLNVAL) {
            errno = EBADF;
            return -1;
        }
    }
    if (reading)
        FD_ZERO(reading);
    if (writing)
        FD_ZERO(writing);
    if (exceptional)
        FD_ZERO(exceptional);
    for (nfds_t i = 0; i < count; i++) {
        if (polled[i].events & POLLIN)
            bits += report(&polled[i], POLLIN | POLLHUP | POLLERR, reading);
        if (polled[i].events & POLLOUT)
            bits += report(&polled[i], POLLOUT | POLLERR, writing);
        if (polled[i].events & POLLPRI)
            bits += report(&polled[i], POLLPRI, exceptional);
    }
    return bits;
}

int select(int limit_fd, fd_set* reading, fd_set* writing, fd_set* exceptional, struct timeval* limit)
{
    struct timespec converted;

    if (limit) {
        if (limit->tv_usec < 0 || limit->tv_usec >= 1000000) {
            errno = EINVAL;
            return -1;
        }
        converted = (struct timespec){.tv_sec = limit->tv_sec, .tv_nsec = limit->tv_usec * 1000};
    }
    return pselect(limit_fd, reading, writing, exceptional, limit ? &converted : NULL, NULL);
}
