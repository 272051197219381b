/* libc/posix/system.c: the calls that are about no file and no process in particular. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <mach/mach.h>
#include <portico/process.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <unistd.h>

int getresuid(uid_t* real, uid_t* effective, uid_t* saved)
{
    unix_identity_t identity;
    kern_return_t code = process_identity(__portico_process_port(), 0, &identity);

    if (code == KERN_SUCCESS) {
        *real = identity.ruid;
        *effective = identity.euid;
        *saved = identity.suid;
    }
    return __portico_finish(code);
}

int getresgid(gid_t* real, gid_t* effective, gid_t* saved)
{
    unix_identity_t identity;
    kern_return_t code = process_identity(__portico_process_port(), 0, &identity);

    if (code == KERN_SUCCESS) {
        *real = identity.rgid;
        *effective = identity.egid;
        *saved = identity.sgid;
    }
    return __portico_finish(code);
}

/* Every process has one thread yet, whose number is the process's. */
pid_t gettid(void) { return getpid(); }

int sched_yield(void)
{
    swtch();
    return 0;
}

int syncfs(int fd) { return fsync(fd); }

ssize_t getrandom(void* buffer, size_t size, unsigned flags)
{
    (void)flags;
    int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t got = read(fd, buffer, size);
    close(fd);
    return got;
}
