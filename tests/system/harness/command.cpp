// tests/system/harness/command.cpp
#include "command.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace portico::harness {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void become(const std::vector<std::string>& command, int output)
{
    std::vector<char*> arguments;
    for (const std::string& argument : command)
        arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    setpgid(0, 0);  // A group of its own, so that a time limit reaches all of it.
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    execvp(arguments[0], arguments.data());
    dprintf(STDERR_FILENO, "cannot run %s\n", arguments[0]);
    _exit(127);
}

// Reads until the end of the stream; false when the time is over first.
bool read_all(int input, std::string& output, Clock::time_point deadline)
{
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
        if (left.count() <= 0)
            return false;
        pollfd ready{.fd = input, .events = POLLIN, .revents = 0};
        if (poll(&ready, 1, static_cast<int>(left.count())) <= 0)
            continue;
        char buffer[65536];
        const ssize_t count = read(input, buffer, sizeof buffer);
        if (count <= 0)
            return true;
        output.append(buffer, static_cast<std::size_t>(count));
    }
}

}  // namespace

CommandResult run_command(const std::vector<std::string>& command, std::chrono::seconds limit)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        throw std::system_error(errno, std::generic_category(), "pipe2");
    const pid_t child = fork();
    if (child < 0)
        throw std::system_error(errno, std::generic_category(), "fork");
    if (child == 0)
        become(command, ends[1]);
    close(ends[1]);

    CommandResult result;
    result.timed_out = !read_all(ends[0], result.output, Clock::now() + limit);
    close(ends[0]);
    if (result.timed_out)
        kill(-child, SIGKILL);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    result.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return result;
}

}  // namespace portico::harness
