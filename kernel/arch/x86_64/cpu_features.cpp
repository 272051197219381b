// kernel/arch/x86_64/cpu_features.cpp: what the processor can do, and switching it on.
//
// Everything here is looked for by CPUID; the kernel works without any of it (QEMU's qemu64 has next to nothing).
#include <arch/cpu.h>

#include <cstring>

#include <arch/descriptors.h>
#include <arch/offsets.h>
#include <lib/assert.h>
#include <machine/hand_off.h>

extern "C" {
void syscall_entry();
void syscall_entry_memory();
void syscall_entry_plain();
void syscall_entry_32();

struct SmapSite {
    unsigned char* at;
    uint64_t allow;
};
extern const SmapSite smap_sites_start[];
extern const SmapSite smap_sites_end[];
}

namespace x86 {

Features features;

namespace {

constexpr uint64_t cr0_monitor = 1 << 1, cr0_emulate = 1 << 2, cr0_task_switched = 1 << 3,
                   cr0_numeric = 1 << 5, cr0_write_protect = 1 << 16, cr0_alignment = 1 << 18;
constexpr uint64_t cr4_pge = 1 << 7, cr4_fxsr = 1 << 9, cr4_simd_exceptions = 1 << 10, cr4_umip = 1 << 11,
                   cr4_fsgsbase = 1 << 16, cr4_xsave = 1 << 18, cr4_smep = 1 << 20, cr4_smap = 1 << 21;
constexpr uint64_t efer_syscall = 1, efer_no_execute = 1 << 11;

machine::ShortestWays shortest_ways;

// The shortest ways need what not every processor has.
using TrapEntry = void (*)();
TrapEntry system_call_entry()
{
    if (!features.fsgsbase || !features.xsave || !shortest_ways.messages)
        return syscall_entry_plain;
    return shortest_ways.registers ? syscall_entry : syscall_entry_memory;
}

// User mode's copies: stac and clac where there were nops.  Before the image becomes read-only.
void patch_smap_sites()
{
    for (const SmapSite* site = smap_sites_start; site != smap_sites_end; ++site) {
        static constexpr unsigned char stac[] = {0x0f, 0x01, 0xcb}, clac[] = {0x0f, 0x01, 0xca};
        memcpy(site->at, site->allow != 0 ? stac : clac, 3);
    }
}

}  // namespace

void find_features()
{
    const Cpuid top = cpuid(0);
    const Cpuid basic = cpuid(1);
    const Cpuid extended = top.eax >= 7 ? cpuid(7) : Cpuid{};
    const Cpuid amd = cpuid(0x80000001);
    Features& f = features;
    f.smep = (extended.ebx >> 7 & 1) != 0;
    f.smap = (extended.ebx >> 20 & 1) != 0;
    f.umip = (extended.ecx >> 2 & 1) != 0;
    f.fsgsbase = (extended.ebx & 1) != 0;
    f.nx = (amd.edx >> 20 & 1) != 0;
    f.pages_1g = (amd.edx >> 26 & 1) != 0;
    f.pge = (basic.edx >> 13 & 1) != 0;
    f.pat = (basic.edx >> 16 & 1) != 0;
    f.xsave = (basic.ecx >> 26 & 1) != 0 && top.eax >= 0xd;
    f.avx = f.xsave && (basic.ecx >> 28 & 1) != 0;
    f.xsaveopt = f.xsave && (cpuid(0xd, 1).eax & 1) != 0;
    f.tsc_deadline = (basic.ecx >> 24 & 1) != 0;
    f.xcr0 = f.avx ? 7 : 3;
    if (f.smap)
        patch_smap_sites();
}

void enable_features()
{
    const Features& f = features;
    // SYSCALL, and no execution where a page says so.
    write_msr(msr_efer, read_msr(msr_efer) | efer_syscall | (f.nx ? efer_no_execute : 0));
    write_cr0((read_cr0() & ~(cr0_emulate | cr0_task_switched | cr0_alignment)) | cr0_monitor | cr0_numeric |
              cr0_write_protect);
    uint64_t cr4 = read_cr4() | cr4_fxsr | cr4_simd_exceptions;
    cr4 |= f.pge ? cr4_pge : 0;
    cr4 |= f.umip ? cr4_umip : 0;
    cr4 |= f.fsgsbase ? cr4_fsgsbase : 0;
    cr4 |= f.xsave ? cr4_xsave : 0;
    cr4 |= f.smep ? cr4_smep : 0;
    cr4 |= f.smap ? cr4_smap : 0;
    write_cr4(cr4);
    if (f.xsave)
        write_xcr0(f.xcr0);
    if (f.pat)  // The defaults, but entry 4 is write-combining.
        write_msr(msr_pat, 0x0007'0401'0007'0406);
    // sysret loads cs from the upper selector + 16 and ss from it + 8.
    static_assert(SELECTOR_USER_CODE == SELECTOR_USER_DATA + 8);
    write_msr(msr_star, uint64_t{SELECTOR_USER_DATA - 8} << 48 | uint64_t{SELECTOR_KERNEL_CODE} << 32);
    write_msr(msr_lstar, reinterpret_cast<uint64_t>(system_call_entry()));
    write_msr(msr_cstar, reinterpret_cast<uint64_t>(&syscall_entry_32));
    // Cleared on the way in: TF, IF, DF, IOPL, NT, AC and the arithmetic flags (docs/x86.md, X1).
    write_msr(msr_fmask, 0x4'7fd5);
}

}  // namespace x86

void machine::use_shortest_ways(ShortestWays ways)
{
    x86::shortest_ways = ways;
    x86::write_msr(x86::msr_lstar, reinterpret_cast<uint64_t>(x86::system_call_entry()));
}
