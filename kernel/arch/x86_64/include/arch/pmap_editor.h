// kernel/arch/x86_64/include/arch/pmap_editor.h: what pmap.cpp and pmap_page.cpp share.
#ifndef PORTICO_ARCH_PMAP_EDITOR_H
#define PORTICO_ARCH_PMAP_EDITOR_H

#include <arch/cpu.h>
#include <arch/pmap_state.h>
#include <lib/lock.h>
#include <machine/pmap.h>

namespace machine {

using PageLock = SpinLock<LockRank::PmapPage>;
PageLock& page_lock(const VmPage& page);

class PmapEditor {
public:
    // An entry of a leaf table.
    class Slot {
    public:
        Slot() = default;
        Slot(LeafTable* table, size_t index) : table_{table}, index_{index} {}
        explicit operator bool() const { return table_ != nullptr; }
        std::atomic<x86::Entry>& entry() const { return table_->table.entry[index_]; }
        PageMapping*& mapping() const { return table_->mapping[index_]; }
        bool has_mapping() const { return mapping() != nullptr; }

    private:
        LeafTable* table_ = nullptr;
        size_t index_ = 0;
    };

    // Under the Pmap's lock.  An empty slot: there is no table (and no memory for one).
    static Slot find(Pmap& pmap, vm_address_t address);
    static Slot find_or_make(Pmap& pmap, vm_address_t address);
    static void clear(Pmap& pmap, Slot slot);
    static void change(Pmap& pmap, Slot slot, vm_address_t address, x86::Entry wanted);
    template <class Visit>
    static void for_each_in(x86::PageTable& table, unsigned level, vm_address_t base, vm_address_t start,
                            vm_address_t end, const Visit& visit);
    template <class Visit>
    static void for_each(Pmap& pmap, vm_address_t start, vm_address_t end, const Visit& visit);

    static mach::Result<void> enter(Pmap& pmap, vm_address_t address, VmPage* page, x86::Entry wanted);
    static void remove(Pmap& pmap, vm_address_t start, vm_address_t end);
    static void protect(Pmap& pmap, vm_address_t start, vm_address_t end, vm_prot_t protection);

    // Takes away what `protection` does not allow; true if there was something.
    static bool restrict(std::atomic<x86::Entry>& entry, vm_prot_t protection);

    // ---- Mappings of a page: under page_lock().
    static void link(PageMapping& mapping);
    static void unlink(PageMapping& mapping);
    static void note_attributes(VmPage& page,
                                x86::Entry entry);  // Accessed and dirty bits that an entry had.
    static PageMapping* make_mapping();
    static void free_mapping(PageMapping* mapping);  // Null is all right.

    // Takes the first mapping of `page` away; false if there is none.
    static bool unmap_first(VmPage& page);
};

}  // namespace machine

#endif
