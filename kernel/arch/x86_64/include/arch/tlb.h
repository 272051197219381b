// kernel/arch/x86_64/include/arch/tlb.h: making processors forget translations (PM2).
#ifndef PORTICO_ARCH_TLB_H
#define PORTICO_ARCH_TLB_H

#include <mach/vm_types.h>

class Pmap;

namespace machine {

// On every processor that has `pmap` loaded.  [start, end) are whole pages.
void tlb_forget(Pmap& pmap, vm_address_t start, vm_address_t end);

// Nobody has `pmap` loaded any more.
void tlb_leave(Pmap& pmap);

}  // namespace machine

#endif
