// unix-server/tty/terminal.h
//
// A terminal on a serial line: line discipline, output queue, controlling session, foreground group.
//
// Owns        what was received and not read, what was written and not yet sent.
// Lifetime    as long as the service.
// Lock        none (one event loop).
// Invariants  (L1) session_ is 0 or a session whose leader lives; foreground_ is a group of it.
//             (L2) output_ holds at most output_limit bytes plus one write's echo.
//             (L3) Input leaves the line discipline when the reply that carries it has been sent (design D17), and none is in two
//                  replies: a read that has copied its input only returns from there to its reply, so nothing else runs
//                  between the copy and CallContext::on_reply().
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <portico/event_loop.h>
#include <process_notices_interface.h>

#include "../support/channel.h"
#include "line_discipline.h"
#include "serial_line.h"

namespace portico {

// What tty knows of a process: announced by the process service.
struct TtyProcess {
    int32_t pid, pgid, sid;
};

class Terminal {
public:
    Terminal(mach::EventLoop& loop, std::string name, uint64_t device_number,
             std::unique_ptr<SerialLine> line, process_notices::Interface& notices);

    mach::Async<mach::Result<void>> read(const TtyProcess& reader, call_number_t call,
                                         mig::OutArray<char>& data, uint32_t amount, bool wait);
    mach::Async<mach::Result<uint32_t>> write(const TtyProcess& writer, call_number_t call, bool permitted,
                                              std::span<const char> data, bool wait);
    uint32_t ready() const;  // POLL* bits
    mach::Async<mach::Result<void>> drain(call_number_t call);

    const unix_termios_t& attributes() const { return discipline_.attributes(); }
    mach::Async<mach::Result<void>> set_attributes(const TtyProcess& who, call_number_t call, int when,
                                                   bool permitted, const unix_termios_t& attributes);
    unix_winsize_t window_size() const { return window_size_; }
    void set_window_size(const unix_winsize_t& size);
    mach::Result<void> flush(int queue);
    mach::Result<void> flow(int action);

    const std::string& name() const { return name_; }
    uint64_t device_number() const { return device_number_; }
    int32_t session() const { return session_; }
    int32_t foreground() const { return foreground_; }
    void set_foreground(int32_t pgid);
    void acquire(int32_t sid, int32_t pgid);
    void release();
    // The session's end: its foreground group hears SIGHUP, and the terminal is free.
    void hang_up();
    // Whether a process must not use it now: it belongs to its session, but the process is in the background.
    bool in_background(const TtyProcess& who) const;

    size_t readable() const { return discipline_.readable(); }
    WatchList& watches() { return watches_; }

private:
    static constexpr size_t output_limit = 16384;

    mach::Async<void> receive_from_line();
    mach::Async<void> send_to_line();
    void apply(const TerminalEffects& effects);
    mach::Async<mach::Result<void>> wait_for_foreground(const TtyProcess& reader, call_number_t call);
    bool input_is_enough(size_t asked) const;
    mach::Result<void> offer(mach::CallContext& call, mig::OutArray<char>& data, size_t asked);
    void input_changed();

    std::string name_;
    uint64_t device_number_;
    std::unique_ptr<SerialLine> line_;
    process_notices::Interface& notices_;
    LineDiscipline discipline_;
    std::string output_;
    bool sending_ = false;
    unix_winsize_t window_size_{24, 80, 0, 0};
    int32_t session_ = 0;
    int32_t foreground_ = 0;
    mach::WaitQueue input_arrived_;
    mach::WaitQueue foreground_changed_;
    mach::WaitQueue output_wanted_;
    mach::WaitQueue output_sent_;
    WatchList watches_;
    mach::EventLoop& loop_;
};

}  // namespace portico
