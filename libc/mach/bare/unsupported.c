/* libc/mach/bare/unsupported.c: what newlib asks a system for and a server has not got: files, processes,
 * terminals. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/times.h>
#include <sys/types.h>
#include <unistd.h>

static int unsupported(void)
{
    errno = ENOSYS;
    return -1;
}

int open(const char* path, int flags, ...)
{
    (void)path, (void)flags;
    return unsupported();
}

int close(int descriptor)
{
    (void)descriptor;
    return unsupported();
}

ssize_t read(int descriptor, void* data, size_t length)
{
    (void)descriptor, (void)data, (void)length;
    return unsupported();
}

off_t lseek(int descriptor, off_t offset, int whence)
{
    (void)descriptor, (void)offset, (void)whence;
    return unsupported();
}

int fstat(int descriptor, struct stat* status)
{
    (void)descriptor, (void)status;
    return unsupported();
}

int stat(const char* path, struct stat* status)
{
    (void)path, (void)status;
    return unsupported();
}

int isatty(int descriptor)
{
    (void)descriptor;
    errno = ENOTTY;
    return 0;
}

int unlink(const char* path)
{
    (void)path;
    return unsupported();
}

int link(const char* from, const char* to)
{
    (void)from, (void)to;
    return unsupported();
}

int kill(pid_t process, int signal)
{
    (void)process, (void)signal;
    return unsupported();
}

pid_t getpid(void) { return unsupported(); }

clock_t times(struct tms* buffer)
{
    (void)buffer;
    return (clock_t)unsupported();
}
