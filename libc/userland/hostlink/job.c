/* One job: a child process, two pipes, and a loop that empties them into frames. */
#include "job.h"

#include "protocol.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char** environ;

enum { patience_after_kill_ms = 2000 };

/* The two ends of a pipe, and the frame type that carries what comes out of it. */
struct stream {
    int read_end;
    int write_end;
    char type;
};

static long long milliseconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static int open_stream(struct stream* stream, char type)
{
    int ends[2];
    if (pipe(ends) != 0)
        return -1;
    stream->read_end = ends[0];
    stream->write_end = ends[1];
    stream->type = type;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    return 0;
}

/* In the child.  Returns only when the job cannot be started; errno tells why. */
static void become(const struct manifest* manifest, const struct job* job, const struct stream* streams)
{
    setsid();
    umask(manifest->umask);
    const int null = open("/dev/null", O_RDONLY);
    if (null < 0 || dup2(null, 0) < 0 || dup2(streams[0].write_end, 1) < 0 ||
        dup2(streams[1].write_end, 2) < 0)
        return;
    if (null > 2)
        close(null);
    if (chdir(job->directory) != 0)
        return;
    environ = manifest->environment;
    execvp(job->arguments[0], job->arguments);
}

/* Starts the job.  A pipe that closes on exec tells a failed start from a status that the job chose itself. */
static pid_t start(const struct manifest* manifest, const struct job* job, const struct stream* streams,
                   int* error)
{
    struct stream trouble;
    *error = 0;
    if (open_stream(&trouble, 0) != 0) {
        *error = errno;
        return -1;
    }
    const pid_t child = fork();
    if (child == 0) {
        become(manifest, job, streams);
        const int reason = errno;
        (void)!write(trouble.write_end, &reason, sizeof reason);
        _exit(127);
    }
    if (child < 0)
        *error = errno;
    close(trouble.write_end);
    ssize_t got = 0;
    do
        got = read(trouble.read_end, error, sizeof *error);
    while (child > 0 && got < 0 && errno == EINTR);
    close(trouble.read_end);
    return child;
}

/* Sends what one stream holds now.  Returns false at its end. */
static bool forward(struct link* link, const struct job* job, struct stream* stream)
{
    static unsigned char buffer[LINK_MAX_PAYLOAD];
    const ssize_t count = read(stream->read_end, buffer, link_room(1));
    if (count < 0 && errno == EINTR)
        return true;
    if (count > 0) {
        link_send(link, stream->type, &job->number, 1, buffer, (size_t)count);
        return true;
    }
    close(stream->read_end);
    stream->read_end = -1; /* poll() passes over it. */
    return false;
}

/* How long a job may take, and whether it was killed for taking longer. */
struct time_limit {
    pid_t group;
    long long deadline; /* In milliseconds_now(); negative when there is none. */
    bool killed;
};

/* Milliseconds that poll() may wait, at most `longest`; -1 when the limit has passed. */
static int time_left(const struct time_limit* limit, int longest)
{
    if (limit->deadline < 0)
        return longest;
    const long long left = limit->deadline - milliseconds_now();
    return left <= 0 ? -1 : left < longest ? (int)left : longest;
}

static void kill_job(struct time_limit* limit)
{
    kill(-limit->group, SIGKILL);
    limit->killed = true;
    limit->deadline = milliseconds_now() + patience_after_kill_ms;
}

/* Empties both streams until their ends.  After a kill it waits only a moment longer: something that left the session
 * may hold the pipes for ever. */
static void forward_all(struct link* link, const struct job* job, struct stream* streams,
                        struct time_limit* limit)
{
    int open_streams = 2;
    while (open_streams > 0) {
        const int wait = time_left(limit, 1000);
        if (wait < 0) {
            if (limit->killed)
                return;
            kill_job(limit);
            continue;
        }
        struct pollfd ready[2] = {{streams[0].read_end, POLLIN, 0}, {streams[1].read_end, POLLIN, 0}};
        const int count = poll(ready, 2, wait);
        for (int i = 0; count > 0 && i < 2; i++) {
            if (ready[i].revents != 0 && !forward(link, job, &streams[i]))
                open_streams--;
        }
    }
}

/* Waits for the job itself, which may have closed its output long before its end. */
static int collect(pid_t child, struct time_limit* limit)
{
    int status = 0;
    for (;;) {
        const bool polling = limit->deadline >= 0 && !limit->killed;
        const pid_t collected = waitpid(child, &status, polling ? WNOHANG : 0);
        if (collected == child || (collected < 0 && errno != EINTR))
            return status;
        if (polling && time_left(limit, 10) < 0)
            kill_job(limit);
        else if (polling)
            poll(NULL, 0, 10);
    }
}

static void send_status(struct link* link, const struct job* job, uint32_t ending, uint32_t value)
{
    const uint32_t numbers[3] = {job->number, ending, value};
    link_send(link, 'S', numbers, 3, NULL, 0);
}

void job_run(struct link* link, const struct manifest* manifest, const struct job* job)
{
    struct stream streams[2];
    int error = 0;

    link_send(link, 'J', &job->number, 1, NULL, 0);
    if (open_stream(&streams[0], 'O') != 0 || open_stream(&streams[1], 'E') != 0) {
        send_status(link, job, LINK_NOT_STARTED, (uint32_t)errno);
        return;
    }
    const pid_t child = start(manifest, job, streams, &error);
    close(streams[0].write_end);
    close(streams[1].write_end);
    if (child < 0) {
        send_status(link, job, LINK_NOT_STARTED, (uint32_t)error);
        return;
    }

    struct time_limit limit = {child, job->time_limit ? milliseconds_now() + job->time_limit * 1000LL : -1,
                               false};
    forward_all(link, job, streams, &limit);
    for (int i = 0; i < 2; i++)
        if (streams[i].read_end >= 0)
            close(streams[i].read_end);
    const int status = collect(child, &limit);
    kill(-child, SIGKILL); /* What is left in its session's first group must not disturb the next job. */

    if (error != 0)
        send_status(link, job, LINK_NOT_STARTED, (uint32_t)error);
    else if (limit.killed)
        send_status(link, job, LINK_TIME_LIMIT, 0);
    else if (WIFSIGNALED(status))
        send_status(link, job, LINK_SIGNALLED, (uint32_t)WTERMSIG(status));
    else
        send_status(link, job, LINK_EXITED, (uint32_t)WEXITSTATUS(status));
}
