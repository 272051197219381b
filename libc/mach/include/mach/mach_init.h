/* mach/mach_init.h: what the library knows about this task without asking.
 *
 * The names of the task's own and of the host's port are looked up at first use and kept. A task that is a
 * copy of another one (fork) has a port space of its own, in which they mean nothing: its first act is
 * mach_init_after_fork().
 */
#ifndef MACH_MACH_INIT_H
#define MACH_MACH_INIT_H

#include <mach/port.h>

#ifdef __cplusplus
extern "C" {
#endif

extern mach_port_t mach_task_self_;

mach_port_t __portico_find_task_self(void);

/* The calling task's port. The name is the library's: it is not to be given up. */
static inline mach_port_t mach_task_self(void)
{
    return __builtin_expect(mach_task_self_ != MACH_PORT_NULL, 1) ? mach_task_self_
                                                                  : __portico_find_task_self();
}

/* The host's port. The name is the library's. */
mach_port_t mach_host_self(void);

/* The calling thread's port. The caller gives the reference up. */
mach_port_t mach_thread_self(void);

/* Forgets every name. Only in a fresh copy of a task, with one thread. */
void mach_init_after_fork(void);

#ifdef __cplusplus
}
#endif

#endif
