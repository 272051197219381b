/* sysconf(), pathconf() and confstr(). */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <unistd.h>

/* A limit of the process, or -1 (without error) if it has none. */
static long soft_limit(int resource)
{
    struct rlimit limit;

    if (getrlimit(resource, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY)
        return -1;
    return (long)limit.rlim_cur;
}

static long pages(int free_ones)
{
    struct sysinfo info;

    if (sysinfo(&info) < 0)
        return -1;
    return (long)((free_ones ? info.freeram : info.totalram) / 4096);
}

long sysconf(int name)
{
    switch (name) {
    case _SC_ARG_MAX:
        return ARG_MAX;
    case _SC_CHILD_MAX:
        return soft_limit(RLIMIT_NPROC);
    case _SC_CLK_TCK:
        return 100;
    case _SC_NGROUPS_MAX:
        return NGROUPS_MAX;
    case _SC_OPEN_MAX:
        return soft_limit(RLIMIT_NOFILE);
    case _SC_JOB_CONTROL:
        return _POSIX_JOB_CONTROL;
    case _SC_SAVED_IDS:
        return _POSIX_SAVED_IDS;
    case _SC_VERSION:
        return _POSIX_VERSION;
    case _SC_PAGESIZE:
        return 4096;
    case _SC_NPROCESSORS_CONF:
        return get_nprocs_conf();
    case _SC_NPROCESSORS_ONLN:
        return get_nprocs();
    case _SC_PHYS_PAGES:
        return pages(0);
    case _SC_AVPHYS_PAGES:
        return pages(1);
    case _SC_FSYNC:
        return _POSIX_FSYNC;
    case _SC_MAPPED_FILES:
        return _POSIX_MAPPED_FILES;
    case _SC_MEMORY_PROTECTION:
        return _POSIX_MEMORY_PROTECTION;
    case _SC_MONOTONIC_CLOCK:
        return _POSIX_MONOTONIC_CLOCK;
    case _SC_REGEXP:
        return _POSIX_REGEXP;
    case _SC_SHELL:
        return _POSIX_SHELL;
    case _SC_TIMERS:
        return -1;
    case _SC_THREADS:
        return -1;
    case _SC_GETGR_R_SIZE_MAX:
        return 4096;
    case _SC_GETPW_R_SIZE_MAX:
        return 1024;
    case _SC_LOGIN_NAME_MAX:
        return LOGIN_NAME_MAX;
    case _SC_HOST_NAME_MAX:
        return HOST_NAME_MAX;
    case _SC_TTY_NAME_MAX:
        return TTY_NAME_MAX;
    case _SC_SYMLOOP_MAX:
        return SYMLOOP_MAX;
    case _SC_IOV_MAX:
        return IOV_MAX;
    case _SC_LINE_MAX:
        return LINE_MAX;
    case _SC_RE_DUP_MAX:
        return RE_DUP_MAX;
    case _SC_TZNAME_MAX:
        return _POSIX_TZNAME_MAX;
    case _SC_STREAM_MAX:
        return OPEN_MAX;
    case _SC_ATEXIT_MAX:
        return INT_MAX;
    case _SC_BC_BASE_MAX:
        return BC_BASE_MAX;
    case _SC_BC_DIM_MAX:
        return BC_DIM_MAX;
    case _SC_BC_SCALE_MAX:
        return BC_SCALE_MAX;
    case _SC_BC_STRING_MAX:
        return BC_STRING_MAX;
    case _SC_COLL_WEIGHTS_MAX:
        return COLL_WEIGHTS_MAX;
    case _SC_EXPR_NEST_MAX:
        return EXPR_NEST_MAX;
    case _SC_2_VERSION:
        return _POSIX2_VERSION;
    case _SC_2_C_BIND:
        return _POSIX2_VERSION;
    default:
        if (name < 0 || name > _SC_SPIN_LOCKS)
            errno = EINVAL;
        return -1;
    }
}

int getdtablesize(void)
{
    long limit = soft_limit(RLIMIT_NOFILE);

    return limit < 0 ? OPEN_MAX : (int)limit;
}

/* Limits are the same everywhere, so the path or descriptor decides nothing but whether there is an answer. */
static long path_limit(int name)
{
    switch (name) {
    case _PC_LINK_MAX:
        return LINK_MAX;
    case _PC_MAX_CANON:
        return MAX_CANON;
    case _PC_MAX_INPUT:
        return MAX_INPUT;
    case _PC_NAME_MAX:
        return NAME_MAX;
    case _PC_PATH_MAX:
        return PATH_MAX;
    case _PC_PIPE_BUF:
        return PIPE_BUF;
    case _PC_CHOWN_RESTRICTED:
        return _POSIX_CHOWN_RESTRICTED;
    case _PC_NO_TRUNC:
        return _POSIX_NO_TRUNC;
    case _PC_VDISABLE:
        return _POSIX_VDISABLE;
    case _PC_FILESIZEBITS:
        return 64;
    case _PC_SYMLINK_MAX:
        return PATH_MAX;
    case _PC_2_SYMLINKS:
        return 1;
    case _PC_ASYNC_IO:
    case _PC_PRIO_IO:
    case _PC_SYNC_IO:
    case _PC_ALLOC_SIZE_MIN:
    case _PC_REC_INCR_XFER_SIZE:
    case _PC_REC_MAX_XFER_SIZE:
    case _PC_REC_MIN_XFER_SIZE:
    case _PC_REC_XFER_ALIGN:
        return -1;
    default:
        errno = EINVAL;
        return -1;
    }
}

long pathconf(const char* path, int name) { return access(path, F_OK) < 0 ? -1 : path_limit(name); }

long fpathconf(int fd, int name)
{
    return lseek(fd, 0, SEEK_CUR) < 0 && errno == EBADF ? -1 : path_limit(name);
}

size_t confstr(int name, char* buffer, size_t size)
{
    const char* text = "";

    if (name == _CS_PATH)
        text = "/bin:/usr/bin";
    else if (name < 0 || name > _CS_LFS_LINTFLAGS) {
        errno = EINVAL;
        return 0;
    }
    if (buffer && size > 0) {
        strncpy(buffer, text, size - 1);
        buffer[size - 1] = '\0';
    }
    return strlen(text) + 1;
}
