// portico/message_buffer.h: room for one message, from a pool. Move-only.
//
// Owns        the room only, not what the message in it carries: rights and out-of-line memory belong to who
//             takes them out, or go by destroy_contents().
#ifndef PORTICO_MESSAGE_BUFFER_H
#define PORTICO_MESSAGE_BUFFER_H

#include <cstddef>
#include <cstdint>
#include <utility>

#include <mach/message.h>
#include <mach/result.h>

namespace mach {

class MessageBuffer {
public:
    // Enough for 8 KiB of data with everything around it; buffers of this size are kept for the next message.
    static constexpr uint32_t standard_size = 9 * 1024;
    static constexpr uint32_t largest_size = MACH_MSG_SIZE_MAX + MAX_TRAILER_SIZE;

    constexpr MessageBuffer() = default;
    MessageBuffer(MessageBuffer&& other) noexcept
        : data_{std::exchange(other.data_, nullptr)}, capacity_{std::exchange(other.capacity_, 0)}
    {
    }
    MessageBuffer& operator=(MessageBuffer&& other) noexcept;
    ~MessageBuffer() { reset(); }

    // Room for at least `size` bytes, contents undefined. KERN_RESOURCE_SHORTAGE.
    static Result<MessageBuffer> allocate(uint32_t size = standard_size);

    explicit operator bool() const { return data_ != nullptr; }
    std::byte* data() { return data_; }
    const std::byte* data() const { return data_; }
    uint32_t capacity() const { return capacity_; }

    mach_msg_header_t& header() { return *reinterpret_cast<mach_msg_header_t*>(data_); }
    const mach_msg_header_t& header() const { return *reinterpret_cast<const mach_msg_header_t*>(data_); }

    // Of a received message. The event loop asks for all elements, up to the context.
    const mach_msg_context_trailer_t& trailer() const
    {
        return *reinterpret_cast<const mach_msg_context_trailer_t*>(data_ + round_msg(header().msgh_size));
    }

    // Gives up every right and all memory in the message, those of the header included (as
    // mach_msg_destroy()).
    void destroy_contents();

    void reset();

private:
    MessageBuffer(std::byte* data, uint32_t capacity) : data_{data}, capacity_{capacity} {}

    std::byte* data_ = nullptr;
    uint32_t capacity_ = 0;
};

}  // namespace mach

#endif
