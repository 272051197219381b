// kernel/arch/x86_64/local_apic.cpp: see include/arch/apic.h.  By memory, since QEMU's TCG has no x2APIC.
#include <arch/apic.h>

#include <arch/cpu.h>
#include <arch/descriptors.h>
#include <arch/processor.h>
#include <machine/memory.h>
#include <machine/processor.h>

namespace x86 {
namespace {

constexpr uint32_t reg_id = 0x20, reg_task_priority = 0x80, reg_end = 0xb0, reg_spurious = 0xf0,
                   reg_command_low = 0x300, reg_command_high = 0x310, reg_timer = 0x320, reg_lint0 = 0x350,
                   reg_lint1 = 0x360, reg_error = 0x370, reg_initial_count = 0x380, reg_current_count = 0x390,
                   reg_divide = 0x3e0;
constexpr uint32_t masked = 1 << 16, delivery_nmi = 4 << 8, delivery_init = 5 << 8, delivery_startup = 6 << 8,
                   enabled = 1 << 8, command_pending = 1 << 12, asserted = 1 << 14, all_but_self = 3 << 18;

volatile uint32_t* registers;

void write(uint32_t offset, uint32_t value) { registers[offset / 4] = value; }
uint32_t read(uint32_t offset) { return registers[offset / 4]; }

}  // namespace

void local_apic_start()
{
    constexpr uint64_t globally_enabled = 1 << 11;
    const uint64_t base = read_msr(msr_apic_base);
    write_msr(msr_apic_base, base | globally_enabled);
    registers = static_cast<volatile uint32_t*>(machine::phys_to_virt(base & 0x000f'ffff'ffff'f000));
    write(reg_task_priority, 0);
    write(reg_lint0, masked);  // The 8259s come by lines.cpp's choice, if at all.
    write(reg_lint1, delivery_nmi);
    write(reg_error, masked);
    write(reg_divide, 0xb);  // By 1
    write(reg_initial_count, 0);
    write(reg_timer, vector_timer);
    write(reg_spurious, enabled | vector_spurious);
    machine::current_processor().arch.apic_id = read(reg_id) >> 24;
}

void local_apic_accept_8259() { write(reg_lint0, 7 << 8); }  // ExtINT

void local_apic_end_of_interrupt() { write(reg_end, 0); }

namespace {

void send(uint32_t apic_id, uint32_t command)
{
    while ((read(reg_command_low) & command_pending) != 0)
        pause();
    write(reg_command_high, apic_id << 24);
    write(reg_command_low, command);
}

}  // namespace

void send_interrupt(uint32_t apic_id, unsigned vector) { send(apic_id, vector); }
void send_init(uint32_t apic_id) { send(apic_id, delivery_init | asserted); }
void send_startup(uint32_t apic_id, phys_address_t at)
{
    send(apic_id, delivery_startup | asserted | static_cast<uint32_t>(at >> 12));
}
void send_nmi_to_others() { send(0, delivery_nmi | asserted | all_but_self); }

void local_timer_set(uint32_t ticks) { write(reg_initial_count, ticks); }
uint32_t local_timer_left() { return read(reg_current_count); }

}  // namespace x86
