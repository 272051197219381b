// tests/system/harness/pty_session.cpp
#include "pty_session.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace portico::harness {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

milliseconds until(Clock::time_point deadline)
{
    return std::max(milliseconds{0}, std::chrono::duration_cast<milliseconds>(deadline - Clock::now()));
}

}  // namespace

PtySession::PtySession(const std::vector<std::string>& command, unsigned short rows, unsigned short columns)
{
    const winsize size{.ws_row = rows, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
    std::vector<char*> arguments;
    for (const std::string& argument : command)
        arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    child_ = forkpty(&terminal_, nullptr, nullptr, &size);
    if (child_ < 0)
        throw std::system_error(errno, std::generic_category(), "forkpty");
    if (child_ == 0) {
        setenv("TERM", "vt100", 1);
        execvp(arguments[0], arguments.data());
        _exit(127);
    }
}

PtySession::~PtySession()
{
    if (child_ > 0) {
        // SIGTERM first: ./run then takes QEMU with it.
        kill(child_, SIGTERM);
        if (wait(std::chrono::seconds{5}) < 0) {
            kill(-child_, SIGKILL);
            waitpid(child_, nullptr, 0);
        }
    }
    close(terminal_);
}

void PtySession::type(std::string_view keys)
{
    while (!keys.empty()) {
        const ssize_t written = write(terminal_, keys.data(), keys.size());
        if (written < 0 && errno != EINTR)
            return;  // The session has ended; the next expect() tells.
        keys.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
}

bool PtySession::expect(std::string_view wanted, std::chrono::seconds patience)
{
    const Clock::time_point deadline = Clock::now() + patience;
    for (;;) {
        const std::size_t found = seen_.find(wanted, searched_);
        if (found != std::string::npos) {
            searched_ = found + wanted.size();
            return true;
        }
        if (until(deadline) == milliseconds{0} || !read_some(until(deadline)))
            return false;
    }
}

bool PtySession::stays_without(std::string_view unwanted, milliseconds how_long)
{
    const Clock::time_point deadline = Clock::now() + how_long;
    while (until(deadline) > milliseconds{0} && read_some(until(deadline))) {
    }
    return seen_.find(unwanted, searched_) == std::string::npos;
}

int PtySession::wait(std::chrono::seconds patience)
{
    const Clock::time_point deadline = Clock::now() + patience;
    int status = 0;
    while (waitpid(child_, &status, WNOHANG) == 0) {
        if (until(deadline) == milliseconds{0})
            return -1;
        if (!read_some(milliseconds{50}))
            usleep(20'000);
    }
    child_ = -1;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

// False at the end of the terminal's life, or when nothing came.
bool PtySession::read_some(milliseconds patience)
{
    pollfd ready{.fd = terminal_, .events = POLLIN, .revents = 0};
    if (poll(&ready, 1, static_cast<int>(patience.count())) <= 0)
        return false;
    char buffer[4096];
    const ssize_t count = read(terminal_, buffer, sizeof buffer);
    if (count <= 0)
        return false;
    seen_.append(buffer, static_cast<std::size_t>(count));
    return true;
}

void PtySession::forget_what_was_shown()
{
    seen_.clear();
    searched_ = 0;
}

std::string PtySession::transcript() const
{
    std::string shown;
    for (const char character : seen_) {
        const auto code = static_cast<unsigned char>(character);
        if (character == '\n' || (code >= ' ' && code != 0x7F)) {
            shown.push_back(character);
        } else if (character != '\r') {
            char text[8];
            std::snprintf(text, sizeof text, "\\x%02x", code);
            shown += text;
        }
    }
    return shown;
}

}  // namespace portico::harness
