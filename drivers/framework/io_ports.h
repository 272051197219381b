// drivers/framework/io_ports.h: a range of I/O ports that this task may use.
//
// Owns        the right to the range; the task's permission ends with it.
#ifndef PORTICO_DRIVERS_IO_PORTS_H
#define PORTICO_DRIVERS_IO_PORTS_H

#include <cstdint>

#include <mach/result.h>
#include <portico/rights.h>

namespace driver {

class IoPorts {
public:
    // KERN_NO_ACCESS and the like: what bootstrap or the kernel says.
    static mach::Result<IoPorts> open(const char* right_name);

    uint8_t read8(uint16_t offset) const
    {
        uint8_t value;
        asm volatile("inb %w1, %b0" : "=a"(value) : "Nd"(static_cast<uint16_t>(first_ + offset)));
        return value;
    }
    void write8(uint16_t offset, uint8_t value) const
    {
        asm volatile("outb %b0, %w1" : : "a"(value), "Nd"(static_cast<uint16_t>(first_ + offset)));
    }

private:
    IoPorts(mach::SendRight right, uint16_t first) : right_{std::move(right)}, first_{first} {}

    mach::SendRight right_;
    uint16_t first_;
};

}  // namespace driver

#endif
