// tests/system/harness/command.h
//
// Runs a command of the build machine and keeps what it prints.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace portico::harness {

struct CommandResult {
    std::string output;  // Standard output and standard error as they came.
    int status = 0;      // As a shell tells it: 128 and the signal's number if a signal ended it.
    bool timed_out = false;
};

// The command and everything it started are killed when `limit` is over.
CommandResult run_command(const std::vector<std::string>& command, std::chrono::seconds limit);

}  // namespace portico::harness
