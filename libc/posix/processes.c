/* libc/posix/processes.c: what a process is and has, its children, its end. */
#include "internal.h"

#include <errno.h>
#include <limits.h>
#include <mach/mach.h>
#include <portico/process.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NANOSECONDS 1000000000u
#define CLOCK_TICK_NS (NANOSECONDS / 100) /* sysconf(_SC_CLK_TCK) is 100 */

/* ---- Identity. */

static int identity_of(pid_t pid, unix_identity_t* identity)
{
    return __portico_finish(process_identity(__portico_process_port(), pid, identity));
}

static pid_t own_pid; /* 0: to be asked for */

pid_t getpid(void)
{
    unix_identity_t identity;

    if (own_pid == 0) {
        if (identity_of(0, &identity) != 0)
            return -1;
        own_pid = identity.pid;
    }
    return own_pid;
}

void __portico_forget_pid(void) { own_pid = 0; }

#define IDENTITY_CALL(type, name, field)                                                                     \
    type name(void)                                                                                          \
    {                                                                                                        \
        unix_identity_t identity = {0};                                                                      \
        identity_of(0, &identity);                                                                           \
        return identity.field;                                                                               \
    }
IDENTITY_CALL(pid_t, getppid, ppid)
IDENTITY_CALL(pid_t, getpgrp, pgid)
IDENTITY_CALL(uid_t, getuid, ruid)
IDENTITY_CALL(uid_t, geteuid, euid)
IDENTITY_CALL(gid_t, getgid, rgid)
IDENTITY_CALL(gid_t, getegid, egid)

pid_t getpgid(pid_t pid)
{
    unix_identity_t identity;

    return identity_of(pid, &identity) == 0 ? identity.pgid : -1;
}

pid_t getsid(pid_t pid)
{
    unix_identity_t identity;

    return identity_of(pid, &identity) == 0 ? identity.sid : -1;
}

int setpgid(pid_t pid, pid_t group)
{
    return __portico_finish(process_set_group(__portico_process_port(), pid, group));
}

int setpgrp(void) { return setpgid(0, 0); }

pid_t setsid(void)
{
    int32_t session = -1;
    kern_return_t code = process_set_session(__portico_process_port(), &session);

    return code == KERN_SUCCESS ? session : __portico_fail(code);
}

int setresuid(uid_t real, uid_t effective, uid_t saved)
{
    return __portico_finish(process_set_users(__portico_process_port(), real, effective, saved));
}

int setresgid(gid_t real, gid_t effective, gid_t saved)
{
    return __portico_finish(process_set_groups_ids(__portico_process_port(), real, effective, saved));
}

int setreuid(uid_t real, uid_t effective)
{
    unix_identity_t identity;

    if (identity_of(0, &identity) != 0)
        return -1;
    int saves = real != (uid_t)-1 || (effective != (uid_t)-1 && effective != identity.ruid);
    return setresuid(real, effective, saves ? effective : (uid_t)-1);
}

int setregid(gid_t real, gid_t effective)
{
    unix_identity_t identity;

    if (identity_of(0, &identity) != 0)
        return -1;
    int saves = real != (gid_t)-1 || (effective != (gid_t)-1 && effective != identity.rgid);
    return setresgid(real, effective, saves ? effective : (gid_t)-1);
}

int setuid(uid_t user)
{
    return geteuid() == 0 ? setresuid(user, user, user) : setresuid((uid_t)-1, user, (uid_t)-1);
}

int setgid(gid_t group)
{
    return geteuid() == 0 ? setresgid(group, group, group) : setresgid((gid_t)-1, group, (gid_t)-1);
}

int seteuid(uid_t user) { return setresuid((uid_t)-1, user, (uid_t)-1); }

int setegid(gid_t group) { return setresgid((gid_t)-1, group, (gid_t)-1); }

int getgroups(int size, gid_t list[])
{
    uint32_t groups[64];
    mach_msg_type_number_t count = 64;
    kern_return_t code = process_get_groups(__portico_process_port(), groups, &count);

    if (code != KERN_SUCCESS)
        return __portico_fail(code);
    if (size == 0)
        return (int)count;
    if ((mach_msg_type_number_t)size < count) {
        errno = EINVAL;
        return -1;
    }
    for (mach_msg_type_number_t i = 0; i < count; i++)
        list[i] = groups[i];
    return (int)count;
}

int setgroups(int count, const gid_t* list)
{
    if (count < 0 || count > 64) {
        errno = EINVAL;
        return -1;
    }
    return __portico_finish(
        process_set_groups(__portico_process_port(), (uint32_t*)list, (mach_msg_type_number_t)count));
}

/* ---- Children. */

static void convert_usage(const unix_usage_t* from, struct rusage* to)
{
    memset(to, 0, sizeof *to);
    to->ru_utime =
        (struct timeval){(time_t)(from->user_ns / NANOSECONDS), (long)(from->user_ns % NANOSECONDS / 1000)};
    to->ru_stime = (struct timeval){(time_t)(from->system_ns / NANOSECONDS),
                                    (long)(from->system_ns % NANOSECONDS / 1000)};
    to->ru_maxrss = (long)(from->max_resident_bytes / 1024);
    to->ru_minflt = (long)from->minor_faults;
    to->ru_majflt = (long)from->major_faults;
}

pid_t wait4(pid_t pid, int* status, int options, struct rusage* usage)
{
    struct portico_call call;
    kern_return_t code;
    int32_t child = -1;
    int word = 0;
    unix_usage_t used;

    do {
        __portico_call_begin(&call, __portico_process_port(), process_cancel);
        code = process_wait(call.port, call.number, pid, options, &child, &word, &used);
    } while (__portico_call_again(&call, code));
    if (code != KERN_SUCCESS)
        return __portico_fail(code);
    if (child > 0) {
        if (status)
            *status = word;
        if (usage)
            convert_usage(&used, usage);
    }
    return child;
}

pid_t waitpid(pid_t pid, int* status, int options) { return wait4(pid, status, options, NULL); }

pid_t wait3(int* status, int options, struct rusage* usage) { return wait4(-1, status, options, usage); }

pid_t wait(int* status) { return waitpid(-1, status, 0); }

static void describe_child(siginfo_t* info, pid_t child, int status)
{
    memset(info, 0, sizeof *info);
    info->si_signo = SIGCHLD;
    info->si_pid = child;
    if (WIFEXITED(status)) {
        info->si_code = CLD_EXITED;
        info->si_status = WEXITSTATUS(status);
    } else if (WIFSTOPPED(status)) {
        info->si_code = CLD_STOPPED;
        info->si_status = WSTOPSIG(status);
    } else if (WIFCONTINUED(status)) {
        info->si_code = CLD_CONTINUED;
        info->si_status = SIGCONT;
    } else {
        info->si_code = WCOREDUMP(status) ? CLD_DUMPED : CLD_KILLED;
        info->si_status = WTERMSIG(status);
    }
}

int waitid(idtype_t type, id_t id, siginfo_t* info, int options)
{
    pid_t selector = type == P_ALL ? -1 : type == P_PID ? (pid_t)id : id == 0 ? 0 : -(pid_t)id;
    int status = 0;

    if (!(options & (WEXITED | WSTOPPED | WCONTINUED))) {
        errno = EINVAL;
        return -1;
    }
    pid_t child = waitpid(selector, &status, options);
    if (child < 0)
        return -1;
    if (child == 0)
        memset(info, 0, sizeof *info);
    else
        describe_child(info, child, status);
    return 0;
}

void _exit(int status)
{
    process_exit(__portico_process_port(), (status & 0xff) << 8);
    for (;;)
        task_terminate(mach_task_self()); /* the process service is gone */
}

void _Exit(int status) { _exit(status); }

/* ---- Programs. */

struct strings {
    vm_address_t address;
    size_t size;
};

/* Copies the strings into memory of their own, so that nothing of them lies in a file's pages. */
static int gather(char* const list[], struct strings* gathered)
{
    size_t size = 0;

    for (char* const* item = list; item && *item; item++)
        size += strlen(*item) + 1;
    gathered->address = 0;
    gathered->size = size;
    if (size > ARG_MAX) {
        errno = E2BIG;
        return -1;
    }
    if (size == 0)
        return 0;
    kern_return_t code = vm_allocate(mach_task_self(), &gathered->address, size, VM_FLAGS_ANYWHERE);
    if (code != KERN_SUCCESS)
        return __portico_fail(code);
    char* to = (char*)gathered->address;
    for (char* const* item = list; *item; item++)
        to = stpcpy(to, *item) + 1;
    return 0;
}

static void release(const struct strings* gathered)
{
    if (gathered->size > 0)
        vm_deallocate(mach_task_self(), gathered->address, gathered->size);
}

int execve(const char* path, char* const arguments[], char* const environment[])
{
    struct strings first, second;

    if (__portico_check_path(path) != 0 || gather(arguments, &first) != 0)
        return -1;
    if (gather(environment, &second) != 0) {
        release(&first);
        return -1;
    }
    kern_return_t code = process_exec(__portico_process_port(), (char*)path, (pointer_t)first.address,
                                      (mach_msg_type_number_t)first.size, (pointer_t)second.address,
                                      (mach_msg_type_number_t)second.size);
    release(&first);
    release(&second);
    return __portico_fail(code);
}

/* ---- Time used, and limits. */

int getrusage(int who, struct rusage* usage)
{
    unix_usage_t used;
    kern_return_t code = process_usage(__portico_process_port(), who, &used);

    if (code == KERN_SUCCESS)
        convert_usage(&used, usage);
    return __portico_finish(code);
}

clock_t times(struct tms* used)
{
    unix_usage_t own = {0}, children = {0};

    process_usage(__portico_process_port(), RUSAGE_SELF, &own);
    process_usage(__portico_process_port(), RUSAGE_CHILDREN, &children);
    used->tms_utime = (clock_t)(own.user_ns / CLOCK_TICK_NS);
    used->tms_stime = (clock_t)(own.system_ns / CLOCK_TICK_NS);
    used->tms_cutime = (clock_t)(children.user_ns / CLOCK_TICK_NS);
    used->tms_cstime = (clock_t)(children.system_ns / CLOCK_TICK_NS);
    return (clock_t)(__portico_now_ns() / CLOCK_TICK_NS);
}

clock_t clock(void)
{
    unix_usage_t own = {0};

    process_usage(__portico_process_port(), RUSAGE_SELF, &own);
    return (clock_t)((own.user_ns + own.system_ns) / (NANOSECONDS / CLOCKS_PER_SEC));
}

/* Limits are told as they are; none can be set yet. */
int getrlimit(int resource, struct rlimit* limit)
{
    limit->rlim_cur = limit->rlim_max = RLIM_INFINITY;
    switch (resource) {
    case RLIMIT_NOFILE:
        limit->rlim_cur = limit->rlim_max = 1024;
        return 0;
    case RLIMIT_STACK:
        limit->rlim_cur = limit->rlim_max = 8u << 20;
        return 0;
    case RLIMIT_CORE:
        limit->rlim_cur = limit->rlim_max = 0;
        return 0;
    case RLIMIT_CPU:
    case RLIMIT_DATA:
    case RLIMIT_FSIZE:
    case RLIMIT_AS:
        return 0;
    default:
        errno = EINVAL;
        return -1;
    }
}

int setrlimit(int resource, const struct rlimit* limit)
{
    struct rlimit present;

    if (getrlimit(resource, &present) != 0)
        return -1;
    if (limit->rlim_cur >= present.rlim_cur && limit->rlim_max >= present.rlim_max)
        return 0;
    errno = ENOSYS; /* docs/status.md */
    return -1;
}

int getpriority(int which, id_t who)
{
    (void)which;
    (void)who;
    return 0; /* everybody has the ordinary one */
}

int setpriority(int which, id_t who, int value)
{
    (void)which;
    (void)who;
    if (value == 0)
        return 0;
    errno = ENOSYS; /* docs/status.md */
    return -1;
}

int nice(int change)
{
    if (change == 0)
        return 0;
    errno = ENOSYS; /* docs/status.md */
    return -1;
}

/* ---- The system. */

int gethostname(char* name, size_t size)
{
    char host[UNIX_NAME_MAX + 1];
    kern_return_t code = process_get_host_name(__portico_process_port(), host);

    if (code != KERN_SUCCESS)
        return __portico_fail(code);
    strlcpy(name, host, size);
    return 0;
}

int sethostname(const char* name, size_t size)
{
    char host[UNIX_NAME_MAX + 1];

    if (size > UNIX_NAME_MAX) {
        errno = EINVAL;
        return -1;
    }
    memcpy(host, name, size);
    host[size] = '\0';
    return __portico_finish(process_set_host_name(__portico_process_port(), host));
}

int uname(struct utsname* name)
{
    memset(name, 0, sizeof *name);
    strlcpy(name->sysname, "Portico", sizeof name->sysname);
    strlcpy(name->release, PORTICO_VERSION, sizeof name->release);
    strlcpy(name->version, "Mach-style microkernel", sizeof name->version);
    strlcpy(name->machine, "x86_64", sizeof name->machine);
    return gethostname(name->nodename, sizeof name->nodename);
}

int reboot(int how) { return __portico_finish(process_reboot(__portico_process_port(), (uint32_t)how)); }

int __portico_background(int writing)
{
    kern_return_t code = process_background_access(__portico_process_port(), writing);

    if (code == UNIX_ERROR(EINTR))
        return 1;
    return code == KERN_SUCCESS ? 0 : __portico_fail(code);
}
