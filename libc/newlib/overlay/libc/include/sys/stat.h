/* What a file is, and the calls that ask and change it. */
#ifndef _SYS_STAT_H
#define _SYS_STAT_H

#include <_ansi.h>
#include <time.h>
#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/_timespec.h>

__BEGIN_DECLS

/* 112 bytes without padding; the fs service fills it as it is. */
struct stat {
    dev_t st_dev;
    ino_t st_ino;
    mode_t st_mode;
    nlink_t st_nlink;
    uid_t st_uid;
    gid_t st_gid;
    dev_t st_rdev;
    off_t st_size;
    struct timespec st_atim;
    struct timespec st_mtim;
    struct timespec st_ctim;
    blksize_t st_blksize;
    blkcnt_t st_blocks; /* in units of S_BLKSIZE */
};

#define st_atime st_atim.tv_sec
#define st_mtime st_mtim.tv_sec
#define st_ctime st_ctim.tv_sec

#define S_BLKSIZE 512

#define _IFMT 0170000
#define _IFSOCK 0140000
#define _IFLNK 0120000
#define _IFREG 0100000
#define _IFBLK 0060000
#define _IFDIR 0040000
#define _IFCHR 0020000
#define _IFIFO 0010000

#define S_IFMT _IFMT
#define S_IFSOCK _IFSOCK
#define S_IFLNK _IFLNK
#define S_IFREG _IFREG
#define S_IFBLK _IFBLK
#define S_IFDIR _IFDIR
#define S_IFCHR _IFCHR
#define S_IFIFO _IFIFO

#define S_ISUID 0004000
#define S_ISGID 0002000
#define S_ISVTX 0001000

#define S_IRUSR 0000400
#define S_IWUSR 0000200
#define S_IXUSR 0000100
#define S_IRWXU 0000700
#define S_IRGRP 0000040
#define S_IWGRP 0000020
#define S_IXGRP 0000010
#define S_IRWXG 0000070
#define S_IROTH 0000004
#define S_IWOTH 0000002
#define S_IXOTH 0000001
#define S_IRWXO 0000007

#if __BSD_VISIBLE
#define S_IREAD S_IRUSR
#define S_IWRITE S_IWUSR
#define S_IEXEC S_IXUSR
#define ACCESSPERMS 0000777
#define ALLPERMS 0007777
#define DEFFILEMODE 0000666
#endif

#define S_ISBLK(m) (((m) & _IFMT) == _IFBLK)
#define S_ISCHR(m) (((m) & _IFMT) == _IFCHR)
#define S_ISDIR(m) (((m) & _IFMT) == _IFDIR)
#define S_ISFIFO(m) (((m) & _IFMT) == _IFIFO)
#define S_ISREG(m) (((m) & _IFMT) == _IFREG)
#define S_ISLNK(m) (((m) & _IFMT) == _IFLNK)
#define S_ISSOCK(m) (((m) & _IFMT) == _IFSOCK)

/* Times that utimensat() and futimens() understand. */
#define UTIME_NOW 0x3fffffffL
#define UTIME_OMIT 0x3ffffffeL

int chmod(const char* __path, mode_t __mode);
int fchmod(int __fd, mode_t __mode);
int fstat(int __fd, struct stat* __sbuf);
int lstat(const char* __restrict __path, struct stat* __restrict __sbuf);
int mkdir(const char* __path, mode_t __mode);
int mkfifo(const char* __path, mode_t __mode);
int mknod(const char* __path, mode_t __mode, dev_t __dev);
int stat(const char* __restrict __path, struct stat* __restrict __sbuf);
mode_t umask(mode_t __mask);

#if __ATFILE_VISIBLE
int fchmodat(int __fd, const char* __path, mode_t __mode, int __flags);
int fstatat(int __fd, const char* __restrict __path, struct stat* __restrict __sbuf, int __flags);
int mkdirat(int __fd, const char* __path, mode_t __mode);
int mkfifoat(int __fd, const char* __path, mode_t __mode);
int mknodat(int __fd, const char* __path, mode_t __mode, dev_t __dev);
int utimensat(int __fd, const char* __path, const struct timespec __times[2], int __flags);
#endif
#if __POSIX_VISIBLE >= 200809
int futimens(int __fd, const struct timespec __times[2]);
#endif

__END_DECLS

#endif
