// kernel/lib/print.cpp: the log ring and panic(); see lib/print.h and lib/assert.h.
#include <lib/print.h>

#include <algorithm>
#include <array>
#include <atomic>

#include <lib/assert.h>
#include <lib/lock.h>
#include <machine/console.h>
#include <machine/processor.h>

namespace {

constexpr size_t line_limit = 512;  // Longer texts of one call are cut.

SpinLock<LockRank::Console> log_lock;
std::array<char, 65536> ring GUARDED_BY(log_lock);
uint64_t logged GUARDED_BY(log_lock) = 0;  // Bytes, ever.
std::atomic<bool> panicking = false;

void append(std::string_view text) REQUIRES(log_lock)
{
    for (char c : text) {
        ring[logged++ % ring.size()] = c;
        machine::console_put(c);
    }
}

}  // namespace

void log_write(std::string_view text)
{
    if (panicking.load(std::memory_order_relaxed)) {  // Whoever holds the lock will not let it go any more.
        for (char c : text)
            machine::console_put(c);
        return;
    }
    Guard guard{log_lock};
    append(text);
}

void kvprint(const char* format, va_list arguments)
{
    char text[line_limit];
    const size_t size = format_text_list(text, sizeof text, format, arguments);
    log_write({text, std::min(size, sizeof text - 1)});
}

void kprint(const char* format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    kvprint(format, arguments);
    va_end(arguments);
}

LogRead log_read(uint64_t from, std::span<char> into)
{
    Guard guard{log_lock};
    const uint64_t oldest = logged > ring.size() ? logged - ring.size() : 0;
    uint64_t position = std::clamp(from, oldest, logged);
    size_t size = 0;
    while (size < into.size() && position < logged)
        into[size++] = ring[position++ % ring.size()];
    return {size, position};
}

void panic(const char* format, ...)
{
    const bool again = panicking.exchange(true);
    if (!again)
        machine::stop_other_processors();
    machine::console_take_back();
    va_list arguments;
    va_start(arguments, format);
    kprint(again ? "\npanic while panicking: " : "\npanic: ");
    kvprint(format, arguments);
    kprint("\n");
    va_end(arguments);
    machine::stop_after_panic(again);
}

void assertion_failed(const char* condition, const char* why, const char* file, int line)
{
    panic("%s:%d: %s does not hold (%s)", file, line, condition, why);
}
