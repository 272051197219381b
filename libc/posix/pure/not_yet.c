/* Functions whose services do not exist yet: they fail with ENOSYS.  Each leaves this file when it can work. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#define NOT_YET(type, name, ...)                                                                             \
    type name(__VA_ARGS__)                                                                                   \
    {                                                                                                        \
        errno = ENOSYS;                                                                                      \
        return (type) - 1;                                                                                   \
    }

#pragma clang diagnostic ignored "-Wunused-parameter"

/* Pseudo-terminals. */
NOT_YET(int, posix_openpt, int flags)
NOT_YET(int, grantpt, int fd)
NOT_YET(int, unlockpt, int fd)

char* ptsname(int fd)
{
    errno = ENOSYS;
    return NULL;
}

int ptsname_r(int fd, char* name, size_t size) { return ENOSYS; }

/* Sockets. */
NOT_YET(int, socket, int domain, int type, int protocol)
NOT_YET(int, socketpair, int domain, int type, int protocol, int fds[2])
NOT_YET(int, bind, int fd, const struct sockaddr* address, socklen_t length)
NOT_YET(int, connect, int fd, const struct sockaddr* address, socklen_t length)
NOT_YET(int, listen, int fd, int backlog)
NOT_YET(int, accept, int fd, struct sockaddr* restrict address, socklen_t* restrict length)
NOT_YET(int, accept4, int fd, struct sockaddr* restrict address, socklen_t* restrict length, int flags)
NOT_YET(int, shutdown, int fd, int how)
NOT_YET(int, getsockname, int fd, struct sockaddr* restrict address, socklen_t* restrict length)
NOT_YET(int, getpeername, int fd, struct sockaddr* restrict address, socklen_t* restrict length)
NOT_YET(int, getsockopt, int fd, int level, int option, void* restrict value, socklen_t* restrict length)
NOT_YET(int, setsockopt, int fd, int level, int option, const void* value, socklen_t length)
NOT_YET(ssize_t, send, int fd, const void* buffer, size_t length, int flags)
NOT_YET(ssize_t, sendto, int fd, const void* buffer, size_t length, int flags, const struct sockaddr* address,
        socklen_t address_length)
NOT_YET(ssize_t, sendmsg, int fd, const struct msghdr* message, int flags)
NOT_YET(ssize_t, recv, int fd, void* buffer, size_t length, int flags)
NOT_YET(ssize_t, recvfrom, int fd, void* restrict buffer, size_t length, int flags,
        struct sockaddr* restrict address, socklen_t* restrict address_length)
NOT_YET(ssize_t, recvmsg, int fd, struct msghdr* message, int flags)

/* Memory and files. */
NOT_YET(int, mlockall, int flags)
NOT_YET(int, munlockall, void)
NOT_YET(int, shm_open, const char* name, int flags, mode_t mode)
NOT_YET(int, shm_unlink, const char* name)
NOT_YET(int, mount, const char* source, const char* target, const char* type, unsigned long flags,
        const void* data)
NOT_YET(int, umount2, const char* target, int flags)
NOT_YET(int, revoke, char* path)
NOT_YET(int, fexecve, int fd, char* const arguments[], char* const environment[])
