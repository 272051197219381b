// unix-server/tty/char_line.h
//
// A serial line behind a driver's char.defs port.
#pragma once

#include <char_device_interface.h>
#include <portico/event_loop.h>

#include "serial_line.h"

namespace portico {

class CharLine final : public SerialLine {
public:
    CharLine(mach::EventLoop& loop, mach::SendRight device) : device_{loop, std::move(device)} {}

    mach::Async<mach::Result<std::string>> read() override;
    mach::Async<mach::Result<size_t>> write(std::span<const char> bytes) override;
    mach::Async<mach::Result<void>> drain() override;

private:
    char_device::Remote device_;
};

}  // namespace portico
