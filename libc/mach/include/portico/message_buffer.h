// portico/message_buffer.h: room for one message, from a pool. Move-only.
//
// The room is whole pages and not part of the heap: a server may park hundreds of requests, and pages that hold nothing
// any more go back to the kernel at once, wherever they lie.
//
// Owns        the room only, not what the message in it carries: rights and out-of-line memory belong to who
//             takes them out, or go by destroy_contents().
#ifndef PORTICO_MESSAGE_BUFFER_H
#define PORTICO_MESSAGE_BUFFER_H

#include <cstddef>
#include <cstdint>

#include <mach/message.h>
#include <mach/result.h>
#include <portico/memory.h>

namespace mach {

class MessageBuffer {
public:
    // Enough for 8 KiB of data with everything around it; buffers of this size are kept for the next message.
    static constexpr uint32_t standard_size = 12 * 1024;
    static constexpr uint32_t largest_size = MACH_MSG_SIZE_MAX + MAX_TRAILER_SIZE;

    constexpr MessageBuffer() = default;
    MessageBuffer(MessageBuffer&& other) noexcept = default;
    MessageBuffer& operator=(MessageBuffer&& other) noexcept;
    ~MessageBuffer() { reset(); }

    // Room for at least `size` bytes, contents undefined. KERN_RESOURCE_SHORTAGE.
    static Result<MessageBuffer> allocate(uint32_t size = standard_size);

    explicit operator bool() const { return !pages_.empty(); }
    std::byte* data() { return pages_.bytes().data(); }
    const std::byte* data() const { return pages_.bytes().data(); }
    uint32_t capacity() const { return static_cast<uint32_t>(pages_.size()); }

    mach_msg_header_t& header() { return *reinterpret_cast<mach_msg_header_t*>(data()); }
    const mach_msg_header_t& header() const { return *reinterpret_cast<const mach_msg_header_t*>(data()); }

    // Of a received message. The event loop asks for all elements, up to the context.
    const mach_msg_context_trailer_t& trailer() const
    {
        return *reinterpret_cast<const mach_msg_context_trailer_t*>(data() + round_msg(header().msgh_size));
    }

    // Gives up every right and all memory in the message, those of the header included (as
    // mach_msg_destroy()).
    void destroy_contents();

    void reset();

    // Gives back the pages of all buffers that wait in the pool.
    static void empty_pool();

private:
    explicit MessageBuffer(Memory pages) : pages_{std::move(pages)} {}

    Memory pages_;
};

}  // namespace mach

#endif
