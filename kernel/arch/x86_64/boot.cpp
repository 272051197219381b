// kernel/arch/x86_64/boot.cpp: the machine's start-up, from boot.S to kernel_main().
#include <arch/start.h>

#include <arch/cpu.h>
#include <arch/descriptors.h>
#include <lib/assert.h>
#include <lib/print.h>
#include <machine/processor.h>

// portico.ld
using Constructor = void (*)();
extern "C" const Constructor constructors_start[], constructors_end[];

namespace machine {
namespace {

BootInfo boot;

const char* name_of(MemoryRange::Kind kind)
{
    switch (kind) {
    case MemoryRange::Kind::Free:
        return "free";
    case MemoryRange::Kind::Kernel:
        return "kernel";
    case MemoryRange::Kind::Module:
        return "module";
    case MemoryRange::Kind::Firmware:
        return "firmware tables";
    case MemoryRange::Kind::Device:
        return "reserved";
    }
    return "?";
}

void print_boot_info()
{
    kprint("Portico on x86-64, started with \"%s\"\n", boot.command_line.data());
    for (const MemoryRange& range : boot.memory())
        kprint("  %012lx-%012lx  %8lu KiB  %s\n", range.start, range.end - 1,
               (range.end - range.start) / 1024, name_of(range.kind));
    for (const BootModule& module : boot.modules())
        kprint("  module %s: %lu bytes at %lx\n", module.name, module.size, module.address);
}

void run_constructors()
{
    for (const Constructor* constructor = constructors_start; constructor != constructors_end; ++constructor)
        (*constructor)();
}

}  // namespace

const BootInfo& boot_info() { return boot; }

// boot.S's successor, on the boot stack.
extern "C" [[noreturn]] void x86_start(uint32_t magic, uint32_t information)
{
    console_start();
    x86::fill_gates();
    processor_start();
    x86::find_features();
    x86::enable_features();
    run_constructors();
    read_boot_information(boot, magic, information);
    make_kernel_tables(boot);
    print_boot_info();
    acpi_start(boot.acpi_rsdp);
    interrupts_start();
    clock_start();
    kernel_main(boot);
}

}  // namespace machine
