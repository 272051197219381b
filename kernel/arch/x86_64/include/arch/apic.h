// kernel/arch/x86_64/include/arch/apic.h
//
// Interrupt hardware: each processor's local APIC with its timer, and the IO-APIC (or the two 8259s, without ACPI's
// tables) that the lines go to.
#ifndef PORTICO_ARCH_APIC_H
#define PORTICO_ARCH_APIC_H

#include <cstdint>

#include <mach/vm_types.h>

namespace machine {
struct ProcessorArch;
}

namespace x86 {

// ---- Local APIC
void local_apic_start();
void local_apic_end_of_interrupt();
void send_interrupt(uint32_t apic_id, unsigned vector);
void send_init(uint32_t apic_id);  // Back to the state after power-on, and waiting.
void send_startup(uint32_t apic_id,
                  phys_address_t at);  // Goes on at this page of the first MiB, in real mode.
void send_nmi_to_others();
void answer_shootdown(machine::ProcessorArch& cpu);
// The timer counts down from here to its interrupt; 0 stops it.
void local_timer_set(uint32_t ticks);
uint32_t local_timer_left();

// ---- Lines, by ISA number
void local_apic_accept_8259();
void lines_start();
bool line_exists(uint32_t line);
bool line_is_level(uint32_t line);
void line_mask(uint32_t line);
void line_unmask(uint32_t line);
void line_end_of_interrupt(uint32_t line);

}  // namespace x86

#endif
