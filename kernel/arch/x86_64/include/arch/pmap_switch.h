// kernel/arch/x86_64/include/arch/pmap_switch.h: which page tables a processor has loaded.
#ifndef PORTICO_ARCH_PMAP_SWITCH_H
#define PORTICO_ARCH_PMAP_SWITCH_H

#include <arch/cpu.h>
#include <arch/processor.h>
#include <machine/pmap.h>

namespace machine {

// The bit says that this processor must be asked before a translation of the map may be used for something else: it is
// there before the tables are loaded, and goes after others have been.
inline void switch_pmap(ProcessorArch& cpu, Pmap& pmap)
{
    if (cpu.pmap == &pmap)
        return;
    PmapState& state = pmap.state();
    state.running_on.fetch_or(cpu.running_bit, std::memory_order_seq_cst);
    x86::write_cr3(state.top_physical);
    if (cpu.pmap != nullptr)
        cpu.pmap->state().running_on.fetch_and(~cpu.running_bit, std::memory_order_seq_cst);
    cpu.pmap = &pmap;
}
void leave_pmap(ProcessorArch& cpu);  // To the kernel's own tables.

}  // namespace machine

#endif
