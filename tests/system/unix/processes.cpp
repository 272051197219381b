// tests/system/unix/processes.cpp: see processes.h.
#include "processes.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <sys/wait.h>
#include <unistd.h>

namespace guest {

pid_t fork_child() { return fork(); }

void end_child(int status) { _exit(status); }

// SIGCHLD is blocked and waited for, so that the limit is the wait's own and nothing is polled.
int wait_status(pid_t child, int limit_ms)
{
    if (child < 0)
        return -1;
    sigset_t changed, before;
    sigemptyset(&changed);
    sigaddset(&changed, SIGCHLD);
    sigprocmask(SIG_BLOCK, &changed, &before);
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    const long long end_ms = now.tv_sec * 1000ll + now.tv_nsec / 1'000'000 + limit_ms;
    int status = -1;
    for (;;) {
        if (waitpid(child, &status, WNOHANG) == child)
            break;
        clock_gettime(CLOCK_MONOTONIC, &now);
        const long long left_ms = end_ms - (now.tv_sec * 1000ll + now.tv_nsec / 1'000'000);
        if (left_ms <= 0) {
            kill(child, SIGKILL);
            (void)waitpid(child, &status, 0);
            status = -1;
            break;
        }
        const timespec left{static_cast<time_t>(left_ms / 1000),
                            static_cast<long>(left_ms % 1000 * 1'000'000)};
        (void)sigtimedwait(&changed, nullptr, &left);
    }
    sigprocmask(SIG_SETMASK, &before, nullptr);
    return status;
}

int status_of_script(const std::string& script)
{
    return wait_status(start_child([&] {
                           execl("/bin/sh", "sh", "-c", script.c_str(), static_cast<char*>(nullptr));
                           return 127;
                       }),
                       600'000);
}

int status_of_program(const char* path, const char* argument)
{
    return status_of([&] {
        execl(path, path, argument, static_cast<char*>(nullptr));
        return 126;
    });
}

std::string describe_status(int status)
{
    char text[32];
    if (status == -1)
        return "not ended";
    if (WIFSIGNALED(status))
        std::snprintf(text, sizeof text, "signal %d", WTERMSIG(status));
    else
        std::snprintf(text, sizeof text, "exit %d", WEXITSTATUS(status));
    return text;
}

namespace {

struct Slice {
    unsigned long number = 0, count = 1;

    Slice()
    {
        const char* text = std::getenv("PORTICO_SLICE");
        if (text != nullptr && std::sscanf(text, "%lu/%lu", &number, &count) != 2)
            number = 0, count = 1;
    }
};

const Slice& slice()
{
    static const Slice chosen;
    return chosen;
}

}  // namespace

bool in_slice(unsigned long index) { return index % slice().count == slice().number; }

bool whole_campaign() { return slice().count == 1; }

}  // namespace guest
