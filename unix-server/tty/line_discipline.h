// unix-server/tty/line_discipline.h
//
// What a terminal does to bytes on their way in and out: POSIX's general terminal interface, with no message,
// timer or process in it.  The terminal feeds it what the line received and what programs write, and carries
// out the effects it returns.
//
// Owns        the input not yet read, the line being edited, the output column.
// Lifetime    part of its Terminal.
// Lock        none: the tty service is one event loop, and nothing here waits.
// Invariants  (T1) ready_ is what has been completed; in canonical mode its lines end at line_ends_, which are
//                  rising offsets into ready_, the last one at its end.
//             (T2) In canonical mode edited_ holds the line that no delimiter has completed yet; otherwise it is empty.
//             (T3) ready_ and edited_ together never hold more than input_limit bytes.
// Background  POSIX.1-2017, XBD chapter 11.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <portico/unix_types.h>
#include <span>
#include <string>
#include <vector>

namespace portico {

// What has to happen because of some input: bytes to the line, signals to the foreground group.
struct TerminalEffects {
    std::string output;
    std::vector<int> signals;
    bool input_became_readable = false;
    bool flush_output = false;  // The output that was queued before these effects is to be dropped.
};

class LineDiscipline {
public:
    static constexpr size_t input_limit = 8192;  // Bytes; MAX_CANON and MAX_INPUT of this system.

    LineDiscipline();

    const unix_termios_t& attributes() const { return attributes_; }
    void set_attributes(const unix_termios_t& attributes);

    TerminalEffects receive(std::span<const char> bytes);
    TerminalEffects receive_break();

    // Output processing of what a program writes (OPOST).  The column is kept for the erasing of tabs.
    std::string process_output(std::span<const char> bytes);

    // In canonical mode: whether a line (perhaps an empty one: end of file) is complete.
    bool has_line() const { return !line_ends_.empty(); }
    bool canonical() const;
    // How many bytes a read could take now: of the first line in canonical mode, of all input otherwise.
    size_t readable() const;
    // What a read is answered with: at most `to.size()` bytes of the first line, or of all input.  0 in canonical mode is an
    // end of file.
    size_t peek(std::span<char> to) const;
    // These bytes, or this end of file, have been read: they go.  `amount` is what peek() said.
    void consume(size_t amount);

    void flush_input();

    // Output is held back since the user typed STOP or a program called tcflow(TCOOFF).
    bool output_stopped() const { return stopped_; }
    void set_output_stopped(bool stopped) { stopped_ = stopped; }

private:
    void receive_byte(uint8_t byte, TerminalEffects& effects);
    bool receive_signal(uint8_t byte, TerminalEffects& effects);
    bool receive_flow_control(uint8_t byte);
    bool receive_editing(uint8_t byte, TerminalEffects& effects);
    void receive_data(uint8_t byte, TerminalEffects& effects);
    void complete_line(TerminalEffects& effects);

    bool is_control(size_t index, uint8_t byte) const;
    bool local(uint32_t flag) const { return (attributes_.c_lflag & flag) != 0; }
    bool input(uint32_t flag) const { return (attributes_.c_iflag & flag) != 0; }

    void echo(uint8_t byte, TerminalEffects& effects);
    void echo_raw(std::string_view text, TerminalEffects& effects);
    void erase_character(TerminalEffects& effects);
    void erase_word(TerminalEffects& effects);
    void kill_line(TerminalEffects& effects);
    void reprint_line(TerminalEffects& effects);
    size_t width_at(size_t index) const;
    void advance_column(std::string_view text);

    unix_termios_t attributes_{};
    std::deque<char> ready_;
    std::deque<size_t> line_ends_;
    std::string edited_;
    size_t column_ = 0;      // Where the next output byte goes, for tabs.
    size_t line_start_ = 0;  // The column at which the echo of edited_ began.
    bool literal_next_ = false;
    bool stopped_ = false;
};

// The attributes of a terminal that nobody has set yet: canonical, echoing, 38400 8N1.
unix_termios_t default_terminal_attributes();

}  // namespace portico
