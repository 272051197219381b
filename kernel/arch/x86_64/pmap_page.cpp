// kernel/arch/x86_64/pmap_page.cpp: all mappings of one page (machine/pmap.h).
//
// The order of locks is Pmap, then page.  What starts from a page holds the page's lock first: it changes entries
// atomically, for which that lock is enough; only to remove a mapping does it try for the Pmap's lock, too, and begins again
// if somebody has it.
#include <arch/pmap_editor.h>

#include <array>

#include <arch/tlb.h>
#include <kern/zone.h>
#include <machine/processor.h>
#include <vm/vm_page.h>

namespace machine {

using namespace x86;

namespace {

constinit Zone<PageMapping> mapping_zone{"page mappings"};

constexpr size_t lock_count = 64;
std::array<PageLock, lock_count> locks;

// VmPage::pmap_attributes
constexpr uint8_t attribute_referenced = 1, attribute_modified = 2;

uint8_t attributes_of(Entry entry)
{
    return static_cast<uint8_t>(((entry & pte_accessed) != 0 ? attribute_referenced : 0) |
                                ((entry & pte_dirty) != 0 ? attribute_modified : 0));
}

bool has_attribute(VmPage& page, uint8_t attribute)
{
    Guard guard{page_lock(page)};
    if ((page.pmap_attributes & attribute) != 0)
        return true;
    for (const PageMapping* m = page.mappings; m != nullptr; m = m->next) {
        if ((attributes_of(m->entry->load()) & attribute) != 0)
            return true;
    }
    return false;
}

void clear_attribute(VmPage& page, uint8_t attribute, Entry bit)
{
    Guard guard{page_lock(page)};
    page.pmap_attributes = static_cast<uint8_t>(page.pmap_attributes & ~attribute);
    for (PageMapping* m = page.mappings; m != nullptr; m = m->next) {
        if ((m->entry->fetch_and(~bit) & bit) != 0)  // Else no processor remembers it as set.
            tlb_forget(*m->pmap, m->address, m->address + page_size);
    }
}

}  // namespace

PageLock& page_lock(const VmPage& page) { return locks[page.physical() / page_size % lock_count]; }

bool PmapEditor::restrict(std::atomic<Entry>& entry, vm_prot_t protection)
{
    Entry old = entry.load();
    Entry wanted;
    do {
        if (old == 0)
            return false;
        wanted = old;
        if ((protection & VM_PROT_WRITE) == 0)
            wanted &= ~pte_write;
        if ((protection & VM_PROT_EXECUTE) == 0 && features.nx)
            wanted |= pte_no_execute;
        if (wanted == old)
            return false;
    } while (!entry.compare_exchange_weak(old, wanted));
    return true;
}

void PmapEditor::link(PageMapping& mapping)
{
    PageMapping*& first = mapping.page->mappings;
    mapping.next = first;
    mapping.previous = nullptr;
    if (first != nullptr)
        first->previous = &mapping;
    first = &mapping;
}

void PmapEditor::unlink(PageMapping& mapping)
{
    if (mapping.previous != nullptr)
        mapping.previous->next = mapping.next;
    else
        mapping.page->mappings = mapping.next;
    if (mapping.next != nullptr)
        mapping.next->previous = mapping.previous;
}

void PmapEditor::note_attributes(VmPage& page, Entry entry)
{
    page.pmap_attributes = static_cast<uint8_t>(page.pmap_attributes | attributes_of(entry));
}

PageMapping* PmapEditor::make_mapping() { return mapping_zone.create(); }

void PmapEditor::free_mapping(PageMapping* mapping)
{
    if (mapping != nullptr)
        mapping_zone.destroy(mapping);
}

bool PmapEditor::unmap_first(VmPage& page) NO_THREAD_SAFETY_ANALYSIS
{
    for (;;) {
        page_lock(page).acquire();
        PageMapping* mapping = page.mappings;
        if (mapping == nullptr) {
            page_lock(page).release();
            return false;
        }
        Pmap& pmap = *mapping->pmap;
        if (!pmap.lock_.try_acquire()) {
            page_lock(page).release();
            while_spinning();
            continue;
        }
        note_attributes(page, mapping->entry->exchange(0));
        unlink(*mapping);
        page_lock(page).release();
        find(pmap, mapping->address).mapping() = nullptr;
        pmap.resident_count_.fetch_sub(1, std::memory_order_relaxed);
        tlb_forget(pmap, mapping->address, mapping->address + page_size);
        pmap.lock_.release();
        free_mapping(mapping);
        return true;
    }
}

void pmap_page_protect(VmPage& page, vm_prot_t protection)
{
    if ((protection & VM_PROT_ALL) == VM_PROT_NONE) {
        while (PmapEditor::unmap_first(page)) {
        }
        return;
    }
    Guard guard{page_lock(page)};
    for (PageMapping* m = page.mappings; m != nullptr; m = m->next) {
        if (PmapEditor::restrict(*m->entry, protection))
            tlb_forget(*m->pmap, m->address, m->address + page_size);
    }
}

bool pmap_is_modified(VmPage& page) { return has_attribute(page, attribute_modified); }
void pmap_clear_modify(VmPage& page) { clear_attribute(page, attribute_modified, pte_dirty); }
bool pmap_is_referenced(VmPage& page) { return has_attribute(page, attribute_referenced); }
void pmap_clear_reference(VmPage& page) { clear_attribute(page, attribute_referenced, pte_accessed); }
bool pmap_is_mapped(const VmPage& page) { return page.mappings != nullptr; }

}  // namespace machine
