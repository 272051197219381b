// libc/mach/cxx/message_buffer.cpp
//
// Owns        the pool of standard buffers that wait for the next message.
// Lock        none: one event loop.
#include <portico/message_buffer.h>

#include <array>
#include <cstdlib>

#include <mach/mig.h>

namespace mach {

namespace {

// As many as requests are usually under way at once; more go back to malloc.
constexpr size_t pool_size = 16;
std::array<std::byte*, pool_size> pool;
size_t pooled = 0;

}  // namespace

Result<MessageBuffer> MessageBuffer::allocate(uint32_t size)
{
    if (size <= standard_size && pooled > 0)
        return MessageBuffer{pool[--pooled], standard_size};

    const uint32_t capacity = size <= standard_size ? standard_size : round_msg(size);
    auto* data = static_cast<std::byte*>(std::malloc(capacity));
    if (data == nullptr)
        return failure(KERN_RESOURCE_SHORTAGE);
    return MessageBuffer{data, capacity};
}

MessageBuffer& MessageBuffer::operator=(MessageBuffer&& other) noexcept
{
    if (this != &other) {
        reset();
        data_ = std::exchange(other.data_, nullptr);
        capacity_ = std::exchange(other.capacity_, 0);
    }
    return *this;
}

void MessageBuffer::destroy_contents() { mach_msg_destroy(&header()); }

void MessageBuffer::reset()
{
    if (data_ == nullptr)
        return;
    if (capacity_ == standard_size && pooled < pool_size)
        pool[pooled++] = data_;
    else
        std::free(data_);
    data_ = nullptr;
    capacity_ = 0;
}

}  // namespace mach
