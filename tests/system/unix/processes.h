// tests/system/unix/processes.h
//
// Children of a test: made, awaited with a limit, and judged by how they ended.
#pragma once

#include <string>
#include <sys/types.h>

namespace guest {

// Runs `body` in a child, which then exits with its result; -1: no child could be made.
template <typename Body>
pid_t start_child(Body body);

// How a child ended, as wait() says it; -1 if it had not after `limit_ms` (it is killed then).
int wait_status(pid_t child, int limit_ms = 20'000);

// The same for a child that runs `body`, for `sh -c script`, and for a program.
template <typename Body>
int status_of(Body body);
int status_of_script(const std::string& script);
int status_of_program(const char* path, const char* argument = nullptr);

// "exit 3", "signal 11", "not ended": for messages.
std::string describe_status(int status);

// The part of a campaign that this run is to do: item `index` belongs to it.  PORTICO_SLICE is N/100 or all.
bool in_slice(unsigned long index);
bool whole_campaign();

pid_t fork_child();
[[noreturn]] void end_child(int status);

template <typename Body>
pid_t start_child(Body body)
{
    const pid_t child = fork_child();
    if (child == 0)
        end_child(body());
    return child;
}

template <typename Body>
int status_of(Body body)
{
    return wait_status(start_child(std::move(body)));
}

}  // namespace guest
