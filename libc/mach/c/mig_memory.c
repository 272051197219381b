/* libc/mach/c/mig_memory.c: memory that the C stubs that mig makes give up themselves. */
#include <mach/mach.h>
#include <mig/wire.h>

void mig_deallocate(vm_address_t address, vm_size_t size)
{
    if (size != 0)
        vm_deallocate(mach_task_self(), address, size);
}
