/* libc/mach/bare/memory.c: sbrk() for malloc().
 *
 * Owns        one range of addresses, taken at the first call; pages of it come into being when they are
 *             touched.
 */
#include <errno.h>
#include <mach/mach.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#define HEAP_SIZE (1ull << 30) /* a server that needs more holds it in memory objects */

static vm_address_t heap;
static vm_size_t used;

void* sbrk(ptrdiff_t amount)
{
    if (heap == 0 && vm_allocate(mach_task_self(), &heap, HEAP_SIZE, VM_FLAGS_ANYWHERE) != KERN_SUCCESS) {
        heap = 0;
        errno = ENOMEM;
        return (void*)-1;
    }
    if (amount < 0 ? used < (vm_size_t)-amount : HEAP_SIZE - used < (vm_size_t)amount) {
        errno = ENOMEM;
        return (void*)-1;
    }
    void* old_end = (void*)(heap + used);
    used += (vm_size_t)amount;
    return old_end;
}
