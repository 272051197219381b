// kernel/machine/pmap.h
//
// The physical map: what the hardware knows of one address space.  It is a cache of what the VmMap says: it may forget
// anything but wired mappings at any time, since a fault brings it back.
//
// Owns        page tables, and one PageMapping per mapped managed page, linked to its VmPage.
// Lifetime    create() .. destroy(); the VmMap's.
// Lock        LockRank::Pmap for the tables; LockRank::PmapPage for the mappings of one page.  The page operations need
//             no Pmap lock: entries change atomically.  enter(), remove(), protect() and collect() of one Pmap are called under the
//             map's lock or the object's; nothing here blocks.
// Invariants  (PM1) A mapping of a managed page is in that page's list exactly while its table entry is valid.
//             (PM2) When an operation that takes access away returns, no processor uses the old translation.
#ifndef PORTICO_MACHINE_PMAP_H
#define PORTICO_MACHINE_PMAP_H

#include <atomic>
#include <cstdint>
#include <optional>

#include <lib/lock.h>
#include <mach/device_types.h>
#include <mach/result.h>
#include <mach/vm_prot.h>
#include <mach/vm_types.h>

#include <arch/pmap_state.h>

class VmPage;

class Pmap {
public:
    [[nodiscard]] static Pmap* create();  // Null: no memory.
    static void destroy(Pmap* pmap);      // No processor runs in it.

    Pmap(const Pmap&) = delete;
    Pmap& operator=(const Pmap&) = delete;

    // Maps `page` at `address`, instead of what was there.  KERN_RESOURCE_SHORTAGE: no memory for tables.
    [[nodiscard]] mach::Result<void> enter(vm_address_t address, VmPage& page, vm_prot_t protection,
                                           bool wired, device_cache_mode_t cache_mode = DEVICE_CACHE_NORMAL);
    // The same for memory that no VmPage describes: device registers.  Page operations do not see it.
    [[nodiscard]] mach::Result<void> enter_physical(vm_address_t address, phys_address_t physical,
                                                    vm_prot_t protection, device_cache_mode_t cache_mode);
    void remove(vm_address_t start, vm_address_t end);
    // Takes away every access that `protection` does not allow; gives none.
    void protect(vm_address_t start, vm_address_t end, vm_prot_t protection);

    std::optional<phys_address_t> extract(vm_address_t address);
    uint64_t resident_count() const { return resident_count_.load(std::memory_order_relaxed); }

    // Frees tables that map nothing.
    void collect();

    machine::PmapState& state() { return state_; }

private:
    friend class machine::PmapEditor;
    template <class>
    friend class Zone;

    Pmap() = default;
    ~Pmap() = default;

    SpinLock<LockRank::Pmap> lock_;
    machine::PmapState state_;
    std::atomic<uint64_t> resident_count_ = 0;
};

namespace machine {

// ---- All mappings of one page, in every Pmap.
// Takes away every access that `protection` does not allow: VM_PROT_NONE unmaps the page.
void pmap_page_protect(VmPage& page, vm_prot_t protection);
bool pmap_is_modified(VmPage& page);
void pmap_clear_modify(VmPage& page);
bool pmap_is_referenced(VmPage& page);
void pmap_clear_reference(VmPage& page);
bool pmap_is_mapped(const VmPage& page);  // A hint, unless nobody can enter it now.

}  // namespace machine

#endif
