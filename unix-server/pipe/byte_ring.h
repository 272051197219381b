// unix-server/pipe/byte_ring.h
//
// The bytes that are on their way through a pipe.
//
// Owns        room for `capacity` bytes, from the first byte on until the ring is cleared: pages of its own, which go back to the
//             kernel then.  On the heap, blocks of this size would lie elsewhere each time, until all of it is resident.
// Lock        none (one event loop; nothing here waits).
// Invariants  (R1) The bytes lie at first_ and after it, around the end of the room.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>

#include <portico/memory.h>

namespace portico {

template <size_t capacity>
class ByteRing {
public:
    bool empty() const { return size_ == 0; }
    size_t size() const { return size_; }
    size_t room() const { return capacity - size_; }

    // At most room() bytes.  Fails if there is no memory.
    mach::Result<void> append(std::span<const char> bytes)
    {
        if (bytes.empty())
            return {};
        if (storage_.empty())
            storage_ = TRY(mach::Memory::allocate(capacity));
        const size_t at = (first_ + size_) % capacity;
        const size_t before_end = std::min(bytes.size(), capacity - at);
        std::memcpy(storage_.bytes().data() + at, bytes.data(), before_end);
        std::memcpy(storage_.bytes().data(), bytes.data() + before_end, bytes.size() - before_end);
        size_ += bytes.size();
        return {};
    }

    // Copies the first bytes, at most as many as `to` holds; answers how many.
    size_t peek(std::span<char> to) const
    {
        const size_t copied = std::min(to.size(), size_);
        if (copied == 0)
            return 0;
        const size_t before_end = std::min(copied, capacity - first_);
        std::memcpy(to.data(), storage_.bytes().data() + first_, before_end);
        std::memcpy(to.data() + before_end, storage_.bytes().data(), copied - before_end);
        return copied;
    }

    // The first bytes go, at most size().
    void drop(size_t amount)
    {
        size_ -= amount;
        first_ = empty() ? 0 : (first_ + amount) % capacity;  // A pipe with little in it touches one page.
    }

    void clear()
    {
        storage_.reset();
        first_ = size_ = 0;
    }

private:
    mach::Memory storage_;
    size_t first_ = 0;
    size_t size_ = 0;
};

}  // namespace portico
