/* The first instructions of every program: relocates the static PIE, prepares the C library, calls main().
 *
 * Until relocate() has returned, nothing here may read a pointer that the linker stored in memory.  References to
 * hidden symbols are relative to the program counter, so functions and data of this file can be reached.
 * portico/start.h states the contract with exec and with the system layers. */
#include <portico/start.h>
#include <stdlib.h>
#include <unistd.h>

#define HIDDEN __attribute__((visibility("hidden")))

typedef void (*InitFunction)(int, char**, char**);
typedef void (*FiniFunction)(void);

extern const Elf64_Dyn _DYNAMIC[] HIDDEN;
extern const InitFunction __preinit_array_start[] HIDDEN, __preinit_array_end[] HIDDEN;
extern const InitFunction __init_array_start[] HIDDEN, __init_array_end[] HIDDEN;
extern const FiniFunction __fini_array_start[] HIDDEN, __fini_array_end[] HIDDEN;

int main(int argc, char** argv, char** envp);

struct PorticoVectors __portico_vectors;
void* __dso_handle HIDDEN =
    NULL; /* What C++ destructors of static objects are registered for: the program. */

__attribute__((naked, used)) void _start(void)
{
    __asm__("xorl %ebp, %ebp\n\t" /* The outermost frame. */
            "movq %rsp, %rdi\n\t"
            "andq $-16, %rsp\n\t"
            "call __portico_start\n\t"
            "ud2");
}

/* Applies the relocations that ld.lld leaves in a static PIE: relative ones only.  Anything else means that the
 * program was linked in a way we do not support; there is nobody yet to tell it to, so it ends by SIGILL. */
static void relocate(void)
{
    /* Linked at address 0, so its address is where we were loaded.  From the assembler, because the compiler would
     * take stores relative to a constant object for stores that cannot happen. */
    char* base;
    __asm__("leaq __ehdr_start(%%rip), %0" : "=r"(base));

    const Elf64_Rela* table = NULL;
    size_t size = 0;

    for (const Elf64_Dyn* entry = _DYNAMIC; entry->d_tag != DT_NULL; entry++) {
        if (entry->d_tag == DT_RELA)
            table = (const Elf64_Rela*)(base + entry->d_un.d_ptr);
        else if (entry->d_tag == DT_RELASZ)
            size = entry->d_un.d_val;
    }
    for (const Elf64_Rela* end = table + size / sizeof *table; table != end; table++) {
        if (ELF64_R_TYPE(table->r_info) != R_X86_64_RELATIVE)
            __builtin_trap();
        *(Elf64_Addr*)(base + table->r_offset) = (Elf64_Addr)(base + table->r_addend);
    }
}

static void find_vectors(long* stack)
{
    struct PorticoVectors* vectors = &__portico_vectors;

    vectors->argc = (int)stack[0];
    vectors->argv = (char**)(stack + 1);
    vectors->envp = vectors->argv + vectors->argc + 1;
    char** end = vectors->envp;
    while (*end)
        end++;
    vectors->auxv = (const Elf64_auxv_t*)(end + 1);
    environ = vectors->envp;
}

static void run_destructors(void)
{
    for (const FiniFunction* function = __fini_array_end; function != __fini_array_start;)
        (*--function)();
}

static void run_constructors(const struct PorticoVectors* v)
{
    for (const InitFunction* function = __preinit_array_start; function != __preinit_array_end; function++)
        (*function)(v->argc, v->argv, v->envp);
    /* Registered first, so that it runs after all that constructors and main() register. */
    atexit(run_destructors);
    for (const InitFunction* function = __init_array_start; function != __init_array_end; function++)
        (*function)(v->argc, v->argv, v->envp);
}

void __portico_start_first_thread(void);

__attribute__((noreturn, used)) HIDDEN void __portico_start(long* stack)
{
    relocate();
    find_vectors(stack);
    __portico_start_first_thread();
    if (__portico_system_init)
        __portico_system_init();
    run_constructors(&__portico_vectors);
    exit(main(__portico_vectors.argc, __portico_vectors.argv, __portico_vectors.envp));
}
