// unix-server/fs/devices.h
//
// The character devices that fs itself serves: null, zero, full, random bytes.  Terminals belong to tty.
#pragma once

#include <cstdint>
#include <mach/result.h>
#include <span>

namespace portico {

// Device numbers are Linux's, which ls and tar show.
constexpr uint64_t device_number(uint32_t major, uint32_t minor) { return uint64_t{major} << 8 | minor; }
inline constexpr uint64_t null_device = device_number(1, 3);
inline constexpr uint64_t zero_device = device_number(1, 5);
inline constexpr uint64_t full_device = device_number(1, 7);
inline constexpr uint64_t random_device = device_number(1, 8);
inline constexpr uint64_t urandom_device = device_number(1, 9);
inline constexpr uint64_t tty_device = device_number(5, 0);
inline constexpr uint64_t console_device = device_number(5, 1);
constexpr uint64_t serial_device(uint32_t line) { return device_number(4, 64 + line); }

// What tty.defs calls a terminal, by device number; false if the number is no terminal's.
bool terminal_minor(uint64_t device, uint32_t& minor);

class MemoryDevice {
public:
    virtual ~MemoryDevice() = default;
    virtual mach::Result<size_t> read(std::span<char> to) = 0;
    virtual mach::Result<uint32_t> write(std::span<const char> from) = 0;

    // Null if `device` is none of these.
    static MemoryDevice* find(uint64_t device);
};

}  // namespace portico
