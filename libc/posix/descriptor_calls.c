/* libc/posix/descriptor_calls.c: opening, closing, duplicating descriptors, and fcntl. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <portico/fs.h>
#include <portico/io.h>
#include <stdarg.h>
#include <unistd.h>

int openat(int directory, const char* path, int flags, ...)
{
    mode_t mode = 0;
    int fd = -1;
    mach_port_t channel = MACH_PORT_NULL;
    uint32_t kind = 0;
    struct portico_call call;
    kern_return_t code;

    if (flags & O_CREAT) {
        va_list arguments;
        va_start(arguments, flags);
        mode = va_arg(arguments, mode_t);
        va_end(arguments);
    }
    if (__portico_check_path(path) != 0)
        return -1;
    do {
        __portico_call_begin(&call, __portico_fs_port(), fs_cancel);
        code = fs_open(call.port, call.number, directory, (char*)path, (uint32_t)flags, mode, &fd, &channel,
                       &kind);
    } while (__portico_call_again(&call, code));
    if (code != KERN_SUCCESS)
        return __portico_fail(code);
    __portico_remember(fd, channel, kind);
    return fd;
}

int open(const char* path, int flags, ...)
{
    mode_t mode = 0;

    if (flags & O_CREAT) {
        va_list arguments;
        va_start(arguments, flags);
        mode = va_arg(arguments, mode_t);
        va_end(arguments);
    }
    return openat(AT_FDCWD, path, flags, mode);
}

int creat(const char* path, mode_t mode) { return open(path, O_WRONLY | O_CREAT | O_TRUNC, mode); }

int close(int fd)
{
    __portico_forget_descriptor(fd);
    return __portico_finish(fs_close(__portico_fs_port(), fd));
}

static int duplicate(int fd, int minimum, uint32_t descriptor_flags)
{
    int copy = -1;
    kern_return_t code = fs_duplicate(__portico_fs_port(), fd, minimum, descriptor_flags, &copy);

    return code == KERN_SUCCESS ? copy : __portico_fail(code);
}

static int duplicate_to(int fd, int to, uint32_t descriptor_flags)
{
    __portico_forget_descriptor(to);
    kern_return_t code = fs_duplicate_to(__portico_fs_port(), fd, to, descriptor_flags);
    return code == KERN_SUCCESS ? to : __portico_fail(code);
}

int dup(int fd) { return duplicate(fd, 0, 0); }

int dup2(int fd, int to) { return duplicate_to(fd, to, 0); }

int dup3(int fd, int to, int flags)
{
    if (fd == to || (flags & ~O_CLOEXEC)) {
        errno = EINVAL;
        return -1;
    }
    return duplicate_to(fd, to, flags & O_CLOEXEC ? FD_CLOEXEC : 0);
}

int pipe2(int ends[2], int flags)
{
    mach_port_t channels[2];
    int descriptors[2];
    kern_return_t code = fs_pipe(__portico_fs_port(), (uint32_t)flags, &descriptors[0], &descriptors[1],
                                 &channels[0], &channels[1]);

    if (code != KERN_SUCCESS)
        return __portico_fail(code);
    for (int i = 0; i < 2; i++) {
        __portico_remember(descriptors[i], channels[i], UNIX_CHANNEL_PIPE);
        ends[i] = descriptors[i];
    }
    return 0;
}

int pipe(int ends[2]) { return pipe2(ends, 0); }

static int get_descriptor_flags(int fd)
{
    uint32_t flags = 0;
    kern_return_t code = fs_get_descriptor_flags(__portico_fs_port(), fd, &flags);

    return code == KERN_SUCCESS ? (int)flags : __portico_fail(code);
}

static int get_status_flags(int fd)
{
    mach_port_t channel = __portico_channel(fd);
    uint32_t flags = 0;

    if (channel == MACH_PORT_NULL)
        return -1;
    kern_return_t code = io_get_flags(channel, &flags);
    return code == KERN_SUCCESS ? (int)flags : __portico_fail(code);
}

static int set_status_flags(int fd, int flags)
{
    mach_port_t channel = __portico_channel(fd);

    return channel == MACH_PORT_NULL ? -1 : __portico_finish(io_set_flags(channel, (uint32_t)flags));
}

int fcntl(int fd, int command, ...)
{
    va_list arguments;
    va_start(arguments, command);
    int value = command == F_GETFD || command == F_GETFL ? 0 : va_arg(arguments, int);
    va_end(arguments);

    switch (command) {
    case F_DUPFD:
        return duplicate(fd, value, 0);
    case F_DUPFD_CLOEXEC:
        return duplicate(fd, value, FD_CLOEXEC);
    case F_GETFD:
        return get_descriptor_flags(fd);
    case F_SETFD:
        return __portico_finish(fs_set_descriptor_flags(__portico_fs_port(), fd, (uint32_t)value));
    case F_GETFL:
        return get_status_flags(fd);
    case F_SETFL:
        return set_status_flags(fd, value);
    case F_GETLK:
    case F_SETLK:
    case F_SETLKW:
        errno = ENOSYS; /* record locks: docs/status.md */
        return -1;
    default:
        errno = EINVAL;
        return -1;
    }
}

int flock(int fd, int operation)
{
    (void)fd;
    (void)operation;
    errno = ENOSYS; /* docs/status.md */
    return -1;
}
