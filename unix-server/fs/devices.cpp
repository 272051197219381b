#include "devices.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <random>

#include "../support/unix_error.h"
#include "inode.h"

namespace portico {

namespace {

class NullDevice final : public MemoryDevice {
    mach::Result<size_t> read(std::span<char>) override { return size_t{0}; }
    mach::Result<uint32_t> write(std::span<const char> from) override
    {
        return static_cast<uint32_t>(from.size());
    }
};

class ZeroDevice : public MemoryDevice {
    mach::Result<size_t> read(std::span<char> to) override
    {
        std::ranges::fill(to, '\0');
        return to.size();
    }
    mach::Result<uint32_t> write(std::span<const char> from) override
    {
        return static_cast<uint32_t>(from.size());
    }
};

class FullDevice final : public ZeroDevice {
    mach::Result<uint32_t> write(std::span<const char> from) override
    {
        if (from.empty())
            return 0u;
        return unix_failure(ENOSPC);
    }
};

// Statistically random, seeded by the clock; not for keys (docs/status.md).
class RandomDevice final : public MemoryDevice {
public:
    mach::Result<size_t> read(std::span<char> to) override
    {
        if (!seeded_) {
            generator_.seed(current_time_ns());
            seeded_ = true;
        }
        for (size_t done = 0; done < to.size(); done += sizeof(uint64_t)) {
            const uint64_t word = generator_();
            std::memcpy(to.data() + done, &word, std::min(sizeof word, to.size() - done));
        }
        return to.size();
    }
    mach::Result<uint32_t> write(std::span<const char> from) override
    {
        return static_cast<uint32_t>(from.size());
    }

private:
    std::mt19937_64 generator_;
    bool seeded_ = false;
};

}  // namespace

MemoryDevice* MemoryDevice::find(uint64_t device)
{
    static NullDevice null;
    static ZeroDevice zero;
    static FullDevice full;
    static RandomDevice random;
    switch (device) {
    case null_device:
        return &null;
    case zero_device:
        return &zero;
    case full_device:
        return &full;
    case random_device:
    case urandom_device:
        return &random;
    default:
        return nullptr;
    }
}

bool terminal_minor(uint64_t device, uint32_t& minor)
{
    if (device == tty_device) {
        minor = 0;
        return true;
    }
    if (device == console_device) {
        minor = 1;
        return true;
    }
    if (device >= serial_device(0) && device < serial_device(4)) {
        minor = 2 + static_cast<uint32_t>(device - serial_device(0));
        return true;
    }
    return false;
}

}  // namespace portico
