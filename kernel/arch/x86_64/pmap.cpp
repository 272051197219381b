// kernel/arch/x86_64/pmap.cpp: address spaces as four-level page tables (machine/pmap.h).
//
// Tables and the leaf tables' mapping pointers change under the Pmap's lock.  Entries are atomic, because the processor
// writes accessed and dirty bits, and because the page operations (pmap_page.cpp) take access away under the page's
// lock alone.
#include <machine/pmap.h>

#include <algorithm>
#include <cstring>

#include <arch/pmap_editor.h>
#include <arch/start.h>
#include <arch/tlb.h>
#include <kern/zone.h>
#include <lib/assert.h>
#include <mach/vm_param.h>
#include <machine/memory.h>
#include <vm/vm_page.h>

namespace machine {

using namespace x86;

namespace {

constinit Zone<Pmap> pmap_zone{"physical maps"};

constexpr Entry table_bits = pte_present | pte_write | pte_user;

PageTable* table_of(Entry entry) { return static_cast<PageTable*>(phys_to_virt(entry & pte_address)); }

constexpr uint64_t span_of(unsigned level) { return uint64_t{1} << (12 + 9 * (level - 1)); }

PageTable* make_table(unsigned level)
{
    void* memory = vm_page_grab_kernel(level == 1 ? leaf_table_order : 0);
    if (memory == nullptr)
        return nullptr;
    zero_page(memory);
    if (level == 1)
        zero_page(static_cast<std::byte*>(memory) + page_size);
    return static_cast<PageTable*>(memory);
}

// The first entry of [index, end) that is in use, or `end`.  Address spaces are sparse and tables nearly empty, so the
// entries of a cache line are looked at together.
size_t next_used(const PageTable& table, size_t index, size_t end)
{
    constexpr size_t at_once = 8;
    const auto used = [&](size_t i) { return table.entry[i].load(std::memory_order_relaxed); };
    while (index < end) {
        if (index % at_once == 0 && end - index >= at_once) {
            Entry any = 0;
            for (size_t i = 0; i < at_once; ++i)
                any |= used(index + i);
            if (any == 0) {
                index += at_once;
                continue;
            }
        }
        if (used(index) != 0)
            return index;
        ++index;
    }
    return end;
}

bool is_empty(const PageTable& table) { return next_used(table, 0, entries_per_table) == entries_per_table; }

Entry cache_bits(device_cache_mode_t mode)
{
    switch (mode) {
    case DEVICE_CACHE_NONE:
        return pte_no_cache | pte_write_through;
    case DEVICE_CACHE_WRITE_COMBINE:
        return features.pat ? pte_attribute : pte_no_cache;
    default:
        return 0;
    }
}

Entry protection_bits(vm_prot_t protection)
{
    Entry bits = pte_present | pte_user;
    if ((protection & VM_PROT_WRITE) != 0)
        bits |= pte_write;
    if ((protection & VM_PROT_EXECUTE) == 0 && features.nx)
        bits |= pte_no_execute;
    return bits;
}

// Removes the table's subtables; with `only_empty`, those that map nothing.
void free_tables(PageTable& table, unsigned level, size_t entries, bool only_empty)
{
    for (size_t i = next_used(table, 0, entries); i < entries; i = next_used(table, i + 1, entries)) {
        PageTable* below = table_of(table.entry[i]);
        if (level > 2)
            free_tables(*below, level - 1, entries_per_table, only_empty);
        if (only_empty && !is_empty(*below))
            continue;
        table.entry[i] = 0;
        vm_page_release_kernel(below);
    }
}

constexpr size_t user_top_entries = entries_per_table / 2;

}  // namespace

// ---- PmapEditor: with the Pmap's lock held.

PmapEditor::Slot PmapEditor::find(Pmap& pmap, vm_address_t address)
{
    PageTable* table = pmap.state_.top;
    for (unsigned level = 4; level > 1; --level) {
        const Entry entry = table->entry[table_index(address, level)].load(std::memory_order_relaxed);
        if (entry == 0)
            return {};
        table = table_of(entry);
    }
    return {reinterpret_cast<LeafTable*>(table), table_index(address, 1)};
}

PmapEditor::Slot PmapEditor::find_or_make(Pmap& pmap, vm_address_t address)
{
    PageTable* table = pmap.state_.top;
    for (unsigned level = 4; level > 1; --level) {
        std::atomic<Entry>& entry = table->entry[table_index(address, level)];
        if (entry.load(std::memory_order_relaxed) == 0) [[unlikely]] {
            PageTable* made = make_table(level - 1);
            if (made == nullptr)
                return {};
            entry.store(virt_to_phys(made) | table_bits, std::memory_order_release);
        }
        table = table_of(entry.load(std::memory_order_relaxed));
    }
    return {reinterpret_cast<LeafTable*>(table), table_index(address, 1)};
}

// The caller makes processors forget the translation.
void PmapEditor::clear(Pmap& pmap, Slot slot)
{
    PageMapping* mapping = slot.mapping();
    if (mapping == nullptr) {
        slot.entry().store(0);
    } else {
        VmPage& page = *mapping->page;
        {
            Guard guard{page_lock(page)};
            note_attributes(page, slot.entry().exchange(0));
            unlink(*mapping);
        }
        slot.mapping() = nullptr;
        free_mapping(mapping);
    }
    pmap.resident_count_.fetch_sub(1, std::memory_order_relaxed);
}

// Calls visit(slot, address) for each valid entry in [start, end), which lies in what `table` maps from `base` on.
template <class Visit>
void PmapEditor::for_each_in(PageTable& table, unsigned level, vm_address_t base, vm_address_t start,
                             vm_address_t end, const Visit& visit)
{
    const uint64_t span = span_of(level);
    const size_t last = static_cast<size_t>((end - base + span - 1) / span);
    const size_t first = static_cast<size_t>((start - base) / span);
    for (size_t i = next_used(table, first, last); i < last; i = next_used(table, i + 1, last)) {
        const vm_address_t address = base + i * span;
        if (level == 1) {
            visit(Slot{reinterpret_cast<LeafTable*>(&table), i}, address);
        } else {
            for_each_in(*table_of(table.entry[i].load(std::memory_order_relaxed)), level - 1, address,
                        std::max(start, address), std::min(end, address + span), visit);
        }
    }
}

template <class Visit>
void PmapEditor::for_each(Pmap& pmap, vm_address_t start, vm_address_t end, const Visit& visit)
{
    // A space is emptied before it is destroyed: nothing is looked for a second time.
    if (start < end && pmap.resident_count_.load(std::memory_order_relaxed) != 0)
        for_each_in(*pmap.state_.top, 4, 0, start, end, visit);
}

// Where what was changed lies: forgotten at once at the end.
struct ChangedRange {
    vm_address_t first = UINT64_MAX;
    vm_address_t last = 0;

    void add(vm_address_t address)
    {
        first = std::min(first, address);
        last = std::max(last, address);
    }
    void forget(Pmap& pmap) const
    {
        if (first <= last)
            tlb_forget(pmap, first, last + page_size);
    }
};

void PmapEditor::remove(Pmap& pmap, vm_address_t start, vm_address_t end)
{
    Guard guard{pmap.lock_};
    ChangedRange changed;
    for_each(pmap, start, end, [&](Slot slot, vm_address_t address) {
        clear(pmap, slot);
        changed.add(address);
    });
    changed.forget(pmap);
}

void PmapEditor::protect(Pmap& pmap, vm_address_t start, vm_address_t end, vm_prot_t protection)
{
    Guard guard{pmap.lock_};
    ChangedRange changed;
    for_each(pmap, start, end, [&](Slot slot, vm_address_t address) {
        if (restrict(slot.entry(), protection))
            changed.add(address);
    });
    changed.forget(pmap);
}

mach::Result<void> PmapEditor::enter(Pmap& pmap, vm_address_t address, VmPage* page, Entry wanted)
{
    // The new entry's mapping is made before any lock is taken, and goes back if the page turns out to be mapped here already.
    PageMapping* mapping = page != nullptr ? make_mapping() : nullptr;
    if (page != nullptr && mapping == nullptr)
        return mach::failure(KERN_RESOURCE_SHORTAGE);
    Guard guard{pmap.lock_};
    const Slot slot = find_or_make(pmap, address);
    if (!slot) {
        free_mapping(mapping);
        return mach::failure(KERN_RESOURCE_SHORTAGE);
    }
    const Entry old = slot.entry().load();
    if (old != 0 && ((old ^ wanted) & pte_address) == 0 && slot.has_mapping() == (page != nullptr)) {
        free_mapping(mapping);
        change(pmap, slot, address, wanted);
        return {};
    }
    if (old != 0) {
        clear(pmap, slot);
        tlb_forget(pmap, address, address + page_size);
    }
    if (page == nullptr) {
        slot.entry().store(wanted);
    } else {
        *mapping = {page, &pmap, address, &slot.entry(), nullptr, nullptr};
        slot.mapping() = mapping;
        Guard page_guard{page_lock(*page)};
        link(*mapping);
        slot.entry().store(wanted | pte_managed);
    }
    pmap.resident_count_.fetch_add(1, std::memory_order_relaxed);
    return {};
}

// The same page, with other rights.  Accessed and dirty bits stay.
void PmapEditor::change(Pmap& pmap, Slot slot, vm_address_t address, Entry wanted)
{
    constexpr Entry kept = pte_accessed | pte_dirty | pte_managed;
    Entry old = slot.entry().load();
    while (!slot.entry().compare_exchange_weak(old, (old & kept) | wanted)) {
    }
    // More rights need no flush: a processor that remembers fewer faults, and finds that there is nothing left to do.
    const bool less = ((old & ~wanted) & pte_write) != 0 || ((wanted & ~old) & pte_no_execute) != 0;
    if (less)
        tlb_forget(pmap, address, address + page_size);
}

// ---- Pmap

}  // namespace machine

using machine::PmapEditor;

Pmap* Pmap::create()
{
    Pmap* pmap = machine::pmap_zone.create();
    if (pmap == nullptr)
        return nullptr;
    machine::PmapState& state = pmap->state_;
    state.top = machine::make_table(4);
    if (state.top == nullptr) {
        machine::pmap_zone.destroy(pmap);
        return nullptr;
    }
    state.top_physical = machine::virt_to_phys(state.top);
    const auto* kernel = static_cast<x86::PageTable*>(machine::phys_to_virt(machine::kernel_top_table()));
    for (size_t slot = machine::user_top_entries; kernel->entry[slot] != 0; ++slot)  // The direct map
        state.top->entry[slot] = kernel->entry[slot].load();
    constexpr size_t image_slot = x86::entries_per_table - 1;
    state.top->entry[image_slot] = kernel->entry[image_slot].load();
    return pmap;
}

void Pmap::destroy(Pmap* pmap)
{
    machine::tlb_leave(*pmap);
    pmap->remove(0, VM_MAX_ADDRESS);
    machine::free_tables(*pmap->state_.top, 4, machine::user_top_entries, false);
    vm_page_release_kernel(pmap->state_.top);
    machine::pmap_zone.destroy(pmap);
}

mach::Result<void> Pmap::enter(vm_address_t address, VmPage& page, vm_prot_t protection, bool wired,
                               device_cache_mode_t cache_mode)
{
    const x86::Entry entry = page.physical() | machine::protection_bits(protection) |
                             machine::cache_bits(cache_mode) | (wired ? x86::pte_wired : 0);
    return PmapEditor::enter(*this, address, &page, entry);
}

mach::Result<void> Pmap::enter_physical(vm_address_t address, phys_address_t physical, vm_prot_t protection,
                                        device_cache_mode_t cache_mode)
{
    return PmapEditor::enter(*this, address, nullptr,
                             physical | machine::protection_bits(protection) |
                                 machine::cache_bits(cache_mode));
}

void Pmap::remove(vm_address_t start, vm_address_t end)
{
    PmapEditor::remove(*this, start, std::min<vm_address_t>(end, VM_MAX_ADDRESS));
}

void Pmap::protect(vm_address_t start, vm_address_t end, vm_prot_t protection)
{
    if ((protection & VM_PROT_ALL) == VM_PROT_NONE)
        return remove(start, end);
    PmapEditor::protect(*this, start, std::min<vm_address_t>(end, VM_MAX_ADDRESS), protection);
}

std::optional<phys_address_t> Pmap::extract(vm_address_t address)
{
    Guard guard{lock_};
    const PmapEditor::Slot slot = PmapEditor::find(*this, address);
    const x86::Entry entry = slot ? slot.entry().load() : 0;
    if (entry == 0)
        return std::nullopt;
    return (entry & x86::pte_address) | (address & page_mask);
}

void Pmap::collect()
{
    Guard guard{lock_};
    machine::free_tables(*state_.top, 4, machine::user_top_entries, true);
    machine::tlb_forget(*this, 0, VM_MAX_ADDRESS);  // Processors remember the way through tables, too.
}
