/* Pins the ABI of user programs: compiled for Portico with every build, so a change that would break programs which
 * exist does not compile.  The numbers are the contract; do not adapt them to the headers. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), #type)
#define OFFSET(type, member, bytes) _Static_assert(offsetof(type, member) == (bytes), #type "." #member)
#define VALUE(name, value) _Static_assert((name) == (value), #name)
#define SAME(type, other) _Static_assert(_Generic((type)0, other: 1, default: 0), #type " is " #other)

#if !defined(__portico__) || !defined(__unix__) || defined(__linux__)
#error "the compiler is not set up for Portico"
#endif

/* Basic types. */
SIZE(ino_t, 8);
SIZE(dev_t, 8);
SIZE(off_t, 8);
SIZE(time_t, 8);
SIZE(size_t, 8);
SIZE(ssize_t, 8);
SIZE(blkcnt_t, 8);
SIZE(fsblkcnt_t, 8);
SIZE(fsfilcnt_t, 8);
SIZE(clock_t, 8);
SIZE(suseconds_t, 8);
SIZE(uid_t, 4);
SIZE(gid_t, 4);
SIZE(nlink_t, 4);
SIZE(mode_t, 4);
SIZE(pid_t, 4);
SIZE(id_t, 4);
SIZE(wchar_t, 4);
SIZE(long double, 16);
SAME(time_t, long);
SAME(off_t, long);
_Static_assert((uid_t)-1 > 0 && (gid_t)-1 > 0 && (ino_t)-1 > 0 && (dev_t)-1 > 0, "unsigned");
_Static_assert((off_t)-1 < 0 && (time_t)-1 < 0 && (pid_t)-1 < 0 && (clock_t)-1 < 0, "signed");

/* Structures that cross the interface of the services. */
SIZE(struct stat, 112);
OFFSET(struct stat, st_dev, 0);
OFFSET(struct stat, st_ino, 8);
OFFSET(struct stat, st_mode, 16);
OFFSET(struct stat, st_nlink, 20);
OFFSET(struct stat, st_uid, 24);
OFFSET(struct stat, st_gid, 28);
OFFSET(struct stat, st_rdev, 32);
OFFSET(struct stat, st_size, 40);
OFFSET(struct stat, st_atim, 48);
SIZE(struct timespec, 16);
SIZE(struct timeval, 16);
SIZE(struct pollfd, 8);
SIZE(struct rlimit, 16);
SIZE(struct rusage, 144);
SIZE(struct winsize, 8);
SIZE(struct termios, 60);
SIZE(struct utsname, 6 * 65);
SIZE(struct flock, 32);
SIZE(struct statvfs, 120);
SIZE(fd_set, 128);
SIZE(sigset_t, 8);
SIZE(siginfo_t, 120);
SIZE(struct sigaction, 24);
SIZE(stack_t, 24);
OFFSET(struct dirent, d_name, 19);
SIZE(pthread_t, 8);
SIZE(pthread_mutex_t, 40);
SIZE(pthread_cond_t, 48);
SIZE(pthread_rwlock_t, 56);
SIZE(pthread_attr_t, 56);
SIZE(pthread_once_t, 4);
SIZE(pthread_key_t, 4);
SIZE(sem_t, 32);
SIZE(struct sockaddr, 16);
SIZE(struct sockaddr_storage, 128);

/* read() and write() as POSIX declares them. */
_Static_assert(_Generic(&read, ssize_t (*)(int, void*, size_t): 1, default: 0), "read");
_Static_assert(_Generic(&write, ssize_t (*)(int, const void*, size_t): 1, default: 0), "write");

/* Limits. */
VALUE(FD_SETSIZE, 1024);
VALUE(BUFSIZ, 4096);
VALUE(PIPE_BUF, 4096);
VALUE(S_BLKSIZE, 512);
VALUE(ARG_MAX, 2097152);
VALUE(PATH_MAX, 4096);
VALUE(NAME_MAX, 255);
VALUE(OPEN_MAX, 1024);
VALUE(NGROUPS_MAX, 32);
VALUE(MB_LEN_MAX, 8);

/* Signals. */
VALUE(SIGHUP, 1);
VALUE(SIGINT, 2);
VALUE(SIGQUIT, 3);
VALUE(SIGILL, 4);
VALUE(SIGTRAP, 5);
VALUE(SIGABRT, 6);
VALUE(SIGBUS, 7);
VALUE(SIGFPE, 8);
VALUE(SIGKILL, 9);
VALUE(SIGUSR1, 10);
VALUE(SIGSEGV, 11);
VALUE(SIGUSR2, 12);
VALUE(SIGPIPE, 13);
VALUE(SIGALRM, 14);
VALUE(SIGTERM, 15);
VALUE(SIGCHLD, 17);
VALUE(SIGCONT, 18);
VALUE(SIGSTOP, 19);
VALUE(SIGTSTP, 20);
VALUE(SIGTTIN, 21);
VALUE(SIGTTOU, 22);
VALUE(SIGURG, 23);
VALUE(SIGXCPU, 24);
VALUE(SIGXFSZ, 25);
VALUE(SIGVTALRM, 26);
VALUE(SIGPROF, 27);
VALUE(SIGWINCH, 28);
VALUE(SIGIO, 29);
VALUE(SIGPWR, 30);
VALUE(SIGSYS, 31);
VALUE(NSIG, 65);
VALUE(SIG_BLOCK, 0);
VALUE(SIG_UNBLOCK, 1);
VALUE(SIG_SETMASK, 2);
VALUE(SA_RESTART, 0x10000000);

/* Errors: the first and the last, and those that systems disagree on. */
VALUE(EPERM, 1);
VALUE(ENOENT, 2);
VALUE(EINTR, 4);
VALUE(EAGAIN, 11);
VALUE(EWOULDBLOCK, EAGAIN);
VALUE(EDEADLK, 35);
VALUE(ENAMETOOLONG, 36);
VALUE(ENOLCK, 37);
VALUE(ENOSYS, 38);
VALUE(ENOTEMPTY, 39);
VALUE(ELOOP, 40);
VALUE(EOVERFLOW, 75);
VALUE(EILSEQ, 84);
VALUE(ENOTSOCK, 88);
VALUE(EOPNOTSUPP, 95);
VALUE(ENOTSUP, EOPNOTSUPP);
VALUE(ETIMEDOUT, 110);
VALUE(ESTALE, 116);
VALUE(EDQUOT, 122);
VALUE(EOWNERDEAD, 130);

/* Files and waiting. */
VALUE(O_CREAT, 0100);
VALUE(O_APPEND, 02000);
VALUE(O_NONBLOCK, 04000);
VALUE(O_DIRECTORY, 0200000);
VALUE(O_CLOEXEC, 02000000);
VALUE(AT_FDCWD, -100);
VALUE(F_DUPFD_CLOEXEC, 1030);
VALUE(WNOHANG, 1);
VALUE(WUNTRACED, 2);
VALUE(WCONTINUED, 8);
_Static_assert(WIFCONTINUED(0xffff) && !WIFSIGNALED(0xffff) && !WIFSTOPPED(0xffff), "a continued child");
_Static_assert(WIFSTOPPED(SIGTSTP << 8 | 0x7f) && WSTOPSIG(SIGTSTP << 8 | 0x7f) == SIGTSTP,
               "a stopped child");
_Static_assert(WIFSIGNALED(SIGKILL) && WTERMSIG(SIGKILL) == SIGKILL && !WIFEXITED(SIGKILL), "a killed child");
_Static_assert(WIFEXITED(3 << 8) && WEXITSTATUS(3 << 8) == 3, "a child that exited");
VALUE(TIOCGWINSZ, 0x5413);
VALUE(PROT_EXEC, 4);
VALUE(MAP_ANONYMOUS, 0x20);
