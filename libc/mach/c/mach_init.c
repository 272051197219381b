/* libc/mach/c/mach_init.c: names of the task's own ports, and the base of the thread's storage.
 *
 * Owns        one reference to the task's and the host's port.
 */
#include <mach/mach.h>
#include <portico/start.h>

#include "internal.h"

mach_port_t mach_task_self_;
static mach_port_t host_self;

mach_port_t __portico_find_task_self(void)
{
    mach_task_self_ = task_self_trap();
    return mach_task_self_;
}

mach_port_t mach_host_self(void)
{
    if (host_self == MACH_PORT_NULL)
        host_self = host_self_trap();
    return host_self;
}

mach_port_t mach_thread_self(void) { return thread_self_trap(); }

void mach_init_after_fork(void)
{
    mach_task_self_ = MACH_PORT_NULL;
    host_self = MACH_PORT_NULL;
    __portico_forget_reply_port();
}

/* What crt needs before a thread has storage of its own. It only asks weakly, which takes nothing out of an
 * archive, so this stands with what every program needs. */
void __portico_set_thread_pointer(struct ThreadControlBlock* block)
{
    if (thread_set_fs_base((user_address_t)block) != KERN_SUCCESS)
        __builtin_trap(); /* no program can run without its storage */
}
