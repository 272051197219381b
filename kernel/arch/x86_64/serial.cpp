// kernel/arch/x86_64/serial.cpp
//
// The early console: a 16550 at COM1, by polling, until a driver takes it; and for as long as the kernel runs the debug
// port of QEMU and Bochs (-debugcon), if there is one.
#include <machine/console.h>

#include <atomic>

#include <arch/cpu.h>
#include <arch/start.h>
#include <machine/io_ports.h>

namespace {

constexpr uint16_t com1 = 0x3f8;
constexpr unsigned data = 0, interrupt_enable = 1, fifo_control = 2, line_control = 3, modem_control = 4,
                   line_status = 5, scratch = 7;
constexpr uint8_t transmitter_empty = 0x20;
constexpr uint16_t debug_port = 0xe9;  // Reads as its own number where it exists.

bool present = false;
bool debug_port_present = false;
std::atomic<bool> released = false;

void put(char character)
{
    for (unsigned tries = 0; tries < 100'000; ++tries) {  // A device that is stuck does not stop the kernel.
        if ((x86::in8(com1 + line_status) & transmitter_empty) != 0)
            break;
        x86::pause();
    }
    x86::out8(com1 + data, static_cast<uint8_t>(character));
}

void set_up()
{
    x86::out8(com1 + interrupt_enable, 0);
    x86::out8(com1 + line_control, 0x80);  // 115,200 baud:
    x86::out8(com1 + data, 1);
    x86::out8(com1 + interrupt_enable, 0);
    x86::out8(com1 + line_control, 0x03);  // 8 bits, no parity, 1 stop bit
    x86::out8(com1 + fifo_control, 0xc7);
    x86::out8(com1 + modem_control, 0x03);
}

}  // namespace

namespace machine {

void console_start()
{
    debug_port_present = x86::in8(debug_port) == debug_port;
    x86::out8(com1 + scratch, 0x5a);
    present = x86::in8(com1 + scratch) == 0x5a;
    if (present)
        set_up();
}

void console_put(char character)
{
    if (debug_port_present)
        x86::out8(debug_port, static_cast<uint8_t>(character));
    if (!present || released.load(std::memory_order_relaxed))
        return;
    if (character == '\n')
        put('\r');
    put(character);
}

void console_release() { released = true; }

void console_take_back()
{
    if (present && released.exchange(false))
        set_up();
}

bool io_ports_hold_console(uint16_t first, uint32_t count)
{
    return first < com1 + 8 && uint32_t{first} + count > com1;
}

}  // namespace machine
