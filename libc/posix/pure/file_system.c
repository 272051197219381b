/* statfs() over statvfs(), umount(), lockf() and posix_fadvise(). */
#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

static int convert(int result, const struct statvfs* from, struct statfs* to)
{
    if (result < 0)
        return result;
    *to = (struct statfs){.f_bsize = (long)from->f_bsize,
                          .f_frsize = (long)from->f_frsize,
                          .f_blocks = from->f_blocks,
                          .f_bfree = from->f_bfree,
                          .f_bavail = from->f_bavail,
                          .f_files = from->f_files,
                          .f_ffree = from->f_ffree,
                          .f_namelen = (long)from->f_namemax,
                          .f_flags = (long)from->f_flag};
    to->f_fsid.__val[0] = (int)from->f_fsid;
    to->f_fsid.__val[1] = (int)(from->f_fsid >> 32);
    return 0;
}

int statfs(const char* path, struct statfs* out)
{
    struct statvfs answer;

    return convert(statvfs(path, &answer), &answer, out);
}

int fstatfs(int fd, struct statfs* out)
{
    struct statvfs answer;

    return convert(fstatvfs(fd, &answer), &answer, out);
}

int umount(const char* target) { return umount2(target, 0); }

int lockf(int fd, int command, off_t length)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_CUR, .l_len = length};

    switch (command) {
    case F_ULOCK:
        lock.l_type = F_UNLCK;
        return fcntl(fd, F_SETLK, &lock);
    case F_LOCK:
        return fcntl(fd, F_SETLKW, &lock);
    case F_TLOCK:
        return fcntl(fd, F_SETLK, &lock);
    case F_TEST:
        if (fcntl(fd, F_GETLK, &lock) < 0)
            return -1;
        if (lock.l_type == F_UNLCK || lock.l_pid == getpid())
            return 0;
        errno = EACCES;
        return -1;
    default:
        errno = EINVAL;
        return -1;
    }
}

/* Advice may be ignored, and is; a wrong descriptor or kind may not. */
int posix_fadvise(int fd, off_t offset, off_t length, int advice)
{
    (void)offset;
    if (fcntl(fd, F_GETFD) < 0)
        return EBADF;
    return length < 0 || advice < POSIX_FADV_NORMAL || advice > POSIX_FADV_NOREUSE ? EINVAL : 0;
}
