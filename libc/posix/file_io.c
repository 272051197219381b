/* libc/posix/file_io.c: bytes through channels. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <portico/file.h>
#include <portico/io.h>
#include <signal.h>
#include <string.h>
#include <sys/dirent.h>
#include <sys/uio.h>
#include <unistd.h>

#define OWN_OFFSET (-1) /* the description's */

/* One message's worth.  Returns the count or -1. */
static ssize_t read_piece(mach_port_t channel, char* buffer, size_t size, int64_t offset)
{
    struct portico_call call;
    kern_return_t code;
    mach_msg_type_number_t count;

    for (;;) {
        do {
            __portico_call_begin(&call, channel, io_cancel);
            count = (mach_msg_type_number_t)size; /* the stub stores no more than that */
            code = io_read(channel, call.number, offset, (uint32_t)size, buffer, &count);
        } while (__portico_call_again(&call, code));
        if (code != UNIX_ERROR_BACKGROUND)
            break;
        if (__portico_background(0) <= 0)
            return -1;
    }
    return code == KERN_SUCCESS ? (ssize_t)count : __portico_fail(code);
}

/* What never waits for data is read on until its end or the whole size; everything else answers what it has. */
static int is_read_on(uint32_t kind) { return kind == UNIX_CHANNEL_FILE || kind == UNIX_CHANNEL_DEVICE; }

static ssize_t read_all(int fd, char* buffer, size_t size, int64_t offset)
{
    struct portico_descriptor descriptor;
    size_t done = 0;

    if (__portico_descriptor(fd, &descriptor) != 0)
        return -1;
    if (size > SSIZE_MAX)
        size = SSIZE_MAX;
    do {
        size_t piece = size - done < UNIX_IO_MAX ? size - done : UNIX_IO_MAX;
        ssize_t got = read_piece(descriptor.channel, buffer + done, piece,
                                 offset < 0 ? offset : offset + (int64_t)done);
        if (got < 0)
            return done > 0 ? (ssize_t)done : -1;
        done += (size_t)got;
        if ((size_t)got < piece || !is_read_on(descriptor.kind))
            break;
    } while (done < size);
    return (ssize_t)done;
}

static ssize_t write_piece(mach_port_t channel, const char* buffer, size_t size, int64_t offset)
{
    struct portico_call call;
    kern_return_t code;
    uint32_t written;
    int permitted = 0; /* to write from the background */

    for (;;) {
        do {
            __portico_call_begin(&call, channel, io_cancel);
            written = 0;
            code = io_write(channel, call.number, offset, permitted, (char*)buffer,
                            (mach_msg_type_number_t)size, &written);
        } while (__portico_call_again(&call, code));
        if (code != UNIX_ERROR_BACKGROUND)
            break;
        int again = __portico_background(1);
        if (again < 0)
            return -1;
        permitted = again == 0;
    }
    if (code == UNIX_ERROR(EPIPE))
        raise(SIGPIPE);
    return code == KERN_SUCCESS ? (ssize_t)written : __portico_fail(code);
}

/* Pieces go on until all is written; a pipe or terminal takes a large write in several, as POSIX allows. */
static ssize_t write_all(int fd, const char* buffer, size_t size, int64_t offset)
{
    mach_port_t channel = __portico_channel(fd);
    size_t done = 0;

    if (channel == MACH_PORT_NULL)
        return -1;
    if (size > SSIZE_MAX)
        size = SSIZE_MAX;
    do {
        size_t piece = size - done < UNIX_IO_MAX ? size - done : UNIX_IO_MAX;
        ssize_t put =
            write_piece(channel, buffer + done, piece, offset < 0 ? offset : offset + (int64_t)done);
        if (put < 0)
            return done > 0 ? (ssize_t)done : -1;
        done += (size_t)put;
        if ((size_t)put < piece)
            break;
    } while (done < size);
    return (ssize_t)done;
}

ssize_t read(int fd, void* buffer, size_t size) { return read_all(fd, buffer, size, OWN_OFFSET); }

ssize_t write(int fd, const void* buffer, size_t size) { return write_all(fd, buffer, size, OWN_OFFSET); }

ssize_t pread(int fd, void* buffer, size_t size, off_t offset)
{
    if (offset < 0) {
        errno = EINVAL;
        return -1;
    }
    return read_all(fd, buffer, size, offset);
}

ssize_t pwrite(int fd, const void* buffer, size_t size, off_t offset)
{
    if (offset < 0) {
        errno = EINVAL;
        return -1;
    }
    return write_all(fd, buffer, size, offset);
}

/* Parts small enough for one message are gathered and go as one, so that a pipe keeps them together. */
ssize_t writev(int fd, const struct iovec* parts, int count)
{
    char gathered[UNIX_IO_MAX];
    size_t total = 0;
    ssize_t done = 0;

    if (count < 0 || count > IOV_MAX) {
        errno = EINVAL;
        return -1;
    }
    for (int i = 0; i < count; i++)
        total += parts[i].iov_len;
    if (total <= sizeof gathered) {
        size_t at = 0;
        for (int i = 0; i < count; i++) {
            memcpy(gathered + at, parts[i].iov_base, parts[i].iov_len);
            at += parts[i].iov_len;
        }
        return write(fd, gathered, total);
    }
    for (int i = 0; i < count; i++) {
        ssize_t put = write(fd, parts[i].iov_base, parts[i].iov_len);
        if (put < 0)
            return done > 0 ? done : -1;
        done += put;
        if ((size_t)put < parts[i].iov_len)
            break;
    }
    return done;
}

ssize_t readv(int fd, const struct iovec* parts, int count)
{
    ssize_t done = 0;

    if (count < 0 || count > IOV_MAX) {
        errno = EINVAL;
        return -1;
    }
    for (int i = 0; i < count; i++) {
        ssize_t got = read(fd, parts[i].iov_base, parts[i].iov_len);
        if (got < 0)
            return done > 0 ? done : -1;
        done += got;
        if ((size_t)got < parts[i].iov_len)
            break;
    }
    return done;
}

off_t lseek(int fd, off_t offset, int whence)
{
    mach_port_t channel = __portico_channel(fd);
    int64_t position = 0;

    if (channel == MACH_PORT_NULL)
        return -1;
    kern_return_t code = io_seek(channel, offset, whence, &position);
    return code == KERN_SUCCESS ? position : __portico_fail(code);
}

int ftruncate(int fd, off_t size)
{
    mach_port_t channel = __portico_channel(fd);

    return channel == MACH_PORT_NULL ? -1 : __portico_finish(io_truncate(channel, size));
}

int fsync(int fd)
{
    mach_port_t channel = __portico_channel(fd);
    struct portico_call call;
    kern_return_t code;

    if (channel == MACH_PORT_NULL)
        return -1;
    do {
        __portico_call_begin(&call, channel, io_cancel);
        code = io_sync(channel, call.number);
    } while (__portico_call_again(&call, code));
    return __portico_finish(code);
}

int fdatasync(int fd) { return fsync(fd); }

static size_t convert_entry(const unix_dirent_t* from, struct dirent* to, size_t room)
{
    size_t name = strlen(from->d_name) + 1;
    size_t length = (offsetof(struct dirent, d_name) + name + 7) & ~(size_t)7;

    if (length > room)
        return 0;
    to->d_ino = from->d_ino;
    to->d_off = (off_t)from->d_offset;
    to->d_reclen = (unsigned short)length;
    to->d_type = from->d_type;
    memcpy(to->d_name, from->d_name, name);
    return length;
}

/* The service's records are no smaller than ours, so what fits in the reply of this size fits in the buffer. */
ssize_t getdents(int fd, void* buffer, size_t size)
{
    _Alignas(8) char records[UNIX_IO_MAX];
    mach_msg_type_number_t count = sizeof records;
    mach_port_t channel = __portico_channel(fd);
    size_t stored = 0;

    if (channel == MACH_PORT_NULL)
        return -1;
    uint32_t amount = size < sizeof records ? (uint32_t)size : sizeof records;
    kern_return_t code = file_read_directory(channel, amount, records, &count);
    if (code != KERN_SUCCESS)
        return __portico_fail(code == MIG_BAD_ID ? UNIX_ERROR(ENOTDIR) : code);
    for (size_t at = 0; at < count;) {
        const unix_dirent_t* entry = (const unix_dirent_t*)(records + at);
        size_t length = convert_entry(entry, (struct dirent*)((char*)buffer + stored), size - stored);
        if (length == 0)
            break;
        stored += length;
        at += entry->d_record_length;
    }
    return (ssize_t)stored;
}
