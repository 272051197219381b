// kernel/arch/x86_64/include/arch/pmap_switch.h: which page tables a processor has loaded.
#ifndef PORTICO_ARCH_PMAP_SWITCH_H
#define PORTICO_ARCH_PMAP_SWITCH_H

#include <arch/processor.h>

class Pmap;

namespace machine {

void switch_pmap(ProcessorArch& cpu, Pmap& pmap);
void leave_pmap(ProcessorArch& cpu);  // To the kernel's own tables.

}  // namespace machine

#endif
