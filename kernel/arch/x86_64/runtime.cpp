// kernel/arch/x86_64/runtime.cpp: what the compiler and libc++'s headers call behind our backs.
#include <cstddef>
#include <string_view>

#include <lib/assert.h>

extern "C" {

// The kernel does not end, so static objects are not destroyed.
int atexit(void (*)()) { return 0; }

void __cxa_pure_virtual() { panic("a pure virtual function was called"); }

void* memchr(const void* memory, int byte, size_t size)
{
    auto* at = static_cast<const unsigned char*>(memory);
    for (; size != 0; --size, ++at) {
        if (*at == static_cast<unsigned char>(byte))
            return const_cast<unsigned char*>(at);
    }
    return nullptr;
}

}  // extern "C"

// libc++'s own assertions.
_LIBCPP_BEGIN_NAMESPACE_STD
[[noreturn]] void __libcpp_verbose_abort(const char* format, ...) { panic("libc++: %s", format); }
_LIBCPP_END_NAMESPACE_STD
