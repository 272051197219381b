/* libc/mach/c/thread_pointer.c: what crt needs before a thread has storage of its own (portico/start.h). */
#include <portico/start.h>

#include <mach/mach_traps.h>

void __portico_set_thread_pointer(struct ThreadControlBlock* block)
{
    if (thread_set_fs_base((user_address_t)block) != KERN_SUCCESS)
        __builtin_trap(); /* no program can run without its storage */
}
