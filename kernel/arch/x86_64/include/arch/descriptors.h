// kernel/arch/x86_64/include/arch/descriptors.h
//
// The tables that the processor reads: GDT, TSS, IDT, and the stacks for exceptions that may come at any moment.
#ifndef PORTICO_ARCH_DESCRIPTORS_H
#define PORTICO_ARCH_DESCRIPTORS_H

#include <array>
#include <cstddef>
#include <cstdint>

#include <arch/offsets.h>

namespace x86 {

inline constexpr size_t io_port_count = 65536;

struct [[gnu::packed]] TaskState {
    uint32_t reserved0 = 0;
    uint64_t rsp0 = 0;  // End of the running thread's frame (user_state.h).
    uint64_t rsp1 = 0, rsp2 = 0;
    uint64_t reserved1 = 0;
    std::array<uint64_t, 7> interrupt_stack{};
    uint64_t reserved2 = 0;
    uint16_t reserved3 = 0;
    uint16_t io_bitmap_offset = 0;
    std::array<uint8_t, io_port_count / 8 + 1>
        io_bitmap;  // A set bit forbids; the last byte must be all ones.
};
static_assert(offsetof(TaskState, io_bitmap) == 104);
inline constexpr uint16_t no_io_bitmap =
    sizeof(TaskState);  // Beyond the segment's limit: no port is allowed.

// Interrupt stacks.  Numbers as the IDT counts them, from 1.
enum InterruptStack : unsigned { StackDoubleFault = 1, StackNmi = 2, StackDebug = 3, StackMachineCheck = 4 };
struct alignas(INTERRUPT_STACK_SIZE) InterruptStackMemory {
    std::array<std::byte, INTERRUPT_STACK_SIZE - 16> memory;
    void* processor;  // At the top, so that the entry code can find %gs's value without trusting %gs.
    uint64_t unused;
};
static_assert(sizeof(InterruptStackMemory) == INTERRUPT_STACK_SIZE);

struct DescriptorTables {
    alignas(16) TaskState tss;
    std::array<uint64_t, 7> gdt;
    std::array<InterruptStackMemory, 4> stacks;
};

// Vectors.
inline constexpr unsigned vector_debug = 1, vector_nmi = 2, vector_breakpoint = 3, vector_overflow = 4,
                          vector_bound = 5, vector_invalid_opcode = 6, vector_no_device = 7,
                          vector_double_fault = 8, vector_segment_not_present = 11, vector_stack = 12,
                          vector_general_protection = 13, vector_page_fault = 14, vector_x87 = 16,
                          vector_alignment = 17, vector_machine_check = 18, vector_simd = 19;
inline constexpr unsigned vector_lines = 0x20;  // 0x20 .. 0x37: interrupt lines.
inline constexpr unsigned vector_line_count = 24;
inline constexpr unsigned vector_timer = 0x40;
inline constexpr unsigned vector_wake = 0x41;  // Another processor wants us to look up.
inline constexpr unsigned vector_shootdown = 0x42;
inline constexpr unsigned vector_spurious = 0x4f;
inline constexpr unsigned vector_count = 0x50;

// Once, for all processors.
void fill_gates();
// Fills and loads the tables of this processor, whose record is `processor`.
void load_descriptor_tables(DescriptorTables& tables, void* processor);

}  // namespace x86

#endif
