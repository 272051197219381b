/* libc/mach/c/mig_reply_port.c: one reply port per thread for the C stubs that mig makes.
 *
 * Invariant   (M1) The port is this thread's alone, and no send right to it is left over from an earlier
 *             call.
 */
#include <mach/mach.h>

#include "internal.h"

static _Thread_local mach_port_t thread_reply_port;

mach_port_t mig_get_reply_port(void)
{
    if (thread_reply_port == MACH_PORT_NULL)
        thread_reply_port = mach_reply_port();
    return thread_reply_port;
}

void mig_put_reply_port(mach_port_t reply_port) { (void)reply_port; /* kept for the next call */ }

void mig_dealloc_reply_port(mach_port_t reply_port)
{
    const mach_port_t mine = thread_reply_port;

    /* First forgotten: the call below needs a reply port, too, if it goes by message. */
    thread_reply_port = MACH_PORT_NULL;
    if (mine != MACH_PORT_NULL && mine == reply_port)
        mach_port_mod_refs(mach_task_self(), mine, MACH_PORT_RIGHT_RECEIVE, -1);
}

void __portico_forget_reply_port(void) { thread_reply_port = MACH_PORT_NULL; }
