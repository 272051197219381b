/* What crt and the layers below and beside it ask of each other when a program starts.
 *
 * Entry      exec leaves at %rsp, as the System V ABI for x86-64 says: argc, argv..., NULL, envp..., NULL, and the
 *            auxiliary vector, ended by AT_NULL: AT_PHDR, AT_PHENT, AT_PHNUM, AT_ENTRY, AT_BASE (the load address),
 *            AT_PAGESZ, AT_RANDOM (16 bytes), AT_EXECFN.
 * Order      relocation, __portico_vectors, thread-local storage of the first thread, __portico_system_init(), the
 *            program's constructors, main(), exit().
 * Threads    %fs:0 holds the address of the thread's ThreadControlBlock, and thread-local data lies below it
 *            (variant II of the TLS ABI). */
#ifndef _PORTICO_START_H
#define _PORTICO_START_H

#include <elf.h>
#include <stddef.h>
#include <sys/cdefs.h>

struct _reent;

struct ThreadControlBlock {
    struct ThreadControlBlock* self; /* at %fs:0: the ABI's */
    void* dynamic_thread_vector;     /* of no use to static programs */
    struct _reent* reent;            /* newlib's state of this thread: errno and the like */
};

struct PorticoVectors {
    int argc;
    char** argv;
    char** envp;
    const Elf64_auxv_t* auxv;
};

__BEGIN_DECLS

extern struct PorticoVectors __portico_vectors;

/* How much room a thread's TLS takes with its control block, and its alignment; makes one in `room` (zeroed by the
 * caller, aligned) and returns its control block, whose `reent` the caller sets.  For whoever creates threads. */
size_t __portico_tls_size(void);
size_t __portico_tls_alignment(void);
struct ThreadControlBlock* __portico_tls_make(void* room);

/* Set by whoever creates the second thread, before it runs: from then on %fs:0 says whose errno it is.  Until then
 * there is one, and a program on a system layer that cannot set %fs works as long as it has no TLS. */
extern int __portico_threads;

/* Supplied by libportico-mach: points %fs of the calling thread at the block. */
void __portico_set_thread_pointer(struct ThreadControlBlock* __block) __attribute__((__weak__));

/* Supplied by the system layer (POSIX or bare), if it has something to prepare.  It runs before any constructor, with
 * malloc, errno and stdio usable as far as the layer itself makes them so. */
void __portico_system_init(void) __attribute__((__weak__));

__END_DECLS

#endif
