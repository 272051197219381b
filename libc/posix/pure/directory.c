/* Directory streams over getdents().
 *
 * A stream owns its descriptor and a buffer of entries.  telldir() returns the d_off of the last entry, which is what
 * lseek() takes, so positions stay valid whatever happens to the buffer.  A stream is one thread's at a time. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_SIZE 8192

struct __directory {
    int fd;
    size_t next;  /* offset of the next entry in `buffer` */
    size_t end;   /* bytes of `buffer` that hold entries */
    off_t offset; /* where the next entry is in the directory */
    char buffer[BUFFER_SIZE] __attribute__((aligned(16)));
};

static DIR* stream_on(int fd)
{
    DIR* stream = calloc(1, sizeof *stream);

    if (stream)
        stream->fd = fd;
    return stream;
}

DIR* opendir(const char* path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR* stream = fd < 0 ? NULL : stream_on(fd);

    if (fd >= 0 && !stream)
        close(fd);
    return stream;
}

DIR* fdopendir(int fd)
{
    struct stat status;

    if (fstat(fd, &status) < 0)
        return NULL;
    if (!S_ISDIR(status.st_mode)) {
        errno = ENOTDIR;
        return NULL;
    }
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
        return NULL;
    return stream_on(fd);
}

int closedir(DIR* stream)
{
    int fd = stream->fd;

    free(stream);
    return close(fd);
}

int fdclosedir(DIR* stream)
{
    int fd = stream->fd;

    free(stream);
    return fd;
}

int dirfd(DIR* stream) { return stream->fd; }

struct dirent* readdir(DIR* stream)
{
    if (stream->next >= stream->end) {
        ssize_t length = getdents(stream->fd, stream->buffer, sizeof stream->buffer);
        if (length <= 0)
            return NULL;
        stream->next = 0;
        stream->end = (size_t)length;
    }
    struct dirent* entry = (struct dirent*)(stream->buffer + stream->next);
    stream->next += entry->d_reclen;
    stream->offset = entry->d_off;
    return entry;
}

int readdir_r(DIR* restrict stream, struct dirent* restrict entry, struct dirent** restrict result)
{
    int saved = errno;

    errno = 0;
    struct dirent* found = readdir(stream);
    int error = errno;
    errno = saved;
    *result = NULL;
    if (!found)
        return error;
    memcpy(entry, found, offsetof(struct dirent, d_name) + strlen(found->d_name) + 1);
    *result = entry;
    return 0;
}

void seekdir(DIR* stream, long offset)
{
    stream->offset = lseek(stream->fd, offset, SEEK_SET);
    stream->next = stream->end = 0;
}

void rewinddir(DIR* stream) { seekdir(stream, 0); }

long telldir(DIR* stream) { return stream->offset; }
