// drivers/char/ns16550/byte_ring.h: a queue of bytes with a fixed size.
#ifndef PORTICO_NS16550_BYTE_RING_H
#define PORTICO_NS16550_BYTE_RING_H

#include <array>
#include <cstddef>
#include <span>

template <size_t Size>
class ByteRing {
    static_assert((Size & (Size - 1)) == 0, "a power of two, so that the counters may wrap");

public:
    size_t size() const { return written_ - read_; }
    size_t room() const { return Size - size(); }
    bool empty() const { return size() == 0; }

    void push(char byte) { bytes_[written_++ % Size] = byte; }  // There is room.
    char pop() { return bytes_[read_++ % Size]; }               // It is not empty.

    // As many of them as there is room for.
    size_t push(std::span<const char> bytes)
    {
        const size_t count = bytes.size() < room() ? bytes.size() : room();
        for (const char byte : bytes.first(count))
            push(byte);
        return count;
    }

    // Copies the oldest without taking them.
    size_t peek(std::span<char> to) const
    {
        const size_t count = to.size() < size() ? to.size() : size();
        for (size_t i = 0; i < count; ++i)
            to[i] = bytes_[(read_ + i) % Size];
        return count;
    }
    void drop(size_t count) { read_ += count; }
    void clear() { read_ = written_; }

private:
    std::array<char, Size> bytes_{};
    size_t read_ = 0;
    size_t written_ = 0;
};

#endif
