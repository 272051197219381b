// portico/memory.h: pages as an object, such as out-of-line data that came in a message. Move-only.
//
// Owns        the range of pages that holds bytes(); dropped, it is deallocated.
#ifndef PORTICO_MEMORY_H
#define PORTICO_MEMORY_H

#include <cstddef>
#include <span>
#include <utility>

#include <mach/result.h>
#include <mach/vm_types.h>

namespace mach {

class Memory {
public:
    constexpr Memory() = default;
    Memory(vm_address_t address, vm_size_t size) : address_{address}, size_{size} {}  // Takes it over.
    Memory(Memory&& other) noexcept
        : address_{std::exchange(other.address_, 0)}, size_{std::exchange(other.size_, 0)}
    {
    }
    Memory& operator=(Memory&& other) noexcept
    {
        if (this != &other) {
            reset();
            address_ = std::exchange(other.address_, 0);
            size_ = std::exchange(other.size_, 0);
        }
        return *this;
    }
    ~Memory() { reset(); }

    // New memory full of zeros. KERN_NO_SPACE, KERN_RESOURCE_SHORTAGE.
    static Result<Memory> allocate(vm_size_t size);

    vm_address_t address() const { return address_; }
    vm_size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    std::span<std::byte> bytes() { return {reinterpret_cast<std::byte*>(address_), size_}; }
    std::span<const std::byte> bytes() const { return {reinterpret_cast<const std::byte*>(address_), size_}; }
    std::span<const char> chars() const { return {reinterpret_cast<const char*>(address_), size_}; }

    // The caller deallocates the pages from now on; a message that moves them, for example.
    [[nodiscard]] vm_address_t release()
    {
        size_ = 0;
        return std::exchange(address_, 0);
    }
    void reset();

private:
    vm_address_t address_ = 0;
    vm_size_t size_ = 0;
};

}  // namespace mach

#endif
