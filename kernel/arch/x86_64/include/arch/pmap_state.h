// kernel/arch/x86_64/include/arch/pmap_state.h: the machine's part of a Pmap, and of the mappings of a page.
#ifndef PORTICO_ARCH_PMAP_STATE_H
#define PORTICO_ARCH_PMAP_STATE_H

#include <array>
#include <atomic>
#include <cstdint>

#include <arch/page_table.h>
#include <mach/vm_types.h>

class Pmap;
class VmPage;

namespace machine {

class PmapEditor;

// One mapping of a managed page (Mach's "pv entry").  Written under the Pmap's lock and the page's.
class PageMapping {
public:
    VmPage* page = nullptr;
    Pmap* pmap = nullptr;
    vm_address_t address = 0;
    std::atomic<x86::Entry>* entry = nullptr;
    PageMapping* next = nullptr;  // In VmPage::mappings
    PageMapping* previous = nullptr;
};

// A table of the lowest level, and for each of its entries the mapping that belongs to it: no search when one goes.
struct LeafTable {
    x86::PageTable table;
    std::array<PageMapping*, x86::entries_per_table> mapping;
};
inline constexpr unsigned leaf_table_order = 1;
static_assert(sizeof(LeafTable) == 4096 << leaf_table_order);

struct PmapState {
    x86::PageTable* top = nullptr;         // By the direct map.
    phys_address_t top_physical = 0;       // For %cr3.
    std::atomic<uint64_t> running_on = 0;  // Bit i: processor i has these tables loaded.
    std::atomic<bool> dying = false;       // Whoever has them loaded without need shall leave.
};

}  // namespace machine

#endif
