// kernel/arch/host/include/arch/pmap_state.h
//
// The page tables of the simulated machine: a map from page address to what is mapped there.
#ifndef PORTICO_ARCH_PMAP_STATE_H
#define PORTICO_ARCH_PMAP_STATE_H

#include <atomic>
#include <map>

#include <mach/vm_prot.h>
#include <mach/vm_types.h>

class Pmap;
class VmPage;

namespace machine {

class PmapEditor;  // arch/host/pmap.cpp

// One valid entry, and the page's record of it.
class PageMapping {
public:
    Pmap* pmap = nullptr;
    vm_address_t address = 0;
    VmPage* page = nullptr;  // Null: of memory that no VmPage describes.
    phys_address_t physical = 0;
    vm_prot_t protection = VM_PROT_NONE;
    PageMapping* next = nullptr;  // Of the same page.
};

struct PmapState {
    std::map<vm_address_t, PageMapping> entries;
};

}  // namespace machine

#endif
