// kernel/arch/host/machine.cpp
//
// The rest of the simulated machine: console, panics, and loads and stores of user code.

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include <execinfo.h>
#include <sanitizer/common_interface_defs.h>

#include <arch/host/host.h>
#include <arch/host/user.h>
#include <machine/console.h>
#include <machine/io_ports.h>
#include <machine/memory.h>
#include <vm/vm_types.h>

// What lives as long as the kernel, and is known to nobody but a port.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:DeviceMaster::start\n"; }

namespace machine {

namespace host {

namespace {

std::string console;
bool echo = std::getenv("PORTICO_HOST_CONSOLE") != nullptr;

}  // namespace

std::string take_console() { return std::exchange(console, {}); }
void echo_console(bool on) { echo = on; }

void load(void* to, user_address_t from, size_t size)
{
    auto* bytes = static_cast<std::byte*>(to);
    for (size_t done = 0; done < size;) {
        const CopyOutcome copied = copy_in(bytes + done, from + done, size - done);
        done += copied.done;
        if (!copied)
            fault(copied.absent_at, VM_PROT_READ);
    }
}

void store(user_address_t to, const void* from, size_t size)
{
    const auto* bytes = static_cast<const std::byte*>(from);
    for (size_t done = 0; done < size;) {
        const CopyOutcome copied = copy_out(to + done, bytes + done, size - done);
        done += copied.done;
        if (!copied)
            fault(copied.absent_at, VM_PROT_READ | VM_PROT_WRITE);
    }
}

}  // namespace host

void console_put(char character)
{
    host::console.push_back(character);
    if (host::echo)
        std::fputc(character, stderr);
}

void console_release() {}
void console_take_back() {}

namespace {

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
void print_backtrace() { __sanitizer_print_stack_trace(); }
#else
void print_backtrace()
{
    void* frames[64];
    backtrace_symbols_fd(frames, backtrace(frames, 64), 2);
}
#endif

}  // namespace

// The text has gone to the console; a person wants to see it, and where it came from.
void stop_after_panic(bool)
{
    if (!host::echo)
        std::fputs(host::console.c_str(), stderr);
    print_backtrace();
    std::abort();
}

void zero_page(void* page) { std::memset(page, 0, page_size); }
void copy_page(void* to, const void* from) { std::memcpy(to, from, page_size); }

bool power_off() { return false; }
bool reboot() { return false; }
void halt() { std::abort(); }

// There are no I/O ports here: a grant is remembered by nobody.
mach::Result<void> io_ports_set(Task&, uint16_t first, uint32_t count, bool)
{
    if (first + count > 0x10000)
        return mach::failure(KERN_INVALID_ARGUMENT);
    return {};
}
void io_ports_destroy(Task&) {}
bool io_ports_hold_console(uint16_t, uint32_t) { return false; }

}  // namespace machine
