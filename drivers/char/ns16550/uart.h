// drivers/char/ns16550/uart.h: the registers of one NS16550A, and its two buffers.
//
// Registers is anything with read8(offset) and write8(offset, value): I/O ports in the system, a model in
// tests.
//
// Owns        the device: nobody else touches its registers.
// Lock        none: the driver's event loop.
// Invariants  (U1) The receive interrupt is enabled exactly while there is room for what it brings; without
//             room the bytes
//                  stay in the device, whose sender waits.
//             (U2) The transmit interrupt is enabled exactly while output_ is not empty.
#ifndef PORTICO_NS16550_UART_H
#define PORTICO_NS16550_UART_H

#include <cstdint>
#include <span>

#include "byte_ring.h"

struct LineSettings {
    uint32_t speed = 115200;
    uint32_t data_bits = 8;
    uint32_t parity = 0;  // CHAR_PARITY_*
    uint32_t stop_bits = 1;
};

template <class Registers>
class Uart {
public:
    explicit Uart(Registers registers) : registers_{std::move(registers)} {}

    // Is there such a device?
    bool probe();
    void start();

    // False: the device cannot do that.
    bool set_line(const LineSettings& line);

    // Moves bytes both ways until the device wants nothing more.
    void service();

    size_t write(std::span<const char> bytes);
    size_t peek(std::span<char> to) const { return input_.peek(to); }
    void take(size_t count);

    bool has_input() const { return !input_.empty(); }
    bool has_room_for_output() const { return output_.room() > 0; }
    bool has_sent_everything() const;
    void drop_input();
    void drop_output();

private:
    enum Register : uint16_t {
        data = 0,              // With the divisor latch open: its low byte.
        interrupt_enable = 1,  // Its high byte.
        interrupt_identification = 2,
        fifo_control = 2,
        line_control = 3,
        modem_control = 4,
        line_status = 5,
        modem_status = 6,
        scratch = 7,
    };
    static constexpr uint8_t enable_receive = 0x01, enable_transmit = 0x02;
    static constexpr uint8_t nothing_pending = 0x01;
    static constexpr uint8_t fifo_on_cleared_trigger_8 = 0x87;
    static constexpr uint8_t divisor_latch = 0x80;
    static constexpr uint8_t terminal_ready = 0x01, request_to_send = 0x02, interrupt_gate = 0x08;
    static constexpr uint8_t data_ready = 0x01, holding_empty = 0x20, transmitter_empty = 0x40;
    static constexpr unsigned fifo_size = 16;
    static constexpr uint32_t base_speed = 115200;

    void receive();
    void transmit();
    void update_interrupts();

    Registers registers_;
    uint8_t enabled_ = 0;
    ByteRing<8192> input_;
    ByteRing<8192> output_;
};

template <class Registers>
bool Uart<Registers>::probe()
{
    for (const uint8_t pattern : {0x5a, 0xa5}) {
        registers_.write8(scratch, pattern);
        if (registers_.read8(scratch) != pattern)
            return false;
    }
    return true;
}

template <class Registers>
void Uart<Registers>::start()
{
    registers_.write8(interrupt_enable, 0);
    (void)set_line(LineSettings{});
    registers_.write8(fifo_control, fifo_on_cleared_trigger_8);
    registers_.write8(modem_control, terminal_ready | request_to_send | interrupt_gate);
    update_interrupts();
}

template <class Registers>
bool Uart<Registers>::set_line(const LineSettings& line)
{
    if (line.speed == 0 || line.speed > base_speed || base_speed % line.speed != 0 || line.data_bits < 5 ||
        line.data_bits > 8 || line.parity > 2 || line.stop_bits < 1 || line.stop_bits > 2)
        return false;
    const uint32_t divisor = base_speed / line.speed;
    const uint8_t parity_bits = line.parity == 0 ? 0x00 : line.parity == 1 ? 0x08 : 0x18;
    const auto format = static_cast<uint8_t>((line.data_bits - 5) | (line.stop_bits - 1) << 2 | parity_bits);

    registers_.write8(line_control, divisor_latch | format);
    registers_.write8(data, static_cast<uint8_t>(divisor));
    registers_.write8(interrupt_enable, static_cast<uint8_t>(divisor >> 8));
    registers_.write8(line_control, format);
    return true;
}

template <class Registers>
void Uart<Registers>::service()
{
    do {
        receive();
        transmit();
        (void)registers_.read8(
            modem_status);  // A change of the modem's lines is an interrupt that reading ends.
        update_interrupts();
    } while ((registers_.read8(interrupt_identification) & nothing_pending) == 0);
}

template <class Registers>
void Uart<Registers>::receive()
{
    while (input_.room() > 0 && (registers_.read8(line_status) & data_ready) != 0)
        input_.push(static_cast<char>(registers_.read8(data)));
}

template <class Registers>
void Uart<Registers>::transmit()
{
    while (!output_.empty() && (registers_.read8(line_status) & holding_empty) != 0) {
        for (unsigned i = 0; i < fifo_size && !output_.empty(); ++i)
            registers_.write8(data, static_cast<uint8_t>(output_.pop()));
    }
}

template <class Registers>
void Uart<Registers>::update_interrupts()
{
    const auto wanted = static_cast<uint8_t>((input_.room() > 0 ? enable_receive : 0) |
                                             (output_.empty() ? 0 : enable_transmit));
    if (wanted != enabled_) {
        enabled_ = wanted;
        registers_.write8(interrupt_enable, wanted);
    }
}

template <class Registers>
size_t Uart<Registers>::write(std::span<const char> bytes)
{
    const size_t count = output_.push(bytes);
    transmit();
    update_interrupts();
    return count;
}

template <class Registers>
void Uart<Registers>::take(size_t count)
{
    input_.drop(count);
    receive();  // What waited in the device for want of room.
    update_interrupts();
}

template <class Registers>
bool Uart<Registers>::has_sent_everything() const
{
    return output_.empty() && (registers_.read8(line_status) & transmitter_empty) != 0;
}

template <class Registers>
void Uart<Registers>::drop_input()
{
    input_.clear();
    receive();
    input_.clear();
    update_interrupts();
}

template <class Registers>
void Uart<Registers>::drop_output()
{
    output_.clear();
    update_interrupts();
}

#endif
