// kernel/arch/x86_64/include/arch/processor.h: what the machine layer keeps for each processor.
#ifndef PORTICO_ARCH_PROCESSOR_H
#define PORTICO_ARCH_PROCESSOR_H

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include <arch/descriptors.h>
#include <arch/offsets.h>

class Pmap;
class Thread;

namespace machine {

inline constexpr uint32_t max_processors = 16;

class Processor;
class IoBitmap;

struct ProcessorArch {
    // ---- Known to entry.S by offset.
    Processor* self = nullptr;
    Thread* thread = nullptr;  // Whose user registers are loaded; null: nobody's, a kernel thread runs.
    uint64_t stack_top = 0;    // Of the kernel stack that runs, or that the next entry from user mode uses.
    uint64_t scratch = 0;

    // ---- C++'s own.
    Pmap* pmap = nullptr;                 // Whose page tables are loaded; null: the kernel's own.
    uint64_t running_bit = 1;             // This processor's in PmapState::running_on.
    uint64_t copy_fault_address = 0;      // Where the last user copy stopped.
    const IoBitmap* io_bitmap = nullptr;  // What tss.io_bitmap holds.
    uint64_t io_bitmap_version = 0;
    bool debug_loaded = false;  // The debug registers are not all zero.
    uint32_t apic_id = 0;
    std::atomic<bool> running = false;             // It has come to sched_start_processor().
    std::atomic<uint32_t> shootdown_wanted = 0;    // Requests, ever; each is a ticket (tlb.cpp).
    std::atomic<uint32_t> shootdown_answered = 0;  // Up to this one; written by the processor itself.
    x86::DescriptorTables tables;
};

static_assert(offsetof(ProcessorArch, self) == CPU_SELF && offsetof(ProcessorArch, thread) == CPU_THREAD &&
              offsetof(ProcessorArch, stack_top) == CPU_STACK_TOP &&
              offsetof(ProcessorArch, scratch) == CPU_SCRATCH &&
              offsetof(ProcessorArch, tables.tss.rsp0) == CPU_FRAME_END);

}  // namespace machine

#endif
