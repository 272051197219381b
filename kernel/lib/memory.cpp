// kernel/lib/memory.cpp
//
// The memory functions that the compiler calls.  They move 8 bytes at a time, since QEMU's -icount counts each turn of a
// string instruction, and `rep` on a processor without fast short strings is slow for what the kernel copies.
#include <cstddef>
#include <cstdint>
#include <string.h>

namespace {

using Word [[gnu::may_alias]] = uint64_t;

Word& word(void* at) { return *static_cast<Word*>(at); }
Word word(const void* at) { return *static_cast<const Word*>(at); }

}  // namespace

extern "C" {

void* memcpy(void* to, const void* from, size_t size)
{
    auto* out = static_cast<unsigned char*>(to);
    auto* in = static_cast<const unsigned char*>(from);
    for (; size >= 32; size -= 32, out += 32, in += 32) {
        const Word a = word(in), b = word(in + 8), c = word(in + 16), d = word(in + 24);
        word(out) = a;
        word(out + 8) = b;
        word(out + 16) = c;
        word(out + 24) = d;
    }
    for (; size >= 8; size -= 8, out += 8, in += 8)
        word(out) = word(in);
    for (; size != 0; --size)
        *out++ = *in++;
    return to;
}

void* memmove(void* to, const void* from, size_t size)
{
    auto* out = static_cast<unsigned char*>(to);
    auto* in = static_cast<const unsigned char*>(from);
    // Forwards, each word is read before anything at or above it is written, if the target lies below.
    if (reinterpret_cast<uintptr_t>(out) - reinterpret_cast<uintptr_t>(in) >= size)
        return memcpy(to, from, size);
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
    for (; size >= 32; size -= 32, out += 32) {
        word(out) = pattern;
        word(out + 8) = pattern;
        word(out + 16) = pattern;
        word(out + 24) = pattern;
    }
    for (; size >= 8; size -= 8, out += 8)
        word(out) = pattern;
    for (; size != 0; --size)
        *out++ = static_cast<unsigned char>(byte);
    return to;
}

int memcmp(const void* a, const void* b, size_t size)
{
    auto* x = static_cast<const unsigned char*>(a);
    auto* y = static_cast<const unsigned char*>(b);
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
