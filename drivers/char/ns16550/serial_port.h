// drivers/char/ns16550/serial_port.h: one serial port as an object that clients read and write
// (device/char.defs).
#ifndef PORTICO_NS16550_SERIAL_PORT_H
#define PORTICO_NS16550_SERIAL_PORT_H

#include <memory>
#include <string>

#include <char_device_interface.h>
#include <framework/interrupt.h>
#include <framework/io_ports.h>
#include <portico/event_loop.h>

#include "uart.h"

class SerialPort final : public char_device::Interface, public mach::Object {
public:
    // The port that the configuration calls `name`: rights "<name>.ports" and "<name>.interrupt", service
    // `name`. KERN_FAILURE: there is no such device.
    static mach::Result<std::shared_ptr<SerialPort>> open(const std::string& name);

    explicit SerialPort(driver::IoPorts ports) : uart_{std::move(ports)} {}

    bool dispatch(mig::Request& request) override { return char_device::Server::dispatch(*this, request); }

    // device/char.defs
    mach::Async<mach::Result<void>> char_read(uint32_t call, uint32_t amount,
                                              mig::OutArray<char>& data) override;
    mach::Async<mach::Result<uint32_t>> char_write(uint32_t call, std::span<const char> data) override;
    void char_cancel(uint32_t call) override { cancel(call); }
    mach::Async<mach::Result<void>> char_drain(uint32_t call) override;
    mach::Async<mach::Result<void>> char_flush(uint32_t which) override;
    mach::Async<mach::Result<void>> char_set_line(uint32_t speed, uint32_t data_bits, uint32_t parity,
                                                  uint32_t stop_bits) override;

private:
    void no_senders() override {}  // A service's port stays, whoever comes and goes.
    void interrupted();
    void wake_clients();

    Uart<driver::IoPorts> uart_;
    std::shared_ptr<driver::Interrupt> interrupt_;
    mach::WaitQueue readers_;
    mach::WaitQueue writers_;
    mach::AsyncMutex<1> writing_;  // One request's bytes stay together.
};

#endif
