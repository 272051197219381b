/* libc/posix/paths.c: calls on names of files.  Each is one message to fs. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <portico/fs.h>
#include <portico/io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <unistd.h>
#include <utime.h>

#define NANOSECONDS 1000000000

static struct timespec timespec_of(uint64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / NANOSECONDS), .tv_nsec = (long)(ns % NANOSECONDS)};
}

static void convert_status(const unix_stat_t* from, struct stat* to)
{
    memset(to, 0, sizeof *to);
    to->st_dev = from->st_dev;
    to->st_ino = from->st_ino;
    to->st_mode = from->st_mode;
    to->st_nlink = from->st_nlink;
    to->st_uid = from->st_uid;
    to->st_gid = from->st_gid;
    to->st_rdev = from->st_rdev;
    to->st_size = (off_t)from->st_size;
    to->st_blksize = (blksize_t)from->st_blksize;
    to->st_blocks = (blkcnt_t)from->st_blocks;
    to->st_atim = timespec_of(from->st_atime_ns);
    to->st_mtim = timespec_of(from->st_mtime_ns);
    to->st_ctim = timespec_of(from->st_ctime_ns);
}

int fstatat(int directory, const char* restrict path, struct stat* restrict status, int flags)
{
    unix_stat_t found;

    if (__portico_check_path(path) != 0)
        return -1;
    kern_return_t code = fs_stat(__portico_fs_port(), directory, (char*)path, (uint32_t)flags, &found);
    if (code == KERN_SUCCESS)
        convert_status(&found, status);
    return __portico_finish(code);
}

int stat(const char* restrict path, struct stat* restrict status)
{
    return fstatat(AT_FDCWD, path, status, 0);
}

int lstat(const char* restrict path, struct stat* restrict status)
{
    return fstatat(AT_FDCWD, path, status, AT_SYMLINK_NOFOLLOW);
}

int fstat(int fd, struct stat* status)
{
    mach_port_t channel = __portico_channel(fd);
    unix_stat_t found;

    if (channel == MACH_PORT_NULL)
        return -1;
    kern_return_t code = io_stat(channel, &found);
    if (code == KERN_SUCCESS)
        convert_status(&found, status);
    return __portico_finish(code);
}

int faccessat(int directory, const char* path, int mode, int flags)
{
    if (__portico_check_path(path) != 0)
        return -1;
    return __portico_finish(
        fs_access(__portico_fs_port(), directory, (char*)path, (uint32_t)mode, (uint32_t)flags));
}

int access(const char* path, int mode) { return faccessat(AT_FDCWD, path, mode, 0); }

int eaccess(const char* path, int mode) { return faccessat(AT_FDCWD, path, mode, AT_EACCESS); }

int mkdirat(int directory, const char* path, mode_t mode)
{
    if (__portico_check_path(path) != 0)
        return -1;
    return __portico_finish(fs_make_directory(__portico_fs_port(), directory, (char*)path, mode));
}

int mkdir(const char* path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

int mknodat(int directory, const char* path, mode_t mode, dev_t device)
{
    if (__portico_check_path(path) != 0)
        return -1;
    return __portico_finish(fs_make_node(__portico_fs_port(), directory, (char*)path, mode, device));
}

int mknod(const char* path, mode_t mode, dev_t device) { return mknodat(AT_FDCWD, path, mode, device); }

int mkfifoat(int directory, const char* path, mode_t mode)
{
    return mknodat(directory, path, (mode & ~(mode_t)S_IFMT) | S_IFIFO, 0);
}

int mkfifo(const char* path, mode_t mode) { return mkfifoat(AT_FDCWD, path, mode); }

int unlinkat(int directory, const char* path, int flags)
{
    if (__portico_check_path(path) != 0)
        return -1;
    return __portico_finish(fs_unlink(__portico_fs_port(), directory, (char*)path, (uint32_t)flags));
}

int unlink(const char* path) { return unlinkat(AT_FDCWD, path, 0); }

int rmdir(const char* path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

int remove(const char* path)
{
    int result = unlink(path);

    return result != 0 && errno == EISDIR ? rmdir(path) : result;
}

/* newlib's tmpfile() asks for this one, which lies with newlib's own remove(). */
int _remove_r(struct _reent* reent, const char* path);
int _remove_r(struct _reent* reent, const char* path)
{
    (void)reent;
    return remove(path);
}

int renameat(int from_directory, const char* from, int to_directory, const char* to)
{
    if (__portico_check_path(from) != 0 || __portico_check_path(to) != 0)
        return -1;
    return __portico_finish(
        fs_rename(__portico_fs_port(), from_directory, (char*)from, to_directory, (char*)to));
}

int rename(const char* from, const char* to) { return renameat(AT_FDCWD, from, AT_FDCWD, to); }

int linkat(int from_directory, const char* from, int to_directory, const char* to, int flags)
{
    if (__portico_check_path(from) != 0 || __portico_check_path(to) != 0)
        return -1;
    return __portico_finish(
        fs_link(__portico_fs_port(), from_directory, (char*)from, to_directory, (char*)to, (uint32_t)flags));
}

int link(const char* from, const char* to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }

int symlinkat(const char* target, int directory, const char* path)
{
    if (__portico_check_path(target) != 0 || __portico_check_path(path) != 0)
        return -1;
    return __portico_finish(fs_symbolic_link(__portico_fs_port(), (char*)target, directory, (char*)path));
}

int symlink(const char* target, const char* path) { return symlinkat(target, AT_FDCWD, path); }

ssize_t readlinkat(int directory, const char* restrict path, char* restrict buffer, size_t size)
{
    char target[UNIX_IO_MAX];
    mach_msg_type_number_t count = sizeof target;

    if (__portico_check_path(path) != 0)
        return -1;
    kern_return_t code = fs_read_link(__portico_fs_port(), directory, (char*)path, target, &count);
    if (code != KERN_SUCCESS)
        return __portico_fail(code);
    size_t length = count < size ? count : size;
    memcpy(buffer, target, length);
    return (ssize_t)length;
}

ssize_t readlink(const char* restrict path, char* restrict buffer, size_t size)
{
    return readlinkat(AT_FDCWD, path, buffer, size);
}

int fchmodat(int directory, const char* path, mode_t mode, int flags)
{
    if (__portico_check_path(path) != 0)
        return -1;
    return __portico_finish(
        fs_change_mode(__portico_fs_port(), directory, (char*)path, mode, (uint32_t)flags));
}

int chmod(const char* path, mode_t mode) { return fchmodat(AT_FDCWD, path, mode, 0); }

int fchmod(int fd, mode_t mode) { return fchmodat(fd, "", mode, AT_EMPTY_PATH); }

int fchownat(int directory, const char* path, uid_t owner, gid_t group, int flags)
{
    if (__portico_check_path(path) != 0)
        return -1;
    return __portico_finish(
        fs_change_owner(__portico_fs_port(), directory, (char*)path, owner, group, (uint32_t)flags));
}

int chown(const char* path, uid_t owner, gid_t group) { return fchownat(AT_FDCWD, path, owner, group, 0); }

int lchown(const char* path, uid_t owner, gid_t group)
{
    return fchownat(AT_FDCWD, path, owner, group, AT_SYMLINK_NOFOLLOW);
}

int fchown(int fd, uid_t owner, gid_t group) { return fchownat(fd, "", owner, group, AT_EMPTY_PATH); }

static int64_t wire_time(const struct timespec* time)
{
    if (time->tv_nsec == UTIME_NOW)
        return INT64_MAX;
    if (time->tv_nsec == UTIME_OMIT)
        return INT64_MIN;
    return (int64_t)time->tv_sec * NANOSECONDS + time->tv_nsec;
}

int utimensat(int directory, const char* path, const struct timespec times[2], int flags)
{
    if (__portico_check_path(path) != 0)
        return -1;
    return __portico_finish(fs_change_times(__portico_fs_port(), directory, (char*)path,
                                            times ? wire_time(&times[0]) : INT64_MAX,
                                            times ? wire_time(&times[1]) : INT64_MAX, (uint32_t)flags));
}

int futimens(int fd, const struct timespec times[2]) { return utimensat(fd, "", times, AT_EMPTY_PATH); }

static int set_times(int directory, const char* path, const struct timeval times[2], int flags)
{
    if (!times)
        return utimensat(directory, path, NULL, flags);
    const struct timespec converted[2] = {
        {.tv_sec = times[0].tv_sec, .tv_nsec = times[0].tv_usec * 1000},
        {.tv_sec = times[1].tv_sec, .tv_nsec = times[1].tv_usec * 1000},
    };
    return utimensat(directory, path, converted, flags);
}

int utimes(const char* path, const struct timeval times[2]) { return set_times(AT_FDCWD, path, times, 0); }

int lutimes(const char* path, const struct timeval times[2])
{
    return set_times(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW);
}

int futimes(int fd, const struct timeval times[2]) { return set_times(fd, "", times, AT_EMPTY_PATH); }

int utime(const char* path, const struct utimbuf* times)
{
    if (!times)
        return utimensat(AT_FDCWD, path, NULL, 0);
    const struct timespec converted[2] = {{.tv_sec = times->actime}, {.tv_sec = times->modtime}};
    return utimensat(AT_FDCWD, path, converted, 0);
}

int truncate(const char* path, off_t size)
{
    if (__portico_check_path(path) != 0)
        return -1;
    return __portico_finish(fs_truncate(__portico_fs_port(), AT_FDCWD, (char*)path, size));
}

int chdir(const char* path)
{
    if (__portico_check_path(path) != 0)
        return -1;
    if (*path == '\0') {
        errno = ENOENT; /* an empty path means "the descriptor itself" to fs */
        return -1;
    }
    return __portico_finish(fs_change_directory(__portico_fs_port(), AT_FDCWD, (char*)path));
}

int fchdir(int fd) { return __portico_finish(fs_change_directory(__portico_fs_port(), fd, "")); }

int chroot(const char* path)
{
    if (__portico_check_path(path) != 0)
        return -1;
    return __portico_finish(fs_change_root(__portico_fs_port(), (char*)path));
}

char* getcwd(char* buffer, size_t size)
{
    char path[UNIX_PATH_MAX];
    kern_return_t code = fs_current_directory(__portico_fs_port(), path);

    if (code != KERN_SUCCESS) {
        __portico_fail(code);
        return NULL;
    }
    size_t length = strlen(path) + 1;
    if (!buffer)
        return strdup(path);
    if (length > size) {
        errno = size == 0 ? EINVAL : ERANGE;
        return NULL;
    }
    return memcpy(buffer, path, length);
}

mode_t umask(mode_t mask)
{
    uint32_t old = 0;

    fs_set_mask(__portico_fs_port(), mask, &old);
    return old;
}

static int file_system_of(int directory, const char* path, struct statvfs* status)
{
    unix_statvfs_t found;
    kern_return_t code = fs_file_system(__portico_fs_port(), directory, (char*)path, &found);

    if (code != KERN_SUCCESS)
        return __portico_fail(code);
    memset(status, 0, sizeof *status);
    status->f_bsize = status->f_frsize = found.block_size;
    status->f_blocks = found.blocks;
    status->f_bfree = status->f_bavail = found.blocks_free;
    status->f_files = found.files;
    status->f_ffree = status->f_favail = found.files_free;
    status->f_flag = found.flags;
    status->f_namemax = found.name_max;
    status->f_fsid = found.id;
    return 0;
}

int statvfs(const char* restrict path, struct statvfs* restrict status)
{
    return __portico_check_path(path) == 0 ? file_system_of(AT_FDCWD, path, status) : -1;
}

int fstatvfs(int fd, struct statvfs* status) { return file_system_of(fd, "", status); }

void sync(void)
{
    struct portico_call call;

    __portico_call_begin(&call, __portico_fs_port(), fs_cancel);
    __portico_call_again(&call, fs_sync(call.port, call.number));
}
