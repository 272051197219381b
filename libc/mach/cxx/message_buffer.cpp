// libc/mach/cxx/message_buffer.cpp
//
// Owns        the pool of standard buffers that wait for the next message.
// Lock        none: one event loop.
#include <portico/message_buffer.h>

#include <array>

#include <mach/mig.h>
#include <mach/vm_param.h>

namespace mach {

namespace {

// As many as requests are usually under way at once; more go back to the kernel.
constexpr size_t pool_size = 16;
std::array<vm_address_t, pool_size> pool;  // Of standard_size each; nothing to destroy when the task ends.
size_t pooled = 0;

}  // namespace

Result<MessageBuffer> MessageBuffer::allocate(uint32_t size)
{
    if (size <= standard_size && pooled > 0)
        return MessageBuffer{Memory{pool[--pooled], standard_size}};

    const vm_size_t capacity = size <= standard_size ? standard_size : mach_round_page(vm_size_t{size});
    return MessageBuffer{TRY(Memory::allocate(capacity))};
}

MessageBuffer& MessageBuffer::operator=(MessageBuffer&& other) noexcept
{
    if (this != &other) {
        reset();
        pages_ = std::move(other.pages_);
    }
    return *this;
}

void MessageBuffer::destroy_contents() { mach_msg_destroy(&header()); }

void MessageBuffer::reset()
{
    if (pages_.size() == standard_size && pooled < pool_size)
        pool[pooled++] = pages_.release();
    else
        pages_.reset();
}

void MessageBuffer::empty_pool()
{
    while (pooled > 0)
        Memory{pool[--pooled], standard_size}.reset();
}

}  // namespace mach
