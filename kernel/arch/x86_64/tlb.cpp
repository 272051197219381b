// kernel/arch/x86_64/tlb.cpp: see include/arch/tlb.h.  Only processors that run the map are asked; while it waits the
// asker answers requests itself, so two askers cannot block each other.
#include <arch/tlb.h>

#include <arch/apic.h>
#include <arch/cpu.h>
#include <arch/descriptors.h>
#include <arch/pmap_switch.h>
#include <arch/start.h>
#include <machine/pmap.h>
#include <machine/processor.h>
#include <vm/vm_types.h>

namespace machine {
namespace {

uint64_t bit_of(uint32_t id) { return uint64_t{1} << id; }

// A request is a ticket: it is over when the other processor has dropped its translations after it was drawn, whoever
// else asked meanwhile.
struct Tickets {
    uint32_t of[max_processors];
};

bool is_answered(const ProcessorArch& cpu, uint32_t ticket)
{
    return static_cast<int32_t>(cpu.shootdown_answered.load(std::memory_order_acquire) - ticket) >= 0;
}

void ask_others(Pmap& pmap)
{
    const uint32_t self = current_processor().id;
    const uint64_t others = pmap.state().running_on.load(std::memory_order_seq_cst) & ~bit_of(self);
    if (others == 0) [[likely]]
        return;
    Tickets tickets;
    for (uint32_t id = 0; id < processor_count(); ++id) {
        if ((others & bit_of(id)) == 0)
            continue;
        ProcessorArch& cpu = processor(id).arch;
        tickets.of[id] = cpu.shootdown_wanted.fetch_add(1, std::memory_order_seq_cst) + 1;
        x86::send_interrupt(cpu.apic_id, x86::vector_shootdown);
    }
    for (uint32_t id = 0; id < processor_count(); ++id)
        while ((others & bit_of(id)) != 0 && !is_answered(processor(id).arch, tickets.of[id]))
            while_spinning();
}

}  // namespace

void leave_pmap(ProcessorArch& cpu)
{
    if (cpu.pmap == nullptr)
        return;
    x86::write_cr3(kernel_top_table());
    cpu.pmap->state().running_on.fetch_and(~bit_of(cpu.self->id), std::memory_order_seq_cst);
    cpu.pmap = nullptr;
}

void tlb_forget(Pmap& pmap, vm_address_t start, vm_address_t end)
{
    constexpr vm_size_t few_pages = 32;  // More are dropped by dropping all.
    ProcessorArch& cpu = current_processor().arch;
    if (cpu.pmap == &pmap) {
        if (end - start <= few_pages * page_size) {
            for (vm_address_t page = start; page < end; page += page_size)
                x86::invalidate_page(page);
        } else {
            x86::write_cr3(pmap.state().top_physical);
        }
    }
    ask_others(pmap);
}

void tlb_leave(Pmap& pmap)
{
    ProcessorArch& cpu = current_processor().arch;
    if (cpu.pmap == &pmap)
        leave_pmap(cpu);
    pmap.state().dying.store(true, std::memory_order_seq_cst);
    ask_others(pmap);
}

}  // namespace machine

// What was asked for before the count is read is done by what comes after it.
void x86::answer_shootdown(machine::ProcessorArch& cpu)
{
    const uint32_t wanted = cpu.shootdown_wanted.load(std::memory_order_seq_cst);
    if (cpu.pmap != nullptr && cpu.pmap->state().dying.load(std::memory_order_acquire))
        machine::leave_pmap(cpu);
    else
        write_cr3(read_cr3());  // Drops what is not global: all of user space.
    cpu.shootdown_answered.store(wanted, std::memory_order_release);
}
