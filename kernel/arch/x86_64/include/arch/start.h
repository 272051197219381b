// kernel/arch/x86_64/include/arch/start.h: the steps of start-up, in their order (boot.cpp).
#ifndef PORTICO_ARCH_START_H
#define PORTICO_ARCH_START_H

#include <cstdint>

#include <machine/boot.h>

namespace machine {

void processor_start();  // The first processor: its record, %gs, GDT, TSS, IDT.
void console_start();

// The boot loader's words become BootInfo.  Panics if they are neither multiboot 1's nor 2's.
void read_boot_information(BootInfo& boot, uint32_t magic, phys_address_t information);

// The kernel's own page tables: the direct map, and the image with its protections.  Takes pages out of boot's free
// ranges, and loads the tables.
void make_kernel_tables(BootInfo& boot);
phys_address_t kernel_top_table();  // For %cr3.

// A zeroed page of a free range below 4 GiB, before vm/ runs.
void* boot_page(BootInfo& boot);

void acpi_start(phys_address_t rsdp);
void interrupts_start();  // Local APIC, IO-APIC or 8259.
void clock_start();

}  // namespace machine

#endif
