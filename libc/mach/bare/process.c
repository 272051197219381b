/* libc/mach/bare/process.c: the end of a server, and the time. */
#include <errno.h>
#include <mach/mach.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

void _exit(int status)
{
    (void)status; /* bootstrap sees only that the task has gone */
    for (;;)
        (void)task_terminate(mach_task_self());
}

void abort(void)
{
    static const char text[] = "aborted\n";

    (void)write(STDERR_FILENO, text, sizeof text - 1);
    _exit(1);
}

int raise(int signal)
{
    (void)signal; /* nobody handles signals here, and the default is the end */
    abort();
}

int clock_gettime(clockid_t clock, struct timespec* time)
{
    static mach_port_t clocks[2];
    const clock_id_t id = clock == CLOCK_REALTIME ? CALENDAR_CLOCK : SYSTEM_CLOCK;
    mach_timespec_t now;

    if (clocks[id] == MACH_PORT_NULL)
        (void)host_get_clock_service(mach_host_self(), id, &clocks[id]);
    if (clock_get_time(clocks[id], &now) != KERN_SUCCESS) {
        errno = EIO;
        return -1;
    }
    time->tv_sec = now.tv_sec;
    time->tv_nsec = now.tv_nsec;
    return 0;
}

int gettimeofday(struct timeval* restrict time, void* restrict zone)
{
    struct timespec now;

    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0)
        return -1;
    time->tv_sec = now.tv_sec;
    time->tv_usec = (suseconds_t)(now.tv_nsec / 1000);
    return 0;
}
