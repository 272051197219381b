// tests/system/harness/pty_session.h
//
// ./run as a person meets it: on a pseudo-terminal, typed to and read from.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace portico::harness {

class PtySession {
public:
    // Starts `command` on a new terminal of the given size.
    PtySession(const std::vector<std::string>& command, unsigned short rows, unsigned short columns);
    ~PtySession();  // Kills what still runs.
    PtySession(const PtySession&) = delete;
    PtySession& operator=(const PtySession&) = delete;

    void type(std::string_view keys);

    // Waits until `wanted` appears after what earlier calls have found; false when the patience is over first.
    bool expect(std::string_view wanted, std::chrono::seconds patience = std::chrono::seconds{30});

    // True if `unwanted` does not appear for so long.
    bool stays_without(std::string_view unwanted, std::chrono::milliseconds how_long);

    // Waits for the command to end by itself and returns its status, or -1 when the patience is over.
    int wait(std::chrono::seconds patience);

    // What comes from now on is searched and shown alone.
    void forget_what_was_shown();

    // All that appeared, with control characters made visible: what a failed test shows.
    std::string transcript() const;

private:
    bool read_some(std::chrono::milliseconds patience);

    int terminal_ = -1;
    pid_t child_ = -1;
    std::string seen_;
    std::size_t searched_ = 0;
};

}  // namespace portico::harness
