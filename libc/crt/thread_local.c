/* Thread-local storage of a static program, and newlib's per-thread state.
 *
 * The first thread's block lies in a buffer of the program if it fits, which it nearly always does: then a program
 * starts without asking anybody for memory. */
#include <portico/start.h>
#include <reent.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define FIRST_THREAD_ROOM 2048

extern const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));

int __portico_threads;

static const Elf64_Phdr* tls_segment(void)
{
    const Elf64_Phdr* header = (const Elf64_Phdr*)((const char*)&__ehdr_start + __ehdr_start.e_phoff);

    for (unsigned i = 0; i < __ehdr_start.e_phnum; i++)
        if (header[i].p_type == PT_TLS)
            return &header[i];
    return NULL;
}

size_t __portico_tls_alignment(void)
{
    const Elf64_Phdr* segment = tls_segment();

    return segment && segment->p_align > 64 ? segment->p_align : 64;
}

/* The data ends where the control block starts, both aligned as the segment asks. */
static size_t size_of_data(void)
{
    const Elf64_Phdr* segment = tls_segment();
    size_t alignment = __portico_tls_alignment();

    return segment ? (segment->p_memsz + alignment - 1) & ~(alignment - 1) : 0;
}

size_t __portico_tls_size(void) { return size_of_data() + sizeof(struct ThreadControlBlock); }

struct ThreadControlBlock* __portico_tls_make(void* room)
{
    const Elf64_Phdr* segment = tls_segment();
    struct ThreadControlBlock* block = (struct ThreadControlBlock*)((char*)room + size_of_data());

    if (segment) {
        /* The linker counts offsets down from the segment's size rounded up to its own alignment. */
        size_t below = (segment->p_memsz + segment->p_align - 1) & ~(segment->p_align - 1);
        memcpy((char*)block - below, (const char*)&__ehdr_start + segment->p_vaddr, segment->p_filesz);
    }
    block->self = block;
    return block;
}

void __portico_start_first_thread(void)
{
    static _Alignas(64) char buffer[FIRST_THREAD_ROOM];
    char* room = buffer;
    size_t alignment = __portico_tls_alignment();

    if (!__portico_set_thread_pointer)
        return;
    if (__portico_tls_size() > sizeof buffer || alignment > 64) {
        room = sbrk((ptrdiff_t)(__portico_tls_size() + alignment));
        if (room == (void*)-1)
            _exit(127);
        room = (char*)(((uintptr_t)room + alignment - 1) & ~(alignment - 1));
    }
    struct ThreadControlBlock* block = __portico_tls_make(room);
    block->reent = _GLOBAL_REENT;
    __portico_set_thread_pointer(block);
}

struct _reent* __getreent(void)
{
    if (!__portico_threads)
        return _GLOBAL_REENT;
    struct ThreadControlBlock* block;
    __asm__("movq %%fs:0, %0" : "=r"(block));
    return block->reent;
}
