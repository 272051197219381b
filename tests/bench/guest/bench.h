// tests/bench/guest/bench.h
//
// What benchmark programs share: the counter, samples, and the lines that ./bench reads.
//
// Under ./bench one tick of the time-stamp counter is one guest instruction (design D20).  A figure is the minimum and
// the median of its samples; each sample is the cost of one operation less the cost of reading the counter.  A program
// calls calibrate() first: a loop of 1,000 instructions must measure 1,000, or ./bench rejects the run.
//
// The program says how a line is printed, by defining print_line(): a first task has the kernel's log, a process has
// standard output.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>

namespace bench {

void print_line(const char* line);  // Defined by the program; "\n" is not part of the line.

// Under -icount nothing is reordered, so the plain instruction is enough.
inline std::uint64_t counter()
{
    std::uint32_t low;
    std::uint32_t high;
    asm volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return std::uint64_t{high} << 32 | low;
}

inline void print_figure(const char* name, std::uint64_t minimum, std::uint64_t median, const char* unit)
{
    char line[128];
    std::snprintf(line, sizeof line, "%s\t%llu\t%llu\t%s", name, static_cast<unsigned long long>(minimum),
                  static_cast<unsigned long long>(median), unit);
    print_line(line);
}

// What two readings of the counter are apart with nothing between them.
inline std::uint64_t overhead()
{
    std::uint64_t least = UINT64_MAX;
    for (int i = 0; i < 16; i++) {
        const std::uint64_t start = counter();
        least = std::min(least, counter() - start);
    }
    return least;
}

inline constexpr std::size_t default_samples = 101;

// Runs `operation` once to warm up and then `Samples` times, `repeats` operations a sample.
template <std::size_t Samples = default_samples, typename Operation>
void measure(const char* name, Operation&& operation, std::uint64_t repeats = 1)
{
    static std::array<std::uint64_t, Samples> samples;
    const std::uint64_t nothing = overhead();
    operation();
    for (std::uint64_t& sample : samples) {
        const std::uint64_t start = counter();
        for (std::uint64_t i = 0; i < repeats; i++)
            operation();
        sample = (counter() - start - nothing) / repeats;
    }
    std::sort(samples.begin(), samples.end());
    print_figure(name, samples.front(), samples[Samples / 2], "instructions");
}

// 1,000 instructions: one to load, 499 turns of two, one to end on.
inline void calibrate()
{
    std::array<std::uint64_t, 9> samples;
    const std::uint64_t nothing = overhead();
    for (std::uint64_t& sample : samples) {
        const std::uint64_t start = counter();
        asm volatile("mov $499, %%ecx\n1: dec %%ecx\n jnz 1b\n nop" : : : "ecx", "cc", "memory");
        sample = counter() - start - nothing;
    }
    std::sort(samples.begin(), samples.end());
    print_figure("calibration", samples.front(), samples[samples.size() / 2], "instructions");
}

}  // namespace bench
