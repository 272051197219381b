/* libc/posix/memory.c: mmap and its relatives, on the kernel's map calls.
 *
 * A shared mapping of a file shows the file's pages themselves; a private one is a snapshot of them, made on write. */
#include "internal.h"

#include <errno.h>
#include <mach/mach.h>
#include <portico/file.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096u

static vm_prot_t protection_of(int posix)
{
    return ((posix & PROT_READ) ? VM_PROT_READ : 0) | ((posix & PROT_WRITE) ? VM_PROT_WRITE : 0) |
           ((posix & PROT_EXEC) ? VM_PROT_EXECUTE : 0);
}

/* A memory entry of the file behind `fd`, or 0 with errno. */
static mach_port_t entry_of(int fd, int writable)
{
    struct portico_descriptor descriptor;
    mach_port_t entry = MACH_PORT_NULL;
    uint64_t size = 0;

    if (__portico_descriptor(fd, &descriptor) != 0)
        return MACH_PORT_NULL;
    kern_return_t code = file_map(descriptor.channel, writable, &entry, &size);
    if (code != KERN_SUCCESS) {
        __portico_fail(code == MIG_BAD_ID ? UNIX_ERROR(ENODEV) : code);
        return MACH_PORT_NULL;
    }
    return entry;
}

void* mmap(void* wanted, size_t length, int protection, int flags, int fd, off_t offset)
{
    vm_address_t address = (vm_address_t)wanted & ~(vm_address_t)(PAGE - 1);
    int anonymous = flags & MAP_ANONYMOUS;
    int shared = (flags & (MAP_SHARED | MAP_PRIVATE)) == MAP_SHARED;
    int place = (flags & MAP_FIXED) ? VM_FLAGS_FIXED | VM_FLAGS_OVERWRITE : VM_FLAGS_ANYWHERE;
    mach_port_t entry = MACH_PORT_NULL;

    if (flags & MAP_FIXED_NOREPLACE)
        place = VM_FLAGS_FIXED;
    if (length == 0 || offset < 0 || (offset & (PAGE - 1)) || !(flags & (MAP_SHARED | MAP_PRIVATE)) ||
        ((flags & MAP_FIXED) && address != (vm_address_t)wanted)) {
        errno = EINVAL;
        return MAP_FAILED;
    }
    if (!anonymous && (entry = entry_of(fd, shared && (protection & PROT_WRITE))) == MACH_PORT_NULL)
        return MAP_FAILED;
    vm_prot_t maximum =
        !anonymous && shared && !(protection & PROT_WRITE) ? VM_PROT_READ | VM_PROT_EXECUTE : VM_PROT_ALL;
    kern_return_t code =
        vm_map(mach_task_self(), &address, length, 0, place, entry, anonymous ? 0 : (vm_offset_t)offset,
               !shared, protection_of(protection), maximum, shared ? VM_INHERIT_SHARE : VM_INHERIT_COPY);
    if (entry != MACH_PORT_NULL)
        mach_port_deallocate(mach_task_self(), entry);
    if (code == KERN_NO_SPACE && (flags & MAP_FIXED_NOREPLACE))
        code = UNIX_ERROR(EEXIST);
    if (code != KERN_SUCCESS) {
        __portico_fail(code);
        return MAP_FAILED;
    }
    return (void*)address;
}

int munmap(void* address, size_t length)
{
    if (((uintptr_t)address & (PAGE - 1)) || length == 0) {
        errno = EINVAL;
        return -1;
    }
    return __portico_finish(vm_deallocate(mach_task_self(), (vm_address_t)address, length));
}

int mprotect(void* address, size_t length, int protection)
{
    if ((uintptr_t)address & (PAGE - 1)) {
        errno = EINVAL;
        return -1;
    }
    kern_return_t code =
        vm_protect(mach_task_self(), (vm_address_t)address, length, FALSE, protection_of(protection));
    if (code == KERN_INVALID_ADDRESS)
        code = UNIX_ERROR(ENOMEM);
    return __portico_finish(code);
}

/* All users of a file share its pages, so what was stored is visible already; nothing is behind them yet. */
int msync(void* address, size_t length, int flags)
{
    (void)length;
    if (((uintptr_t)address & (PAGE - 1)) || (flags & ~(MS_ASYNC | MS_SYNC | MS_INVALIDATE)) ||
        (flags & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC)) {
        errno = EINVAL;
        return -1;
    }
    return 0;
}

/* Advice: taken note of by nobody yet, which is what advice allows. */
int posix_madvise(void* address, size_t length, int advice)
{
    (void)address;
    (void)length;
    return advice >= POSIX_MADV_NORMAL && advice <= POSIX_MADV_DONTNEED ? 0 : EINVAL;
}

int mlock(const void* address, size_t length)
{
    (void)address;
    (void)length;
    errno = ENOSYS; /* docs/status.md */
    return -1;
}

int munlock(const void* address, size_t length) { return mlock(address, length); }

int getpagesize(void) { return PAGE; }
