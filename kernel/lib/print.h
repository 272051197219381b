// kernel/lib/print.h
//
// The kernel's log: a ring in memory, which also shows on the early console for as long as the kernel has it.
//
// Formats are printf's, checked by the compiler: %d %i %u %x %X %o %c %s %p %%, with l, ll, z and j, width, precision, `-`,
// `0` and `#`.
//
// Lock        of the ring, LockRank::Console: one call's text is not torn apart.
#ifndef PORTICO_LIB_PRINT_H
#define PORTICO_LIB_PRINT_H

#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

[[gnu::format(printf, 1, 2)]] void kprint(const char* format, ...);
[[gnu::format(printf, 1, 0)]] void kvprint(const char* format, va_list arguments);

// Text as it is: host_log().
void log_write(std::string_view text);

// Copies what the ring holds from position `from` on, at most `into.size()` bytes; positions count the bytes ever
// logged.  Says how much, and where that ends; what has been overwritten is skipped.
struct LogRead {
    size_t size;
    uint64_t next;
};
LogRead log_read(uint64_t from, std::span<char> into);

// As snprintf: always ends in a null byte, and says how long the whole text is.
[[gnu::format(printf, 3, 4)]] size_t format_text(char* into, size_t size, const char* format, ...);
[[gnu::format(printf, 3, 0)]] size_t format_text_list(char* into, size_t size, const char* format,
                                                      va_list arguments);

#endif
