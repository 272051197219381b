// kernel/arch/x86_64/processor.cpp: see machine/processor.h.  One processor runs so far; the records are for more.
#include <machine/processor.h>

#include <new>

#include <arch/apic.h>
#include <arch/cpu.h>
#include <arch/start.h>
#include <kern/thread.h>
#include <lib/assert.h>

namespace machine {
namespace {

// Made by processor_start(), before any other static object, and never destroyed.
alignas(Processor) std::byte first_processor[sizeof(Processor)];
uint32_t count = 1;

Processor& first() { return *std::launder(reinterpret_cast<Processor*>(first_processor)); }

}  // namespace

void processor_start()
{
    Processor& self = *new (first_processor) Processor;
    self.arch.self = &self;
    x86::load_descriptor_tables(self.arch.tables, &self);
    x86::write_msr(x86::msr_gs_base, reinterpret_cast<uint64_t>(&self));
    x86::write_msr(x86::msr_kernel_gs_base, 0);
}

Processor& processor(uint32_t id)
{
    KASSERT(id < count, "there is a processor of that number");
    (void)id;
    return first();
}

uint32_t processor_count() { return count; }

LockState& lock_state() { return current_processor().locks; }

// sti takes effect after the next instruction: no interrupt falls between it and hlt.
void idle_wait() { asm volatile("sti\n\thlt\n\tcli" ::: "memory"); }

void poll_interrupts() { asm volatile("sti\n\tnop\n\tcli" ::: "memory"); }

void wake_processor(uint32_t id)
{
    if (&processor(id) != &current_processor())
        x86::send_interrupt(processor(id).arch.apic_id, x86::vector_wake);
}

void while_spinning()
{
    x86::pause();
    ProcessorArch& cpu = current_processor().arch;
    if (cpu.shootdown_requested.load(std::memory_order_acquire)) [[unlikely]]
        x86::answer_shootdown(cpu);
}

}  // namespace machine
