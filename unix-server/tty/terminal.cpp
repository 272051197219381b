#include "terminal.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <poll.h>
#include <termios.h>

namespace portico {

namespace {

constexpr uint64_t tenth_of_second_ns = 100'000'000;

mach::Result<void> interrupted() { return unix_failure(EINTR); }

}  // namespace

Terminal::Terminal(mach::EventLoop& loop, std::string name, uint64_t device_number,
                   std::unique_ptr<SerialLine> line, process_notices::Interface& notices)
    : name_{std::move(name)},
      device_number_{device_number},
      line_{std::move(line)},
      notices_{notices},
      loop_{loop}
{
    if (!loop.spawn(receive_from_line()) || !loop.spawn(send_to_line()))
        std::abort();  // At start-up, with all memory free.
}

// ---- The line.

mach::Async<void> Terminal::receive_from_line()
{
    for (;;) {
        mach::Result<std::string> bytes = co_await line_->read();
        if (!bytes) {
            // The driver has died; the next one is there when this send succeeds again.
            static_cast<void>(co_await loop_.sleep_until(loop_.now() + tenth_of_second_ns));
            continue;
        }
        apply(discipline_.receive(*bytes));
    }
}

mach::Async<void> Terminal::send_to_line()
{
    for (;;) {
        while (output_.empty() || discipline_.output_stopped())
            static_cast<void>(co_await output_wanted_.wait_to_the_end());
        sending_ = true;
        const std::string piece = output_.substr(0, UNIX_IO_MAX);
        const mach::Result<size_t> sent = co_await line_->write(piece);
        sending_ = false;
        if (!sent) {
            static_cast<void>(co_await loop_.sleep_until(loop_.now() + tenth_of_second_ns));
            continue;
        }
        // A flush may have emptied the queue meanwhile; what is there now begins with the same bytes otherwise.
        if (output_.starts_with(piece.substr(0, *sent)))
            output_.erase(0, *sent);
        output_sent_.wake_all();
        watches_.fire(ready());
    }
}

void Terminal::apply(const TerminalEffects& effects)
{
    if (effects.flush_output)
        output_.clear();
    output_ += effects.output;
    if (!output_.empty())
        output_wanted_.wake_all();
    for (const int signal : effects.signals) {
        if (foreground_ != 0)
            notices_.signal_group(foreground_, signal);
    }
    if (effects.input_became_readable)
        input_changed();
}

void Terminal::input_changed()
{
    input_arrived_.wake_all();
    watches_.fire(ready());
}

// ---- Reading.

bool Terminal::in_background(const TtyProcess& who) const
{
    return session_ != 0 && who.sid == session_ && who.pgid != foreground_;
}

bool Terminal::input_is_enough(size_t asked) const
{
    if (discipline_.canonical())
        return discipline_.has_line();
    const size_t minimum = attributes().c_cc[VMIN];
    if (minimum == 0)
        return discipline_.readable() > 0;
    return discipline_.readable() >= std::min<size_t>(minimum, std::max<size_t>(asked, 1));
}

mach::Async<mach::Result<void>> Terminal::read(const TtyProcess& reader, call_number_t call,
                                               mig::OutArray<char>& data, uint32_t amount, bool wait)
{
    const size_t asked = std::min<size_t>(amount, data.capacity());
    data.set_count(0);
    mach::Time deadline = mach::never;
    size_t seen = 0;
    if (in_background(reader))
        co_return mach::failure(UNIX_ERROR_BACKGROUND);
    for (;;) {
        if (asked == 0)
            co_return {};
        if (input_is_enough(asked))
            break;
        const bool canonical = discipline_.canonical();
        const uint64_t time = canonical ? 0 : attributes().c_cc[VTIME];
        const bool polls = !canonical && attributes().c_cc[VMIN] == 0;
        if (polls && time == 0)
            co_return {};
        if (!wait)
            co_return unix_failure(EAGAIN);
        // VTIME runs from the call if VMIN is 0, else from each byte on.
        const size_t present = discipline_.readable();
        if (time != 0 && (deadline == mach::never ? polls || present > 0 : !polls && present != seen))
            deadline = loop_.now() + time * tenth_of_second_ns;
        seen = present;
        const mach::Result<void> woken = co_await input_arrived_.wait(call, deadline);
        const bool timed_out = !woken && woken.error() == KERN_OPERATION_TIMED_OUT;
        if (!woken && !timed_out)
            co_return interrupted();
        CO_TRY(co_await wait_for_foreground(reader, call));
        if (timed_out)
            break;
    }
    if (discipline_.canonical() && !discipline_.has_line())
        co_return {};
    co_return offer(co_await mach::this_call(), data, asked);
}

// Answers a read with the input that is there, which goes when the answer has been sent (L3).
mach::Result<void> Terminal::offer(mach::CallContext& call, mig::OutArray<char>& data, size_t asked)
{
    const auto leave_the_rest_to_others = [this] {
        if (input_is_enough(1))
            input_arrived_.wake_all();  // One alone might be in the background.
    };
    if (call.state() != KERN_SUCCESS) {
        leave_the_rest_to_others();  // Its client went after it was woken.
        return interrupted();
    }
    const size_t offered = discipline_.peek({data.data(), asked});
    data.set_count(static_cast<uint32_t>(offered));
    call.on_reply([this, offered, leave_the_rest_to_others](bool delivered) {
        if (delivered)
            discipline_.consume(offered);
        leave_the_rest_to_others();
    });
    return {};
}

// Whoever is moved to the background while it waits to read has been stopped, as a rule: an answer would reach it when
// it is in the foreground again, and be wrong.  So it goes on waiting, and what is typed meanwhile is for others.
mach::Async<mach::Result<void>> Terminal::wait_for_foreground(const TtyProcess& reader, call_number_t call)
{
    while (in_background(reader)) {
        if (!co_await foreground_changed_.wait(call))
            co_return interrupted();
    }
    co_return {};
}

// ---- Writing.

mach::Async<mach::Result<uint32_t>> Terminal::write(const TtyProcess& writer, call_number_t call,
                                                    bool permitted, std::span<const char> data, bool wait)
{
    size_t done = 0;
    while (done < data.size()) {
        if (!permitted && (attributes().c_lflag & TOSTOP) != 0 && in_background(writer))
            co_return mach::failure(UNIX_ERROR_BACKGROUND);
        if (output_.size() >= output_limit) {
            if (!wait)
                co_return done > 0 ? mach::Result<uint32_t>{static_cast<uint32_t>(done)}
                                   : unix_failure(EAGAIN);
            if (!co_await output_sent_.wait(call))
                co_return done > 0 ? mach::Result<uint32_t>{static_cast<uint32_t>(done)}
                                   : unix_failure(EINTR);
            continue;
        }
        const auto piece = data.subspan(done, std::min(data.size() - done, output_limit - output_.size()));
        output_ += discipline_.process_output(piece);
        output_wanted_.wake_all();
        done += piece.size();
    }
    co_return static_cast<uint32_t>(done);
}

mach::Async<mach::Result<void>> Terminal::drain(call_number_t call)
{
    while (!output_.empty() || sending_) {
        if (!co_await output_sent_.wait(call))
            co_return interrupted();
    }
    co_return co_await line_->drain();
}

uint32_t Terminal::ready() const
{
    uint32_t bits = 0;
    if (discipline_.canonical() ? discipline_.has_line() : discipline_.readable() > 0)
        bits |= POLLIN | POLLRDNORM;
    if (output_.size() < output_limit)
        bits |= POLLOUT | POLLWRNORM;
    return bits;
}

// ---- Attributes.

mach::Async<mach::Result<void>> Terminal::set_attributes(const TtyProcess& who, call_number_t call, int when,
                                                         bool permitted, const unix_termios_t& attributes)
{
    if (when != TCSANOW && when != TCSADRAIN && when != TCSAFLUSH)
        co_return unix_failure(EINVAL);
    if (!permitted && in_background(who))
        co_return mach::failure(UNIX_ERROR_BACKGROUND);
    if (when != TCSANOW)
        CO_TRY(co_await drain(call));
    if (when == TCSAFLUSH)
        discipline_.flush_input();
    discipline_.set_attributes(attributes);
    input_changed();
    co_return {};
}

void Terminal::set_window_size(const unix_winsize_t& size)
{
    if (std::memcmp(&size, &window_size_, sizeof size) == 0)
        return;
    window_size_ = size;
    if (foreground_ != 0)
        notices_.signal_group(foreground_, SIGWINCH);
}

mach::Result<void> Terminal::flush(int queue)
{
    if (queue != TCIFLUSH && queue != TCOFLUSH && queue != TCIOFLUSH)
        return unix_failure(EINVAL);
    if (queue != TCOFLUSH)
        discipline_.flush_input();
    if (queue != TCIFLUSH) {
        output_.clear();
        output_sent_.wake_all();
    }
    return {};
}

mach::Result<void> Terminal::flow(int action)
{
    switch (action) {
    case TCOOFF:
        discipline_.set_output_stopped(true);
        return {};
    case TCOON:
        discipline_.set_output_stopped(false);
        output_wanted_.wake_all();
        return {};
    case TCIOFF:
    case TCION: {
        const char byte = static_cast<char>(attributes().c_cc[action == TCIOFF ? VSTOP : VSTART]);
        output_ += byte;
        output_wanted_.wake_all();
        return {};
    }
    default:
        return unix_failure(EINVAL);
    }
}

// ---- Who it belongs to.

void Terminal::set_foreground(int32_t pgid)
{
    foreground_ = pgid;
    foreground_changed_.wake_all();
}

void Terminal::acquire(int32_t sid, int32_t pgid)
{
    session_ = sid;
    set_foreground(pgid);
}

void Terminal::hang_up()
{
    if (foreground_ != 0) {
        notices_.signal_group(foreground_, SIGHUP);
        notices_.signal_group(foreground_, SIGCONT);
    }
    release();
}

void Terminal::release()
{
    session_ = 0;
    set_foreground(0);
}

}  // namespace portico
