// kernel/arch/x86_64/string.cpp
//
// The memory functions that the compiler calls.  From long_size on they are string instructions of eight bytes: QEMU's -icount
// counts each turn of one as an instruction, so a loop costs two to three times as much.  Below, starting one would cost a
// processor more than the loop.  The odd bytes at the end are a word that overlaps the last one.
#include <cstddef>
#include <cstdint>
#include <string.h>

namespace {

using Word [[gnu::may_alias]] = uint64_t;
using Half [[gnu::may_alias]] = uint32_t;

Word& word(void* at) { return *static_cast<Word*>(at); }
Word word(const void* at) { return *static_cast<const Word*>(at); }
Half& half(void* at) { return *static_cast<Half*>(at); }
Half half(const void* at) { return *static_cast<const Half*>(at); }

constexpr size_t long_size = 128;

// Fewer than eight bytes: all are read before any is written.
[[gnu::always_inline]] inline void copy_few(unsigned char* out, const unsigned char* in, size_t size)
{
    if (size >= 4) {
        const Half first = half(in), last = half(in + size - 4);
        half(out) = first;
        half(out + size - 4) = last;
    } else if (size != 0) {
        const unsigned char first = in[0], middle = in[size / 2], last = in[size - 1];
        out[0] = first;
        out[size / 2] = middle;
        out[size - 1] = last;
    }
}

// Upwards, so that `out` may overlap `in` from below: each word is read before anything at or above it is written, and the
// last one before all.
[[gnu::always_inline]] inline void copy_up(unsigned char* out, const unsigned char* in, size_t size)
{
    if (size < 8)
        return copy_few(out, in, size);
    const Word last = word(in + size - 8);
    unsigned char* const last_out = out + size - 8;
    if (size >= long_size) {
        size_t words = size / 8;
        asm volatile("rep movsq" : "+D"(out), "+S"(in), "+c"(words) : : "memory");
        size = 0;
    }
    for (; size > 32; size -= 32, out += 32, in += 32) {
        const Word a = word(in), b = word(in + 8), c = word(in + 16), d = word(in + 24);
        word(out) = a;
        word(out + 8) = b;
        word(out + 16) = c;
        word(out + 24) = d;
    }
    for (; size > 8; size -= 8, out += 8, in += 8)
        word(out) = word(in);
    word(last_out) = last;
}

}  // namespace

extern "C" {

void* memcpy(void* to, const void* from, size_t size)
{
    copy_up(static_cast<unsigned char*>(to), static_cast<const unsigned char*>(from), size);
    return to;
}

void* memmove(void* to, const void* from, size_t size)
{
    auto* out = static_cast<unsigned char*>(to);
    auto* in = static_cast<const unsigned char*>(from);
    if (reinterpret_cast<uintptr_t>(out) - reinterpret_cast<uintptr_t>(in) >= size) {
        copy_up(out, in, size);
        return to;
    }
    for (out += size, in += size; size >= 8; size -= 8) {
        out -= 8;
        in -= 8;
        word(out) = word(in);
    }
    for (; size != 0; --size)
        *--out = *--in;
    return to;
}

void* memset(void* to, int byte, size_t size)
{
    auto* out = static_cast<unsigned char*>(to);
    const Word pattern = 0x0101010101010101u * static_cast<unsigned char>(byte);
    if (size < 8) {
        for (; size != 0; --size)
            *out++ = static_cast<unsigned char>(byte);
        return to;
    }
    word(out + size - 8) = pattern;
    if (size >= long_size) {
        size_t words = size / 8;
        asm volatile("rep stosq" : "+D"(out), "+c"(words) : "a"(pattern) : "memory");
        return to;
    }
    for (; size > 32; size -= 32, out += 32) {
        word(out) = pattern;
        word(out + 8) = pattern;
        word(out + 16) = pattern;
        word(out + 24) = pattern;
    }
    for (; size > 8; size -= 8, out += 8)
        word(out) = pattern;
    return to;
}

int memcmp(const void* a, const void* b, size_t size)
{
    auto* x = static_cast<const unsigned char*>(a);
    auto* y = static_cast<const unsigned char*>(b);
    for (; size >= 8 && word(x) == word(y); size -= 8, x += 8, y += 8) {
    }
    for (; size != 0; --size, ++x, ++y) {
        if (*x != *y)
            return *x < *y ? -1 : 1;
    }
    return 0;
}

size_t strlen(const char* text)
{
    size_t length = 0;
    while (text[length] != '\0')
        ++length;
    return length;
}

int strcmp(const char* a, const char* b)
{
    while (*a != '\0' && *a == *b)
        ++a, ++b;
    return static_cast<unsigned char>(*a) - static_cast<unsigned char>(*b);
}

int strncmp(const char* a, const char* b, size_t size)
{
    for (; size != 0; --size, ++a, ++b) {
        if (*a != *b || *a == '\0')
            return static_cast<unsigned char>(*a) - static_cast<unsigned char>(*b);
    }
    return 0;
}

}  // extern "C"
