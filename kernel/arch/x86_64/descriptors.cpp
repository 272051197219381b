// kernel/arch/x86_64/descriptors.cpp: see include/arch/descriptors.h.
#include <arch/descriptors.h>

#include <arch/cpu.h>

extern "C" const std::byte exception_stubs[];

namespace x86 {
namespace {

struct [[gnu::packed]] Gate {
    uint16_t offset_low;
    uint16_t selector;
    uint8_t interrupt_stack;
    uint8_t attributes;
    uint16_t offset_middle;
    uint32_t offset_high;
    uint32_t reserved;
};
static_assert(sizeof(Gate) == 16);

struct [[gnu::packed]] TablePointer {
    uint16_t limit;
    uint64_t base;
};

constexpr uint64_t code_descriptor(unsigned privilege)
{
    return 0x00af'9b00'0000'ffff | uint64_t{privilege} << 45;
}
constexpr uint64_t data_descriptor(unsigned privilege)
{
    return 0x00cf'9300'0000'ffff | uint64_t{privilege} << 45;
}

std::array<Gate, vector_count> gates;  // The same for all processors.

unsigned stack_for(unsigned vector)
{
    switch (vector) {
    case vector_double_fault:
        return StackDoubleFault;
    case vector_nmi:
        return StackNmi;
    case vector_debug:
        return StackDebug;
    case vector_machine_check:
        return StackMachineCheck;
    default:
        return 0;
    }
}

}  // namespace

// Interrupt gates all: interrupts are off from the first instruction on.
void fill_gates()
{
    for (unsigned vector = 0; vector < vector_count; ++vector) {
        const uint64_t stub = reinterpret_cast<uint64_t>(exception_stubs) + 16 * vector;
        const unsigned privilege = vector == vector_breakpoint ? 3 : 0;  // What int may call from user mode.
        gates[vector] = {static_cast<uint16_t>(stub),
                         SELECTOR_KERNEL_CODE,
                         static_cast<uint8_t>(stack_for(vector)),
                         static_cast<uint8_t>(0x8e | privilege << 5),
                         static_cast<uint16_t>(stub >> 16),
                         static_cast<uint32_t>(stub >> 32),
                         0};
    }
}

namespace {

void fill_gdt(DescriptorTables& tables)
{
    const uint64_t tss = reinterpret_cast<uint64_t>(&tables.tss);
    const uint64_t limit = sizeof(TaskState) - 1;
    tables.gdt = {0,
                  code_descriptor(0),
                  data_descriptor(0),
                  data_descriptor(3),
                  code_descriptor(3),
                  (limit & 0xffff) | (tss & 0xff'ffff) << 16 | 0x89ull << 40 | (limit >> 16) << 48 |
                      (tss >> 24 & 0xff) << 56,
                  tss >> 32};
}

}  // namespace

void load_descriptor_tables(DescriptorTables& tables, void* processor)
{
    fill_gdt(tables);
    tables.tss.io_bitmap_offset = no_io_bitmap;
    tables.tss.io_bitmap.fill(0xff);
    for (size_t i = 0; i < tables.stacks.size(); ++i) {
        tables.stacks[i].processor = processor;
        tables.tss.interrupt_stack[i] = reinterpret_cast<uint64_t>(&tables.stacks[i].processor);
    }
    const TablePointer gdt{sizeof tables.gdt - 1, reinterpret_cast<uint64_t>(tables.gdt.data())};
    const TablePointer idt{sizeof gates - 1, reinterpret_cast<uint64_t>(gates.data())};
    asm volatile("lgdt %0\n\t"
                 "lidt %1\n\t"
                 "pushq %2\n\t"
                 "leaq 1f(%%rip), %%rax\n\t"
                 "pushq %%rax\n\t"
                 "lretq\n"
                 "1:\n\t"
                 "movl %3, %%ss\n\t"
                 "movl %4, %%ds\n\t"
                 "movl %4, %%es\n\t"
                 "movl %4, %%fs\n\t"
                 "movl %4, %%gs\n\t"
                 "ltr %w5"
                 :
                 : "m"(gdt), "m"(idt), "i"(SELECTOR_KERNEL_CODE), "r"(SELECTOR_KERNEL_DATA), "r"(0),
                   "r"(SELECTOR_TSS)
                 : "rax", "memory");
}

}  // namespace x86
