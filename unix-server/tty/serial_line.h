// unix-server/tty/serial_line.h
//
// A serial line as a terminal uses it; behind it is the char.defs port of a driver.
#pragma once

#include <mach/result.h>
#include <portico/async.h>
#include <span>
#include <string>

namespace portico {

class SerialLine {
public:
    virtual ~SerialLine() = default;

    // Waits until at least one byte has come, and answers those that are there.
    virtual mach::Async<mach::Result<std::string>> read() = 0;
    // Waits until the driver has taken some of the bytes, and answers how many.
    virtual mach::Async<mach::Result<size_t>> write(std::span<const char> bytes) = 0;
    // Waits until all that was taken has left.
    virtual mach::Async<mach::Result<void>> drain() = 0;
};

}  // namespace portico
