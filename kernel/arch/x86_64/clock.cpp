// kernel/arch/x86_64/clock.cpp
//
// Time (machine/clock.h): the TSC, measured against the HPET or the 8254 once at start-up; the local APIC's timer, measured
// against the TSC; and the wall clock's date at start-up.
//
// Under QEMU's -icount the TSC ticks once per instruction, at 1 GHz by definition, and waiting is what costs: so a first,
// short measurement looks whether it is that clock, and only if it is not a longer one follows.
#include <machine/clock.h>

#include <algorithm>

#include <arch/acpi.h>
#include <arch/apic.h>
#include <arch/cpu.h>
#include <arch/start.h>
#include <lib/print.h>
#include <machine/memory.h>

namespace x86 {
namespace {

constexpr uint64_t ns_per_second = 1'000'000'000;

uint64_t tsc_start;
uint64_t ns_per_tick_32;  // Fixed point: 32 bits behind the point.
uint64_t apic_per_ns_32;

// (numerator << 32) / divisor; the quotient fits, since the numerator is less than 2^32 times the divisor.
uint64_t divide_fixed(uint64_t numerator, uint64_t divisor)
{
    uint64_t quotient, remainder;
    asm("divq %4"
        : "=a"(quotient), "=d"(remainder)
        : "d"(numerator >> 32), "a"(numerator << 32), "r"(divisor)
        : "cc");
    return quotient;
}

// ---- Reference clocks: femtoseconds per tick, and a counter.

volatile uint64_t* hpet;
uint64_t hpet_period_fs;

bool start_hpet()
{
    if (acpi.hpet == 0)
        return false;
    hpet = static_cast<volatile uint64_t*>(machine::phys_to_virt(acpi.hpet));
    hpet_period_fs = hpet[0] >> 32;
    if (hpet_period_fs == 0 || hpet_period_fs > 100'000'000)
        return false;
    hpet[2] = hpet[2] | 1;  // Count.
    return true;
}

struct Measured {
    uint64_t tsc_hz;
    uint64_t apic_hz;
};

constexpr uint32_t apic_full = UINT32_MAX;

Measured measure_by_hpet(uint64_t window_ns)
{
    const uint64_t window = window_ns * 1'000'000 / hpet_period_fs;
    local_timer_set(apic_full);
    const uint64_t first = static_cast<uint32_t>(hpet[30]);
    const uint64_t tsc = read_tsc();
    uint64_t passed;
    do
        passed = static_cast<uint32_t>(hpet[30] - first);
    while (passed <= window);  // So it is not 0, however short the window.
    const uint64_t tsc_passed = read_tsc() - tsc;
    const uint64_t apic_passed = apic_full - local_timer_left();
    local_timer_set(0);
    const uint64_t ns = passed * hpet_period_fs / 1'000'000;
    return {tsc_passed * ns_per_second / ns, apic_passed * ns_per_second / ns};
}

// The 8254's channel 2, whose gate and output are at port 0x61.
Measured measure_by_8254(uint64_t window_ns)
{
    constexpr uint64_t pit_hz = 1'193'182;
    const auto count = static_cast<uint16_t>(std::min<uint64_t>(window_ns * pit_hz / ns_per_second, 0xffff));
    out8(0x61, static_cast<uint8_t>((in8(0x61) & ~2) | 1));  // Gate on, speaker off.
    out8(0x43, 0xb0);                                        // Channel 2, count down once.
    out8(0x42, static_cast<uint8_t>(count));
    local_timer_set(apic_full);
    out8(0x42, static_cast<uint8_t>(count >> 8));
    const uint64_t tsc = read_tsc();
    while ((in8(0x61) & 0x20) == 0) {
    }
    const uint64_t tsc_passed = read_tsc() - tsc;
    const uint64_t apic_passed = apic_full - local_timer_left();
    local_timer_set(0);
    return {tsc_passed * pit_hz / count, apic_passed * pit_hz / count};
}

Measured measure(bool by_hpet, uint64_t window_ns)
{
    return by_hpet ? measure_by_hpet(window_ns) : measure_by_8254(window_ns);
}

// Within half a percent.
bool is_nearly(uint64_t hz, uint64_t expected) { return hz - (expected - expected / 200) <= expected / 100; }

Measured find_frequencies()
{
    constexpr uint64_t short_window_ns = 100'000, long_window_ns = 20'000'000;
    const bool by_hpet = start_hpet();
    Measured m = measure(by_hpet, short_window_ns);
    if (is_nearly(m.tsc_hz, ns_per_second) && is_nearly(m.apic_hz, ns_per_second))
        return {ns_per_second, ns_per_second};
    m = measure(by_hpet, long_window_ns);
    if (is_nearly(m.apic_hz, ns_per_second))  // QEMU's, whatever the host's TSC does.
        m.apic_hz = ns_per_second;
    return m;
}

// ---- The wall clock

uint8_t read_cmos(uint8_t reg)
{
    out8(0x70, reg);
    return in8(0x71);
}

struct Date {
    unsigned second, minute, hour, day, month, year;
    bool operator==(const Date&) const = default;
};

Date read_date_once()
{
    for (unsigned tries = 0; (read_cmos(10) & 0x80) != 0 && tries < 1'000'000; ++tries)  // Being updated.
        pause();
    return {read_cmos(0), read_cmos(2), read_cmos(4), read_cmos(7), read_cmos(8), read_cmos(9)};
}

unsigned from_bcd(unsigned value) { return (value >> 4) * 10 + (value & 15); }

Date read_date()
{
    Date date = read_date_once();
    for (Date again = read_date_once(); !(again == date); again = read_date_once())
        date = again;
    const uint8_t mode = read_cmos(11);
    const bool afternoon = (date.hour & 0x80) != 0;
    date.hour &= 0x7f;
    if ((mode & 4) == 0)
        date = {from_bcd(date.second), from_bcd(date.minute), from_bcd(date.hour),
                from_bcd(date.day),    from_bcd(date.month),  from_bcd(date.year)};
    if ((mode & 2) == 0)  // 12 hours: 12 is midnight or noon.
        date.hour = date.hour % 12 + (afternoon ? 12 : 0);
    date.year += 2000;
    return date;
}

// Days since 1970-01-01 in the Gregorian calendar; years begin in March here, so that the leap day is the last.
uint64_t days_of(const Date& date)
{
    const unsigned year = date.month > 2 ? date.year : date.year - 1;
    const unsigned month = (date.month + 9) % 12;
    const unsigned day_of_year = (153 * month + 2) / 5 + date.day - 1;
    return 365ull * year + year / 4 - year / 100 + year / 400 + day_of_year - 719'468;
}

uint64_t wall_start_ns;

}  // namespace
}  // namespace x86

namespace machine {

using namespace x86;

void clock_start()
{
    const Measured m = find_frequencies();
    ns_per_tick_32 = divide_fixed(ns_per_second, m.tsc_hz);
    apic_per_ns_32 = divide_fixed(m.apic_hz, ns_per_second);
    tsc_start = read_tsc();
    const Date date = read_date();
    const uint64_t seconds = days_of(date) * 86'400 + date.hour * 3'600 + date.minute * 60 + date.second;
    wall_start_ns = seconds * ns_per_second - now_ns();
    kprint("clock: TSC at %lu kHz, local timer at %lu kHz, %04u-%02u-%02u %02u:%02u:%02u UTC\n",
           m.tsc_hz / 1000, m.apic_hz / 1000, date.year, date.month, date.day, date.hour, date.minute,
           date.second);
}

uint64_t now_ns()
{
    return static_cast<uint64_t>((static_cast<unsigned __int128>(read_tsc() - tsc_start) * ns_per_tick_32) >>
                                 32);
}

void set_deadline(uint64_t deadline)
{
    if (deadline == UINT64_MAX) {
        local_timer_set(0);
        return;
    }
    // Farther than the counter reaches it comes early, which clock_interrupt() does not mind.
    constexpr uint64_t farthest_ns = 1ull << 30;
    const uint64_t now = now_ns();
    const uint64_t ns = deadline > now ? std::min(deadline - now, farthest_ns) : 0;
    const uint64_t ticks = (ns * apic_per_ns_32) >> 32;
    local_timer_set(static_cast<uint32_t>(std::clamp<uint64_t>(ticks, 1, UINT32_MAX)));
}

CounterScale counter_scale() { return {tsc_start, ns_per_tick_32, 32}; }

uint64_t wall_clock_at_start() { return wall_start_ns; }

}  // namespace machine
