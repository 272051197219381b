/* libc/posix/fork.c: a child is a copy of the address space with a port space of its own.
 *
 * So every port name that the library remembers is void in the child: they are all forgotten, and found again at first
 * use (design D16). */
#include "internal.h"

#include <mach/mach.h>
#include <portico/process.h>
#include <portico/start.h>
#include <sys/types.h>
#include <unistd.h>

HIDDEN pid_t __portico_fork_call(pid_t (*request)(uint64_t ip, uint64_t sp));
HIDDEN void __portico_child_start(void);

static uint64_t thread_pointer(void)
{
    uint64_t base;

    __asm__("movq %%fs:0, %0" : "=r"(base)); /* the control block's first word is its own address */
    return base;
}

static pid_t request_fork(uint64_t ip, uint64_t sp)
{
    int32_t pid = -1;
    kern_return_t code = process_fork(__portico_process_port(), ip, sp, thread_pointer(), &pid);

    return code == KERN_SUCCESS ? pid : __portico_fail(code);
}

void __portico_child_start(void)
{
    mach_init_after_fork();
    __portico_forget_ports();
    __portico_forget_descriptors();
    __portico_forget_pid();
    __portico_forget_poll_port();
    __portico_current_call = NULL;
    __portico_signals_after_fork();
}

pid_t fork(void) { return __portico_fork_call(request_fork); }

/* A child that shares the parent's memory would save one copy of the map; POSIX 2008 dropped the call. */
pid_t vfork(void) { return fork(); }
