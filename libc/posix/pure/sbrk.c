/* sbrk() over mmap(): the heap of malloc(), one piece of address space that grows upwards.
 *
 * It starts where nothing else is put unless asked, and grows by at least CHUNK, so that small requests rarely cost a
 * call.  What is given back stays mapped: malloc() asks for it again.  (libc/mach/bare has the servers' version.) */
#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#define HEAP_BASE ((char*)0x100000000000)
#define HEAP_LIMIT ((char*)0x180000000000)
#define CHUNK ((size_t)256 << 10)

static char* heap_end;   /* what sbrk(0) returns */
static char* mapped_end; /* from heap_end to here there is memory in reserve */

void* sbrk(ptrdiff_t amount)
{
    if (!heap_end)
        heap_end = mapped_end = HEAP_BASE;
    char* old = heap_end;
    if (amount > HEAP_LIMIT - old || amount < HEAP_BASE - old) {
        errno = ENOMEM;
        return (void*)-1;
    }
    if (old + amount > mapped_end) {
        size_t size = ((size_t)(old + amount - mapped_end) + CHUNK - 1) & ~(CHUNK - 1);
        void* got = mmap(mapped_end, size, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
        if (got == MAP_FAILED) {
            errno = ENOMEM;
            return (void*)-1;
        }
        mapped_end += size;
    }
    heap_end = old + amount;
    return old;
}
