// drivers/char/ns16550/serial_port.cpp
#include "serial_port.h"

#include <cstdio>

#include <device/char_types.h>
#include <framework/start.h>

using mach::Async;
using mach::failure;
using mach::Result;

namespace {

// How often a drain looks whether the last byte has left: the device has no interrupt for that.
constexpr mach::Time drain_interval = 1'000'000;

}  // namespace

Result<std::shared_ptr<SerialPort>> SerialPort::open(const std::string& name)
{
    auto port = std::make_shared<SerialPort>(TRY(driver::IoPorts::open((name + ".ports").c_str())));
    if (!port->uart_.probe())
        return failure(KERN_FAILURE);
    port->uart_.start();

    SerialPort* self = port.get();
    port->interrupt_ =
        TRY(driver::Interrupt::open((name + ".interrupt").c_str(), [self] { self->interrupted(); }));
    TRY(port->adopt_port(TRY(driver::check_in(name.c_str()))));
    port->interrupted();  // What came before the line was ours.
    return port;
}

void SerialPort::interrupted()
{
    uart_.service();
    interrupt_->acknowledge();
    uart_.service();  // What came while the line was masked has made no edge.
    wake_clients();
}

void SerialPort::wake_clients()
{
    if (uart_.has_input())
        readers_.wake_all();
    if (uart_.has_room_for_output())
        writers_.wake_all();
}

Async<Result<void>> SerialPort::char_read(uint32_t call, uint32_t amount, mig::OutArray<char>& data)
{
    if (amount == 0)
        co_return failure(KERN_INVALID_ARGUMENT);
    while (!uart_.has_input())
        CO_TRY(co_await readers_.wait(call));

    const size_t wanted = amount < data.capacity() ? amount : data.capacity();
    const size_t count = uart_.peek(std::span{data.data(), wanted});
    data.set_count(static_cast<uint32_t>(count));

    // From here to the reply nothing else runs, so the bytes that are taken are those that were sent.
    mach::CallContext& self = co_await mach::this_call();
    self.on_reply([this, count](bool delivered) {
        if (delivered)
            uart_.take(count);
    });
    co_return {};
}

Async<Result<uint32_t>> SerialPort::char_write(uint32_t call, std::span<const char> data)
{
    const auto guard = co_await writing_.lock();
    size_t written = 0;
    for (;;) {
        written += uart_.write(data.subspan(written));
        if (written == data.size())
            break;
        const Result<void> woken = co_await writers_.wait(call);
        if (!woken.has_value() && written == 0)
            co_return failure(woken.error());
        if (!woken.has_value())
            break;
    }
    co_return static_cast<uint32_t>(written);
}

Async<Result<void>> SerialPort::char_drain(uint32_t call)
{
    mach::EventLoop& loop = mach::EventLoop::current();
    while (!uart_.has_sent_everything())
        CO_TRY(co_await loop.sleep_until(loop.now() + drain_interval, call));
    co_return {};
}

Async<Result<void>> SerialPort::char_flush(uint32_t which)
{
    if ((which & CHAR_FLUSH_INPUT) != 0)
        uart_.drop_input();
    if ((which & CHAR_FLUSH_OUTPUT) != 0)
        uart_.drop_output();
    wake_clients();
    co_return {};
}

Async<Result<void>> SerialPort::char_set_line(uint32_t speed, uint32_t data_bits, uint32_t parity,
                                              uint32_t stop_bits)
{
    if (!uart_.set_line({speed, data_bits, parity, stop_bits}))
        co_return failure(KERN_INVALID_ARGUMENT);
    co_return {};
}
