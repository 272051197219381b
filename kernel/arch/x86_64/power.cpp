// kernel/arch/x86_64/power.cpp: how the machine ends (machine/console.h).
//
// Beside ACPI there are QEMU's own ways: a port that a test run's QEMU takes an exit status from, and the port at which
// its PIIX and Q35 switch off.  Writing to a port that is not there does nothing.
#include <machine/console.h>

#include <arch/acpi.h>
#include <arch/cpu.h>
#include <machine/clock.h>

namespace machine {

namespace {

constexpr uint16_t debug_exit_port = 0xf4;  // -device isa-debug-exit,iobase=0xf4: status (value << 1) | 1
constexpr uint8_t panic_exit_value = 0x60;  // So a panic is status 193.
constexpr uint16_t pvpanic_port = 0x505;

// The machine may take a moment to obey.
bool wait_for_the_end()
{
    const uint64_t deadline = now_ns() + 1'000'000'000;
    while (now_ns() < deadline)
        x86::pause();
    return false;
}

}  // namespace

void report_panic_to_host()
{
    x86::out8(pvpanic_port, 1);
    x86::out8(debug_exit_port, panic_exit_value);
}

bool power_off()
{
    constexpr uint16_t sleep_enable = 1 << 13;
    using x86::acpi;
    if (acpi.can_power_off) {
        x86::out16(acpi.pm1a_control, static_cast<uint16_t>(acpi.sleep_type_a << 10 | sleep_enable));
        if (acpi.pm1b_control != 0)
            x86::out16(acpi.pm1b_control, static_cast<uint16_t>(acpi.sleep_type_b << 10 | sleep_enable));
    }
    x86::out16(0x604, sleep_enable);
    return wait_for_the_end();
}

bool reboot()
{
    if (x86::acpi.reset_port != 0)
        x86::out8(x86::acpi.reset_port, x86::acpi.reset_value);
    x86::out8(0xcf9, 0x06);
    x86::out8(0x64, 0xfe);  // The keyboard controller's line.
    return wait_for_the_end();
}

void halt()
{
    for (;;)
        asm volatile("cli\n\thlt");
}

}  // namespace machine
