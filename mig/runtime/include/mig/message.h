// mig/message.h
//
// Reading and building the bytes of a message: what generated C++ shares, in services and in the kernel.
// Freestanding; no exceptions, no allocation.
//
// Reader and Writer move over inline data in wire order.  Values are copied, never pointed at, so nothing depends on
// the four-byte alignment of messages; only InArray looks at data in place, and copies what would lie too oddly.
#ifndef MIG_MESSAGE_H
#define MIG_MESSAGE_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include <mach/mig_errors.h>
#include <mach/ndr.h>
#include <mach/notify.h>

namespace mig {

inline constexpr uint32_t message_alignment = 4;

constexpr uint32_t padded(uint32_t size) { return (size + message_alignment - 1) & ~(message_alignment - 1); }

// Has a request or reply the kind and the size that its interface gives it?
constexpr bool has_form(const mach_msg_header_t& header, bool is_complex, uint32_t minimum, uint32_t maximum)
{
    return MACH_MSGH_BITS_IS_COMPLEX(header.msgh_bits) == is_complex && header.msgh_size >= minimum &&
           header.msgh_size <= maximum;
}

// What a reply says if it is not the answer that was asked for: a code instead of it, or another message's id.
// KERN_SUCCESS: it is the answer, whose form is still to be checked.
inline kern_return_t reply_code(const mach_msg_header_t& header, std::span<const std::byte> bytes,
                                mach_msg_id_t id)
{
    if (header.msgh_id != id)
        return header.msgh_id == MACH_NOTIFY_SEND_ONCE ? MIG_SERVER_DIED : MIG_REPLY_MISMATCH;
    if (MACH_MSGH_BITS_IS_COMPLEX(header.msgh_bits) || bytes.size() != sizeof(mig_reply_error_t))
        return KERN_SUCCESS;
    mig_reply_error_t error;
    __builtin_memcpy(&error, bytes.data(), sizeof error);
    return error.RetCode;
}

// Steps through inline data.  After the first step that would leave the message, or a limit broken, every further one
// gives nothing, and done() is false: look at it before using anything.
class Reader {
public:
    Reader(std::span<const std::byte> message, uint32_t offset)
        : bytes_{message.data()}, size_{static_cast<uint32_t>(message.size())}, offset_{offset}
    {
        if (offset > size_)
            fail();
    }

    template <class T>
    T get()
    {
        static_assert(std::is_trivially_copyable_v<T>);
        T value{};
        if (const std::byte* at = step(sizeof(T)))
            __builtin_memcpy(&value, at, sizeof(T));
        return value;
    }

    // The sender's representation must be ours.
    bool is_native()
    {
        const std::byte* at = step(sizeof NDR_record);
        if (at == nullptr)
            return false;
        uint64_t theirs, ours;  // As words, since in the kernel memcmp() is a call.
        static_assert(sizeof theirs == sizeof NDR_record);
        __builtin_memcpy(&theirs, at, sizeof theirs);
        __builtin_memcpy(&ours, &NDR_record, sizeof ours);
        return theirs == ours;
    }

    // `count` elements of `size` bytes each; null if they are not all there or more than `limit`.
    const std::byte* array(uint32_t count, uint32_t limit, uint32_t size)
    {
        if (count > limit) {
            fail();
            return nullptr;
        }
        return step(count * size);  // The limit is mig's: the product is at most a message's size.
    }

    // A string of fixed size, as it is up to its NUL.
    std::string_view fixed_string(uint32_t size)
    {
        const auto* text = reinterpret_cast<const char*>(step(size));
        return text != nullptr ? terminated(text, size) : std::string_view{};
    }

    // A string of varying size: offset (unused), length with NUL, bytes.
    std::string_view string(uint32_t limit)
    {
        get<uint32_t>();
        const auto length = get<uint32_t>();
        const auto* text = reinterpret_cast<const char*>(array(length, limit, 1));
        return text != nullptr ? terminated(text, length) : std::string_view{};
    }

    void require(bool condition)
    {
        if (!condition)
            fail();
    }

    // Everything was there, and nothing is left over.
    bool done() const { return !failed_ && offset_ == size_; }

private:
    void fail()
    {
        failed_ = true;
        offset_ = size_;
    }

    const std::byte* step(uint32_t size)
    {
        if (failed_ || size_ - offset_ < padded(size)) {
            fail();
            return nullptr;
        }
        const std::byte* at = bytes_ + offset_;
        offset_ += padded(size);
        return at;
    }

    std::string_view terminated(const char* text, uint32_t limit)
    {
        for (uint32_t length = 0; length < limit; ++length) {
            if (text[length] == '\0')
                return {text, length};
        }
        fail();
        return {};
    }

    const std::byte* bytes_;
    uint32_t size_, offset_;
    bool failed_ = false;
};

// Puts inline data into a buffer that is as large as the message can be.  Padding is zero.
class Writer {
public:
    Writer(std::byte* message, uint32_t offset) : bytes_{message}, offset_{offset} {}

    template <class T>
    void put(const T& value)
    {
        static_assert(std::is_trivially_copyable_v<T>);
        put_bytes(&value, sizeof(T));
    }

    void put_native() { put(NDR_record); }

    void put_bytes(const void* data, uint32_t size)
    {
        if (size != 0)
            __builtin_memmove(bytes_ + offset_, data, size);  // It may stand further back in the same buffer.
        end(size);
    }

    // At most limit - 1 characters, a NUL, and zeros up to `limit`.
    void put_fixed_string(std::string_view text, uint32_t limit)
    {
        const uint32_t length = fitting(text, limit);
        __builtin_memmove(bytes_ + offset_, text.data(), length);
        __builtin_memset(bytes_ + offset_ + length, 0, limit - length);
        end(limit);
    }

    void put_string(std::string_view text, uint32_t limit)
    {
        const uint32_t length = fitting(text, limit);
        // The text may stand where the counts go, so it moves first.
        __builtin_memmove(bytes_ + offset_ + 8, text.data(), length);
        bytes_[offset_ + 8 + length] = std::byte{0};
        put(uint32_t{0});
        put(length + 1);
        end(length + 1);
    }

    // A varying array: its count and its elements.
    template <class Span>
    void put_array(const Span& elements)
    {
        const auto count = static_cast<uint32_t>(elements.size());
        const uint32_t size = static_cast<uint32_t>(elements.size_bytes());
        // The elements may stand where the count goes, or overlap their place, so they move first.
        if (size != 0)
            __builtin_memmove(bytes_ + offset_ + sizeof count, elements.data(), size);
        put(count);
        end(size);
    }

    uint32_t offset() const { return offset_; }

private:
    static uint32_t fitting(std::string_view text, uint32_t limit)
    {
        return text.size() < limit ? static_cast<uint32_t>(text.size()) : limit - 1;
    }

    void end(uint32_t size)
    {
        for (uint32_t at = offset_ + size; at < offset_ + padded(size); ++at)
            bytes_[at] = std::byte{0};
        offset_ += padded(size);
    }

    std::byte* bytes_;
    uint32_t offset_;
};

// A varying array that arrived: a view of the message, or a copy if its elements must be aligned better than that.
template <class T, uint32_t Limit>
class InArray {
    static constexpr bool in_place = alignof(T) <= message_alignment;

public:
    explicit InArray(Reader& reader) : InArray{reader, reader.get<uint32_t>()} {}

    std::span<const T> span() const
    {
        if constexpr (in_place)
            return {reinterpret_cast<const T*>(data_), count_};
        else
            return {copy_.data(), count_};
    }

private:
    InArray(Reader& reader, uint32_t count)
    {
        const std::byte* data = reader.array(count, Limit, sizeof(T));
        if (data == nullptr)
            return;
        count_ = count;
        if constexpr (in_place)
            data_ = data;
        else if (count != 0)
            __builtin_memcpy(copy_.data(), data, count * sizeof(T));
    }

    struct Nothing {};
    [[no_unique_address]] std::conditional_t<in_place, Nothing, std::array<T, Limit>> copy_;
    const std::byte* data_ = nullptr;
    uint32_t count_ = 0;
};

// A fixed array that arrived or leaves.
template <class T, size_t Count>
std::span<const T, Count> view(const std::array<T, Count>& array)
{
    return array;
}

// Where a routine puts a varying array or a string that it gives out: room that somebody else owns.  A string is given
// without its NUL.
template <class T>
class OutArray {
public:
    OutArray(T* data, uint32_t capacity, uint32_t count = 0) : data_{data}, capacity_{capacity}, count_{count}
    {
    }
    explicit OutArray(std::span<T> room) : OutArray{room.data(), static_cast<uint32_t>(room.size())} {}

    T* data() const { return data_; }
    uint32_t capacity() const { return capacity_; }
    uint32_t count() const { return count_; }
    std::span<T> room() const { return {data_, capacity_}; }
    std::span<T> span() const { return {data_, count_}; }

    // How many elements there are now; more than fit are not believed.
    void set_count(uint32_t count) { count_ = count < capacity_ ? count : capacity_; }

    // Copies; false, and nothing is changed, if they do not fit.
    bool assign(std::span<const T> elements)
    {
        if (elements.size() > capacity_)
            return false;
        if (!elements.empty())
            __builtin_memcpy(data_, elements.data(), elements.size_bytes());
        count_ = static_cast<uint32_t>(elements.size());
        return true;
    }

private:
    T* data_;
    uint32_t capacity_, count_;
};

inline std::string_view text_of(const OutArray<char>& out) { return {out.data(), out.count()}; }

// Where a routine's varying answer is made: in the reply, or beside it if its elements must be aligned better than that.
template <class T, uint32_t Capacity>
class OutRoom {
    static constexpr bool in_place = alignof(T) <= message_alignment;

public:
    T* at(std::byte* place)
    {
        if constexpr (in_place)
            return reinterpret_cast<T*>(place);
        else
            return elements_.data();
    }

private:
    struct Nothing {};
    [[no_unique_address]] std::conditional_t<in_place, Nothing, std::array<T, Capacity>> elements_;
};

constexpr uint32_t smaller(uint32_t left, uint32_t right) { return left < right ? left : right; }

}  // namespace mig

#endif
