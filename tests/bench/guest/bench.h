// tests/bench/guest/bench.h
//
// What benchmark programs share: the counter, samples, and the lines that ./bench reads.
//
// Under ./bench one tick of the time-stamp counter is one guest instruction (design D20).  A figure is the minimum and
// the median of its samples; each sample is the cost of one operation less the cost of reading the counter.  A program
// calls start() first: a loop of 1,000 instructions must measure 1,000, or ./bench rejects the run.
//
// The program says how a line is printed, by defining print_line(): a first task has the kernel's log, a process has
// standard output.  An operation that fails ends the program with a line that makes ./bench reject the run.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string_view>

namespace bench {

void print_line(const char* line);  // Defined by the program; "\n" is not part of the line.
[[noreturn]] void end();            // Defined by the program: nothing more is measured.

// The one row to measure, as the program's argument names it; all, if empty.
inline std::string_view wanted_row;

// Not inlined, so that two readings with nothing between them are the same distance apart wherever they are.  Under
// -icount nothing is reordered: the plain instruction is enough.
[[gnu::noinline]] inline std::uint64_t counter()
{
    std::uint64_t low;
    asm volatile("rdtsc\n\tshlq $32, %%rdx\n\torq %%rdx, %%rax" : "=a"(low) : : "rdx", "memory");
    return low;
}

// What lies between the two is what the profiler counts (tools/profiler/plugin.c).  Both are instructions without an
// effect, which no compiler makes.
inline void profile_begin() { asm volatile("xchgw %%bx, %%bx" : : : "memory"); }
inline void profile_end() { asm volatile("xchgw %%cx, %%cx" : : : "memory"); }

inline void print_figure(const char* name, std::uint64_t minimum, std::uint64_t median, const char* unit)
{
    char line[128];
    std::snprintf(line, sizeof line, "%s\t%llu\t%llu\t%s", name, static_cast<unsigned long long>(minimum),
                  static_cast<unsigned long long>(median), unit);
    print_line(line);
}

// For the profiler: over how many operations its counts are to be spread.
inline void print_operations(const char* name, std::uint64_t operations)
{
    char line[128];
    std::snprintf(line, sizeof line, "operations\t%s\t%llu", name,
                  static_cast<unsigned long long>(operations));
    print_line(line);
}

[[noreturn]] inline void give_up(const char* what, long code)
{
    char line[128];
    std::snprintf(line, sizeof line, "failed\t%s\t%ld", what, code);
    print_line(line);
    end();
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

// How the samples of a row are taken.
struct Sampling {
    std::uint64_t repeats = 1;  // Operations that are timed together.
    std::uint64_t parts = 1;    // What one operation counts for: pages, for instance.
    int warm_up = 4;  // Both sides have then met every fault, and every cache of the kernel is filled.
};

inline bool is_wanted(const char* name) { return wanted_row.empty() || wanted_row == name; }

// Measures `operation`, which says what went wrong, or 0.  `prepare` does the same before each sample and is not
// counted.
template <std::size_t Samples = default_samples, typename Prepare, typename Operation>
void measure_prepared(const char* name, Sampling sampling, Prepare&& prepare, Operation&& operation)
{
    if (!is_wanted(name))
        return;
    static std::array<std::uint64_t, Samples> samples;
    const std::uint64_t nothing = overhead();
    const std::uint64_t operations = sampling.repeats * sampling.parts;
    if (operations == 0)
        give_up("a row without operations", 0);
    long failure = 0;
    for (int i = 0; i < sampling.warm_up; i++) {
        failure |= prepare();
        failure |= operation();
    }
    for (std::uint64_t& sample : samples) {
        failure |= prepare();
        profile_begin();
        const std::uint64_t start = counter();
        for (std::uint64_t i = 0; i < sampling.repeats; i++)
            failure |= operation();
        sample = (counter() - start - nothing) / operations;
        profile_end();
    }
    if (failure != 0)
        give_up(name, failure);
    std::sort(samples.begin(), samples.end());
    print_figure(name, samples.front(), samples[Samples / 2], "instructions");
    if (!wanted_row.empty())
        print_operations(name, Samples * sampling.repeats * sampling.parts);
}

template <std::size_t Samples = default_samples, typename Operation>
void measure(const char* name, Operation&& operation, std::uint64_t repeats = 1)
{
    measure_prepared<Samples>(name, {.repeats = repeats}, [] { return 0; }, operation);
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

// First of all: what main() was told, and whether the counter can be trusted.
inline void start(int argument_count, char** arguments)
{
    if (argument_count > 1)
        wanted_row = arguments[1];
    calibrate();
}

}  // namespace bench
