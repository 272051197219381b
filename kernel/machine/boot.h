// kernel/machine/boot.h
//
// What the boot loader said, in the machine layer's own words: kernel_main() gets it.
#ifndef PORTICO_MACHINE_BOOT_H
#define PORTICO_MACHINE_BOOT_H

#include <array>
#include <cstdint>
#include <span>

#include <mach/boot_info.h>
#include <mach/vm_types.h>

namespace machine {

// Page-aligned, in ascending order, without overlap.
struct MemoryRange {
    enum class Kind : uint8_t {
        Free,    // RAM for the page allocator.
        Kernel,  // RAM under the kernel's image, its first page tables, and what it allocated before vm/ ran.
        Module,  // RAM under a boot module; becomes free when vm/ says so.
        Firmware,  // RAM with tables that the firmware left (ACPI).
        Device,    // Reserved: not RAM, or not ours.
    };
    phys_address_t start;
    phys_address_t end;
    Kind kind;
};

struct BootModule {
    phys_address_t address;   // Page-aligned; the rest of the last page is zero.
    vm_size_t size;           // In bytes.
    boot_module_name_t name;  // The first word of its line in the boot menu.
};

struct BootInfo {
    static constexpr size_t max_ranges = 128;
    static constexpr size_t max_modules = 16;
    static constexpr size_t max_command_line = 4096;

    std::array<MemoryRange, max_ranges> range_storage;
    size_t range_count = 0;
    std::array<BootModule, max_modules> module_storage;
    size_t module_count = 0;
    std::array<char, max_command_line> command_line{};
    phys_address_t acpi_rsdp = 0;  // 0: none.

    std::span<const MemoryRange> memory() const { return {range_storage.data(), range_count}; }
    std::span<const BootModule> modules() const { return {module_storage.data(), module_count}; }
};

const BootInfo& boot_info();

}  // namespace machine

// ---- Where the machine layer hands over: interrupts are off, the boot stack is in use, nothing of kern/, ipc/ or vm/
// has been set up (kern/startup.cpp).  Static constructors have run.
[[noreturn]] void kernel_main(const machine::BootInfo& boot);

#endif
