// kernel/arch/x86_64/processor.cpp: the processors and their records (machine/processor.h).
//
// The one that the firmware starts is number 0.  The others sleep until start_processors() has woken each by the signals
// INIT and STARTUP; they come by start_other.S to x86_start_other(), one after the other.
#include <machine/processor.h>

#include <array>
#include <cstring>
#include <new>

#include <arch/acpi.h>
#include <arch/apic.h>
#include <arch/cpu.h>
#include <arch/frame.h>
#include <arch/start.h>
#include <kern/sched.h>
#include <kern/thread.h>
#include <lib/assert.h>
#include <lib/print.h>
#include <lock_word.h>
#include <machine/clock.h>
#include <machine/console.h>
#include <machine/memory.h>
#include <vm/vm_page.h>
#include <vm/vm_types.h>

// start_other.S
extern "C" const std::byte start_other_begin[], start_other_end[];
extern "C" {
machine::Processor* start_other_processor;  // Who comes next, and on which stack.
uint64_t start_other_stack;
}

namespace machine {
namespace {

// Where the others begin, in real mode: a page of the first MiB, which nobody else uses after start-up (boot.S says what
// the memory map leaves alone).
constexpr phys_address_t start_page = START_OTHER_AT;

// Made by processor_start(), before any other static object, and never destroyed.
alignas(Processor) std::byte first_processor[sizeof(Processor)];
std::array<Processor*, max_processors> processors;
uint32_t count = 1;
std::atomic<bool> stopping = false;

void wait_ns(uint64_t ns)
{
    const uint64_t end = now_ns() + ns;
    while (now_ns() < end)
        x86::pause();
}

// The smallest block of pages that holds a record.
constexpr unsigned record_order()
{
    unsigned order = 0;
    while ((page_size << order) < sizeof(Processor))
        ++order;
    return order;
}

Processor* make_record(uint32_t id, uint32_t apic_id)
{
    void* memory = vm_page_grab_kernel(record_order());
    if (memory == nullptr)
        return nullptr;
    Processor* processor = new (memory) Processor;
    processor->id = id;
    processor->arch.running_bit = uint64_t{1} << id;
    processor->arch.self = processor;
    processor->arch.apic_id = apic_id;
    return processor;
}

bool comes(const Processor& processor, uint64_t patience_ns)
{
    const uint64_t end = now_ns() + patience_ns;
    while (!processor.arch.running.load(std::memory_order_acquire)) {
        if (now_ns() >= end)
            return false;
        while_spinning();
    }
    return true;
}

// The signal may have to be given twice.
bool start(Processor& processor)
{
    constexpr uint64_t usual_ns = 1'000'000, longest_ns = 500'000'000;
    start_other_processor = &processor;
    start_other_stack = processor.sched.idle_thread->kernel_stack()->top();
    x86::send_startup(processor.arch.apic_id, start_page);
    if (comes(processor, usual_ns))
        return true;
    x86::send_startup(processor.arch.apic_id, start_page);
    return comes(processor, longest_ns);
}

// The first things that a processor does for itself, and the last that all have in common.
void take_record(Processor& self)
{
    x86::load_descriptor_tables(self.arch.tables, &self);
    x86::write_msr(x86::msr_gs_base, reinterpret_cast<uint64_t>(&self));
    x86::write_msr(x86::msr_kernel_gs_base, 0);
}

}  // namespace

void processor_start()
{
    Processor& self = *new (first_processor) Processor;
    self.arch.self = &self;
    processors[0] = &self;
    take_record(self);
}

void find_processors()
{
    if constexpr (!LockWord::for_many_processors)
        return;
    const uint32_t own = current_processor().arch.apic_id;
    for (uint32_t i = 0; i < x86::acpi.local_apic_count && count < max_processors; ++i) {
        if (x86::acpi.local_apics[i] == own)
            continue;
        processors[count] = make_record(count, x86::acpi.local_apics[i]);
        if (processors[count] == nullptr)
            return;  // Without memory for it, it sleeps on.
        ++count;
    }
}

void start_processors()
{
    constexpr uint64_t after_init_ns = 10'000'000;
    if (count == 1)
        return;
    memcpy(phys_to_virt(start_page), start_other_begin,
           static_cast<size_t>(start_other_end - start_other_begin));
    for (uint32_t id = 1; id < count; ++id)
        x86::send_init(processors[id]->arch.apic_id);
    wait_ns(after_init_ns);
    uint32_t running = 1;
    for (uint32_t id = 1; id < count; ++id) {
        if (start(*processors[id]))
            ++running;
        else
            kprint("processor %u does not start\n", id);
    }
    kprint("%u processors run\n", running);
}

// Another processor's first C++, on its idle thread's stack and with boot.S's page tables.
extern "C" [[noreturn]] void x86_start_other(Processor& self)
{
    take_record(self);
    x86::enable_features();
    x86::write_cr3(kernel_top_table());
    x86::local_apic_start();
    self.arch.running.store(true, std::memory_order_release);
    sched_start_processor();
}

void stop_other_processors()
{
    if (count == 1)
        return;
    stopping.store(true, std::memory_order_seq_cst);
    x86::send_nmi_to_others();
}

Processor& processor(uint32_t id)
{
    KASSERT(id < count, "there is a processor of that number");
    return *processors[id];
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
    if (cpu.shootdown_wanted.load(std::memory_order_acquire) !=
        cpu.shootdown_answered.load(std::memory_order_relaxed)) [[unlikely]]
        x86::answer_shootdown(cpu);
}

}  // namespace machine

void x86::stop_if_told()
{
    if (machine::stopping.load(std::memory_order_acquire))
        machine::halt();
}
