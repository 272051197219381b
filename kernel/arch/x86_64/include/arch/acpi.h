// kernel/arch/x86_64/include/arch/acpi.h: what start-up takes from ACPI's tables.
#ifndef PORTICO_ARCH_ACPI_H
#define PORTICO_ARCH_ACPI_H

#include <array>
#include <cstdint>

#include <mach/vm_types.h>

namespace x86 {

struct AcpiInfo {
    // MADT
    phys_address_t io_apic = 0;  // 0: none.
    uint32_t io_apic_base = 0;   // The number of its first input.
    struct Override {            // An ISA line that is wired otherwise than one to one, edge, active high.
        uint32_t input;
        bool level;
        bool active_low;
    };
    std::array<Override, 16> isa_lines;
    bool has_8259 = true;
    std::array<uint8_t, 64> local_apics{};  // Of processors that can be used, as the table lists them.
    uint32_t local_apic_count = 0;
    // HPET
    phys_address_t hpet = 0;
    // FADT and the DSDT's _S5_
    uint16_t pm1a_control = 0, pm1b_control = 0;  // Ports; 0: none.
    uint16_t sleep_type_a = 0, sleep_type_b = 0;
    bool can_power_off = false;
    uint16_t reset_port = 0;
    uint8_t reset_value = 0;
};
extern AcpiInfo acpi;

}  // namespace x86

#endif
