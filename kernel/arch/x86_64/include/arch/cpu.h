// kernel/arch/x86_64/include/arch/cpu.h
//
// The instructions that C++ has no words for, and what this processor can do.
#ifndef PORTICO_ARCH_CPU_H
#define PORTICO_ARCH_CPU_H

#include <cstdint>

namespace x86 {

inline void out8(uint16_t port, uint8_t value) { asm volatile("outb %0, %1" ::"a"(value), "Nd"(port)); }
inline void out16(uint16_t port, uint16_t value) { asm volatile("outw %0, %1" ::"a"(value), "Nd"(port)); }
inline void out32(uint16_t port, uint32_t value) { asm volatile("outl %0, %1" ::"a"(value), "Nd"(port)); }
inline uint8_t in8(uint16_t port)
{
    uint8_t value;
    asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}
inline uint16_t in16(uint16_t port)
{
    uint16_t value;
    asm volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

inline constexpr uint32_t msr_apic_base = 0x1b;
inline constexpr uint32_t msr_pat = 0x277;
inline constexpr uint32_t msr_tsc_deadline = 0x6e0;
inline constexpr uint32_t msr_efer = 0xc0000080;
inline constexpr uint32_t msr_star = 0xc0000081;
inline constexpr uint32_t msr_lstar = 0xc0000082;
inline constexpr uint32_t msr_cstar = 0xc0000083;
inline constexpr uint32_t msr_fmask = 0xc0000084;
inline constexpr uint32_t msr_fs_base = 0xc0000100;
inline constexpr uint32_t msr_gs_base = 0xc0000101;
inline constexpr uint32_t msr_kernel_gs_base = 0xc0000102;  // In the kernel: user mode's.

inline uint64_t read_msr(uint32_t msr)
{
    uint32_t low, high;
    asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
    return (uint64_t{high} << 32) | low;
}
inline void write_msr(uint32_t msr, uint64_t value)
{
    asm volatile("wrmsr" ::"c"(msr), "a"(static_cast<uint32_t>(value)),
                 "d"(static_cast<uint32_t>(value >> 32))
                 : "memory");
}

inline uint64_t read_cr0()
{
    uint64_t v;
    asm volatile("mov %%cr0, %0" : "=r"(v));
    return v;
}
inline uint64_t read_cr2()
{
    uint64_t v;
    asm volatile("mov %%cr2, %0" : "=r"(v));
    return v;
}
inline uint64_t read_cr3()
{
    uint64_t v;
    asm volatile("mov %%cr3, %0" : "=r"(v));
    return v;
}
inline uint64_t read_cr4()
{
    uint64_t v;
    asm volatile("mov %%cr4, %0" : "=r"(v));
    return v;
}
inline void write_cr0(uint64_t v) { asm volatile("mov %0, %%cr0" ::"r"(v) : "memory"); }
inline void write_cr3(uint64_t v) { asm volatile("mov %0, %%cr3" ::"r"(v) : "memory"); }
inline void write_cr4(uint64_t v) { asm volatile("mov %0, %%cr4" ::"r"(v) : "memory"); }
inline void write_xcr0(uint64_t v)
{
    asm volatile("xsetbv" ::"c"(0), "a"(static_cast<uint32_t>(v)), "d"(static_cast<uint32_t>(v >> 32)));
}

inline uint64_t read_tsc()
{
    uint32_t low, high;
    asm volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t{high} << 32) | low;
}
inline void invalidate_page(uint64_t address) { asm volatile("invlpg (%0)" ::"r"(address) : "memory"); }
inline void pause() { asm volatile("pause"); }
inline void disable_interrupts() { asm volatile("cli" ::: "memory"); }

struct Cpuid {
    uint32_t eax, ebx, ecx, edx;
};
inline Cpuid cpuid(uint32_t leaf, uint32_t subleaf = 0)
{
    Cpuid r;
    asm volatile("cpuid" : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx) : "a"(leaf), "c"(subleaf));
    return r;
}

// What all processors have in common; found on the first one (cpu_features.cpp).
struct Features {
    bool smep, smap, umip, fsgsbase, nx, pages_1g, pge, pat, xsave, xsaveopt, avx, tsc_deadline;
    uint64_t xcr0;
};
extern Features features;

void find_features();
// The control registers and model-specific registers of this processor, except for what belongs to the tables.
void enable_features();

}  // namespace x86

#endif
