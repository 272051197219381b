// kernel/arch/x86_64/lines.cpp
//
// Interrupt lines by ISA number: the IO-APIC's inputs, as the MADT translates them, or the 8259s where there is no such
// table.  Both are programmed masked; vectors are vector_lines + line.
#include <arch/acpi.h>
#include <arch/apic.h>
#include <arch/cpu.h>
#include <arch/descriptors.h>
#include <machine/memory.h>

namespace x86 {

namespace {

constexpr uint32_t isa_line_count = 16;
constexpr uint32_t cascade = 2;
constexpr uint16_t pic_command[] = {0x20, 0xa0};
constexpr uint16_t pic_data[] = {0x21, 0xa1};
uint16_t pic_masks = 0xffff;

volatile uint32_t* io_apic;  // Null: the 8259s.
uint32_t input_count;

uint32_t read_io_apic(uint32_t reg)
{
    io_apic[0] = reg;
    return io_apic[4];
}
void write_io_apic(uint32_t reg, uint32_t value)
{
    io_apic[0] = reg;
    io_apic[4] = value;
}

uint32_t entry_of(uint32_t line) { return 0x10 + 2 * (acpi.isa_lines[line].input - acpi.io_apic_base); }

void write_pic_masks()
{
    out8(pic_data[0], static_cast<uint8_t>(pic_masks));
    out8(pic_data[1], static_cast<uint8_t>(pic_masks >> 8));
}

// Even where they are not used they must not raise the vectors of exceptions.
void start_8259s()
{
    for (unsigned chip = 0; chip < 2; ++chip) {
        out8(pic_command[chip], 0x11);
        out8(pic_data[chip], static_cast<uint8_t>(vector_lines + 8 * chip));
        out8(pic_data[chip], chip == 0 ? 1 << cascade : cascade);
        out8(pic_data[chip], 1);
    }
    pic_masks = 0xffff;
    write_pic_masks();
}

bool is_8259_spurious(uint32_t line)
{
    if (line != 7 && line != 15)
        return false;
    out8(pic_command[line / 8], 0x0b);  // Read what is in service.
    return (in8(pic_command[line / 8]) & 0x80) == 0;
}

}  // namespace

void lines_start()
{
    start_8259s();
    if (acpi.io_apic == 0) {
        local_apic_accept_8259();
        return;
    }
    io_apic = static_cast<volatile uint32_t*>(machine::phys_to_virt(acpi.io_apic));
    input_count = (read_io_apic(1) >> 16 & 0xff) + 1;
    for (uint32_t input = 0; input < input_count; ++input)
        write_io_apic(0x10 + 2 * input, 1 << 16);
    for (uint32_t line = 0; line < isa_line_count; ++line) {
        if (!line_exists(line))
            continue;
        const AcpiInfo::Override& wiring = acpi.isa_lines[line];
        write_io_apic(entry_of(line) + 1, 0);  // To the first processor.
        write_io_apic(entry_of(line), 1u << 16 | (wiring.level ? 1u << 15 : 0) |
                                          (wiring.active_low ? 1u << 13 : 0) | (vector_lines + line));
    }
}

bool line_exists(uint32_t line)
{
    if (line >= isa_line_count || line == cascade)
        return false;
    return io_apic == nullptr || acpi.isa_lines[line].input - acpi.io_apic_base < input_count;
}

bool line_is_level(uint32_t line) { return io_apic != nullptr && acpi.isa_lines[line].level; }

void line_mask(uint32_t line)
{
    if (io_apic != nullptr) {
        write_io_apic(entry_of(line), read_io_apic(entry_of(line)) | 1u << 16);
        return;
    }
    pic_masks = static_cast<uint16_t>(pic_masks | 1u << line);
    write_pic_masks();
}

void line_unmask(uint32_t line)
{
    if (io_apic != nullptr) {
        write_io_apic(entry_of(line), read_io_apic(entry_of(line)) & ~(1u << 16));
        return;
    }
    pic_masks = static_cast<uint16_t>(pic_masks & ~(1u << line | 1u << cascade));
    write_pic_masks();
}

void line_end_of_interrupt(uint32_t line)
{
    if (io_apic != nullptr) {
        local_apic_end_of_interrupt();
        return;
    }
    if (!is_8259_spurious(line))
        out8(pic_command[line / 8], 0x20);
    if (line >= 8)
        out8(pic_command[0], 0x20);
}

}  // namespace x86
