/* libc/posix/calls.c: requests that can wait, and how a signal ends them (docs/signals.md). */
#include "internal.h"

#include <errno.h>

struct portico_call* __portico_current_call;

static call_number_t last_number;

void __portico_call_begin(struct portico_call* call, mach_port_t port, portico_cancel cancel)
{
    if (++last_number == 0)
        ++last_number; /* 0 cannot be cancelled */
    call->number = last_number;
    call->port = port;
    call->cancel = cancel;
    call->handlers_run = 0;
    call->handlers_without_restart = 0;
    call->outer = __portico_current_call;
    __portico_current_call = call;
}

int __portico_call_again(struct portico_call* call, kern_return_t code)
{
    __portico_current_call = call->outer;
    int interrupted = code == MACH_SEND_INTERRUPTED || code == UNIX_ERROR(EINTR);
    return interrupted && call->handlers_run > 0 && call->handlers_without_restart == 0;
}
