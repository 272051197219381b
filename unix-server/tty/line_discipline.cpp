#include "line_discipline.h"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <string_view>
#include <termios.h>
#include <unistd.h>

namespace portico {

namespace {

constexpr uint8_t disabled_character = _POSIX_VDISABLE;
constexpr size_t tab_width = 8;

constexpr uint8_t control(char letter) { return static_cast<uint8_t>(letter & 0x1f); }

bool is_continuation(char byte) { return (static_cast<uint8_t>(byte) & 0xc0) == 0x80; }

bool is_printed_as_caret(uint8_t byte)
{
    return (byte < 0x20 && byte != '\t' && byte != '\n') || byte == 0x7f;
}

}  // namespace

unix_termios_t default_terminal_attributes()
{
    unix_termios_t attributes{};
    attributes.c_iflag = BRKINT | ICRNL | IXON;
    attributes.c_oflag = OPOST | ONLCR;
    attributes.c_cflag = B115200 | CS8 | CREAD | CLOCAL;
    attributes.c_lflag = ISIG | ICANON | IEXTEN | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE;
    attributes.c_ispeed = attributes.c_ospeed = B115200;
    std::memset(attributes.c_cc, disabled_character, sizeof attributes.c_cc);
    attributes.c_cc[VINTR] = control('C');
    attributes.c_cc[VQUIT] = control('\\');
    attributes.c_cc[VERASE] = 0x7f;
    attributes.c_cc[VKILL] = control('U');
    attributes.c_cc[VEOF] = control('D');
    attributes.c_cc[VSTART] = control('Q');
    attributes.c_cc[VSTOP] = control('S');
    attributes.c_cc[VSUSP] = control('Z');
    attributes.c_cc[VREPRINT] = control('R');
    attributes.c_cc[VWERASE] = control('W');
    attributes.c_cc[VLNEXT] = control('V');
    attributes.c_cc[VMIN] = 1;
    attributes.c_cc[VTIME] = 0;
    return attributes;
}

LineDiscipline::LineDiscipline() : attributes_{default_terminal_attributes()} {}

bool LineDiscipline::canonical() const { return local(ICANON); }

// A change of mode keeps what was typed: leaving canonical mode makes the line under edit readable as it is;
// entering it makes lines of what is there, and the rest is edited on.
void LineDiscipline::set_attributes(const unix_termios_t& attributes)
{
    const bool was_canonical = canonical();
    attributes_ = attributes;
    if (was_canonical == canonical())
        return;

    if (was_canonical) {
        ready_.insert(ready_.end(), edited_.begin(), edited_.end());
        edited_.clear();
        line_ends_.clear();
        return;
    }
    for (size_t i = 0; i < ready_.size(); ++i) {
        if (ready_[i] == '\n')
            line_ends_.push_back(i + 1);
    }
    const size_t complete = line_ends_.empty() ? 0 : line_ends_.back();
    edited_.assign(ready_.begin() + static_cast<ptrdiff_t>(complete), ready_.end());
    ready_.resize(complete);
}

TerminalEffects LineDiscipline::receive(std::span<const char> bytes)
{
    TerminalEffects effects;
    for (const char byte : bytes)
        receive_byte(static_cast<uint8_t>(byte), effects);
    return effects;
}

TerminalEffects LineDiscipline::receive_break()
{
    TerminalEffects effects;
    if (input(IGNBRK))
        return effects;
    if (input(BRKINT)) {
        flush_input();
        effects.flush_output = true;
        effects.signals.push_back(SIGINT);
        return effects;
    }
    receive_data('\0', effects);
    return effects;
}

bool LineDiscipline::is_control(size_t index, uint8_t byte) const
{
    return attributes_.c_cc[index] != disabled_character && attributes_.c_cc[index] == byte;
}

void LineDiscipline::receive_byte(uint8_t byte, TerminalEffects& effects)
{
    if (input(ISTRIP))
        byte &= 0x7f;

    if (literal_next_) {
        literal_next_ = false;
        receive_data(byte, effects);
        return;
    }
    if (local(ISIG) && receive_signal(byte, effects))
        return;
    if (input(IXON) && receive_flow_control(byte))
        return;

    if (byte == '\r') {
        if (input(IGNCR))
            return;
        if (input(ICRNL))
            byte = '\n';
    } else if (byte == '\n' && input(INLCR)) {
        byte = '\r';
    }

    if (canonical() && receive_editing(byte, effects))
        return;
    receive_data(byte, effects);
}

bool LineDiscipline::receive_signal(uint8_t byte, TerminalEffects& effects)
{
    int signal = 0;
    if (is_control(VINTR, byte))
        signal = SIGINT;
    else if (is_control(VQUIT, byte))
        signal = SIGQUIT;
    else if (is_control(VSUSP, byte))
        signal = SIGTSTP;
    else
        return false;

    if (!local(NOFLSH)) {
        flush_input();
        effects.flush_output = true;
        effects.output.clear();
    }
    if (local(ECHO))
        echo(byte, effects);
    stopped_ = false;
    effects.signals.push_back(signal);
    return true;
}

bool LineDiscipline::receive_flow_control(uint8_t byte)
{
    if (is_control(VSTOP, byte)) {
        stopped_ = true;
        return true;
    }
    if (is_control(VSTART, byte)) {
        stopped_ = false;
        return true;
    }
    if (stopped_ && input(IXANY))
        stopped_ = false;
    return false;
}

bool LineDiscipline::receive_editing(uint8_t byte, TerminalEffects& effects)
{
    if (is_control(VERASE, byte)) {
        erase_character(effects);
    } else if (is_control(VKILL, byte)) {
        kill_line(effects);
    } else if (is_control(VEOF, byte)) {
        complete_line(effects);
    } else if (local(IEXTEN) && is_control(VWERASE, byte)) {
        erase_word(effects);
    } else if (local(IEXTEN) && is_control(VREPRINT, byte)) {
        reprint_line(effects);
    } else if (local(IEXTEN) && is_control(VLNEXT, byte)) {
        literal_next_ = true;
        if (local(ECHO) && local(ECHOCTL))
            echo_raw("^\b", effects);
    } else {
        return false;
    }
    return true;
}

void LineDiscipline::receive_data(uint8_t byte, TerminalEffects& effects)
{
    const bool ends_line = canonical() && (byte == '\n' || is_control(VEOL, byte));
    if (ready_.size() + edited_.size() >=
        input_limit - (ends_line ? 0 : 1)) {  // (T3); room for the delimiter is kept.
        if (input(IMAXBEL))
            effects.output.push_back('\a');
        return;
    }

    if (edited_.empty())
        line_start_ = column_;
    if (local(ECHO) || (byte == '\n' && local(ECHONL) && canonical()))
        echo(byte, effects);

    if (!canonical()) {
        ready_.push_back(static_cast<char>(byte));
        effects.input_became_readable = true;
        return;
    }
    edited_.push_back(static_cast<char>(byte));
    if (ends_line)
        complete_line(effects);
}

void LineDiscipline::complete_line(TerminalEffects& effects)
{
    ready_.insert(ready_.end(), edited_.begin(), edited_.end());
    line_ends_.push_back(ready_.size());
    edited_.clear();
    effects.input_became_readable = true;
}

size_t LineDiscipline::readable() const
{
    if (!canonical())
        return ready_.size();
    return line_ends_.empty() ? 0 : line_ends_.front();
}

size_t LineDiscipline::peek(std::span<char> to) const
{
    const size_t amount = std::min(to.size(), readable());
    std::copy_n(ready_.begin(), amount, to.begin());
    return amount;
}

void LineDiscipline::consume(size_t amount)
{
    ready_.erase(ready_.begin(), ready_.begin() + static_cast<ptrdiff_t>(amount));
    if (!canonical())
        return;

    for (size_t& end : line_ends_)
        end -= amount;
    // A line that ended exactly here is gone; so is an end of file (an empty line) that this read reports by 0.
    if (!line_ends_.empty() && line_ends_.front() == 0)
        line_ends_.pop_front();
}

void LineDiscipline::flush_input()
{
    ready_.clear();
    line_ends_.clear();
    edited_.clear();
    literal_next_ = false;
}

std::string LineDiscipline::process_output(std::span<const char> bytes)
{
    std::string out;
    out.reserve(bytes.size() + 16);
    const bool process = (attributes_.c_oflag & OPOST) != 0;
    for (const char byte : bytes) {
        if (process && byte == '\n' && (attributes_.c_oflag & ONLCR) != 0)
            out += "\r\n";
        else if (process && byte == '\r' && (attributes_.c_oflag & OCRNL) != 0)
            out += '\n';
        else if (process && byte == '\r' && (attributes_.c_oflag & ONOCR) != 0 && column_ == 0)
            continue;
        else
            out += byte;
        advance_column({&byte, 1});
    }
    return out;
}

void LineDiscipline::advance_column(std::string_view text)
{
    for (const char byte : text) {
        if (byte == '\n' || byte == '\r')
            column_ = 0;
        else if (byte == '\b')
            column_ -= column_ > 0 ? 1 : 0;
        else if (byte == '\t')
            column_ = (column_ / tab_width + 1) * tab_width;
        else if (static_cast<uint8_t>(byte) >= 0x20 && !is_continuation(byte))
            ++column_;
    }
}

void LineDiscipline::echo_raw(std::string_view text, TerminalEffects& effects)
{
    effects.output += text;
    advance_column(text);
}

void LineDiscipline::echo(uint8_t byte, TerminalEffects& effects)
{
    if (byte == '\n') {
        effects.output +=
            (attributes_.c_oflag & OPOST) != 0 && (attributes_.c_oflag & ONLCR) != 0 ? "\r\n" : "\n";
        column_ = 0;
        return;
    }
    const char raw = static_cast<char>(byte);
    if (local(ECHOCTL) && is_printed_as_caret(byte)) {
        const char caret[2] = {'^', static_cast<char>(byte ^ 0x40)};
        echo_raw({caret, 2}, effects);
        return;
    }
    echo_raw({&raw, 1}, effects);
}

// How many columns the character that starts at edited_[index] took on the screen.
size_t LineDiscipline::width_at(size_t index) const
{
    size_t column = line_start_;
    size_t width = 0;
    for (size_t i = 0; i <= index; ++i) {
        const auto byte = static_cast<uint8_t>(edited_[i]);
        if (is_continuation(edited_[i]))
            width = 0;
        else if (byte == '\t')
            width = tab_width - column % tab_width;
        else if (is_printed_as_caret(byte))
            width = local(ECHOCTL) ? 2 : 0;
        else
            width = 1;
        column += width;
    }
    return width;
}

void LineDiscipline::erase_character(TerminalEffects& effects)
{
    if (edited_.empty())
        return;
    size_t start = edited_.size() - 1;
    while (start > 0 && input(IUTF8) && is_continuation(edited_[start]))
        --start;
    const size_t width = width_at(start);
    edited_.resize(start);
    if (!local(ECHO))
        return;
    if (!local(ECHOE)) {
        echo(attributes_.c_cc[VERASE], effects);
        return;
    }
    for (size_t i = 0; i < width; ++i)
        echo_raw("\b \b", effects);
}

void LineDiscipline::erase_word(TerminalEffects& effects)
{
    const auto is_blank = [](char byte) { return byte == ' ' || byte == '\t'; };
    while (!edited_.empty() && is_blank(edited_.back()))
        erase_character(effects);
    while (!edited_.empty() && !is_blank(edited_.back()))
        erase_character(effects);
}

void LineDiscipline::kill_line(TerminalEffects& effects)
{
    if (local(ECHOKE) && local(ECHOE)) {
        while (!edited_.empty())
            erase_character(effects);
        return;
    }
    edited_.clear();
    if (!local(ECHO))
        return;
    echo(attributes_.c_cc[VKILL], effects);
    if (local(ECHOK))
        echo('\n', effects);
}

void LineDiscipline::reprint_line(TerminalEffects& effects)
{
    if (!local(ECHO))
        return;
    echo(attributes_.c_cc[VREPRINT], effects);
    echo('\n', effects);
    line_start_ = column_;
    for (const char byte : edited_)
        echo(static_cast<uint8_t>(byte), effects);
}

}  // namespace portico
