// kernel/arch/host/pmap.cpp
//
// The physical map of the simulated machine, and the copies to and from user memory that go through it.
//
// Lock        none of its own: only one simulated processor runs at a time, and nothing here is a place where
//             another one could take over.  The callers' locks are checked by their ranks as everywhere.
#include <machine/pmap.h>

#include <algorithm>
#include <cstring>

#include <kern/task.h>
#include <kern/thread.h>
#include <kern/zone.h>
#include <lib/assert.h>
#include <machine/memory.h>
#include <machine/processor.h>
#include <machine/user_copy.h>
#include <vm/vm_map.h>
#include <vm/vm_page.h>

namespace machine {

namespace {

constinit Zone<Pmap> pmap_zone{"pmaps"};

// VmPage::pmap_attributes.
constexpr uint8_t attribute_referenced = 1;
constexpr uint8_t attribute_modified = 2;

}  // namespace

class PmapEditor {
public:
    static Pmap* create() { return pmap_zone.create(); }
    static void destroy(Pmap* pmap)
    {
        remove(*pmap, 0, ~vm_address_t{0});
        pmap_zone.destroy(pmap);
    }

    static void enter(Pmap& pmap, const PageMapping& wanted)
    {
        auto [at, fresh] = pmap.state_.entries.try_emplace(wanted.address, wanted);
        PageMapping& mapping = at->second;
        if (!fresh) {
            unlink(mapping);
            mapping = wanted;
        } else {
            pmap.resident_count_.fetch_add(1, std::memory_order_relaxed);
        }
        if (mapping.page != nullptr) {
            mapping.next = mapping.page->mappings;
            mapping.page->mappings = &mapping;
        }
    }

    static void remove(Pmap& pmap, vm_address_t start, vm_address_t end)
    {
        auto& entries = pmap.state_.entries;
        for (auto at = entries.lower_bound(start); at != entries.end() && at->first < end;) {
            unlink(at->second);
            at = entries.erase(at);
            pmap.resident_count_.fetch_sub(1, std::memory_order_relaxed);
        }
    }

    // Leaves every mapping of the page, or takes it away, as `protection` says.
    static void protect_page(VmPage& page, vm_prot_t protection)
    {
        for (PageMapping* mapping = page.mappings; mapping != nullptr;) {
            PageMapping& present = *mapping;
            mapping = mapping->next;
            present.protection &= protection;
            if (present.protection == VM_PROT_NONE)
                remove(*present.pmap, present.address, present.address + 1);
        }
    }

    // The byte at a user address, if the access is allowed; what is left of its page is reached, too.
    static std::byte* reach(vm_address_t address, vm_prot_t access)
    {
        Pmap* const borrowed = current_processor().arch.pmap;
        Pmap& pmap = borrowed != nullptr ? *borrowed : current_thread().task().map().pmap();
        auto& entries = pmap.state_.entries;
        auto at = entries.find(trunc_page(address));
        if (at == entries.end() || (at->second.protection & access) != access)
            return nullptr;
        if (VmPage* page = at->second.page) {
            page->pmap_attributes |= attribute_referenced;
            if ((access & VM_PROT_WRITE) != 0)
                page->pmap_attributes |= attribute_modified;
        }
        return static_cast<std::byte*>(phys_to_virt(at->second.physical)) + (address & page_mask);
    }

private:
    static void unlink(PageMapping& mapping)
    {
        if (mapping.page == nullptr)
            return;
        PageMapping** link = &mapping.page->mappings;
        while (*link != &mapping) {
            KASSERT(*link != nullptr, "PM1");
            link = &(*link)->next;
        }
        *link = mapping.next;
        mapping.next = nullptr;
    }
};

// ---- Copies.

namespace {

// Calls move(page bytes, bytes done so far, length) for the part of each page.
template <class Move>
CopyOutcome copy(user_address_t user, size_t size, vm_prot_t access, Move move)
{
    CopyOutcome outcome;
    while (outcome.done < size) {
        const user_address_t at = user + outcome.done;
        std::byte* bytes = PmapEditor::reach(at, access);
        if (bytes == nullptr) {
            outcome.ok = false;
            outcome.absent_at = at;
            outcome.write = (access & VM_PROT_WRITE) != 0;
            return outcome;
        }
        const size_t length = std::min<size_t>(size - outcome.done, page_size - (at & page_mask));
        move(bytes, outcome.done, length);
        outcome.done += length;
    }
    return outcome;
}

void move_nothing(std::byte*, size_t, size_t) {}

}  // namespace

CopyOutcome copy_in(void* to, user_address_t from, size_t size)
{
    return copy(from, size, VM_PROT_READ, [to](const std::byte* bytes, size_t done, size_t length) {
        std::memcpy(static_cast<std::byte*>(to) + done, bytes, length);
    });
}

CopyOutcome copy_out(user_address_t to, const void* from, size_t size)
{
    return copy(to, size, VM_PROT_WRITE, [from](std::byte* bytes, size_t done, size_t length) {
        std::memcpy(bytes, static_cast<const std::byte*>(from) + done, length);
    });
}

CopyOutcome probe_write(user_address_t at, size_t size)
{
    return copy(at, size, VM_PROT_WRITE, move_nothing);
}
CopyOutcome probe_read(user_address_t at, size_t size) { return copy(at, size, VM_PROT_READ, move_nothing); }

}  // namespace machine

using machine::PageMapping;
using machine::PmapEditor;

Pmap* Pmap::create() { return PmapEditor::create(); }
void Pmap::destroy(Pmap* pmap) { PmapEditor::destroy(pmap); }

mach::Result<void> Pmap::enter(vm_address_t address, VmPage& page, vm_prot_t protection, bool,
                               device_cache_mode_t)
{
    PageMapping mapping;
    mapping.pmap = this;
    mapping.address = address;
    mapping.page = &page;
    mapping.physical = page.physical();
    mapping.protection = protection;
    PmapEditor::enter(*this, mapping);
    return {};
}

mach::Result<void> Pmap::enter_physical(vm_address_t address, phys_address_t physical, vm_prot_t protection,
                                        device_cache_mode_t)
{
    PageMapping mapping;
    mapping.pmap = this;
    mapping.address = address;
    mapping.physical = physical;
    mapping.protection = protection;
    PmapEditor::enter(*this, mapping);
    return {};
}

void Pmap::remove(vm_address_t start, vm_address_t end) { PmapEditor::remove(*this, start, end); }

void Pmap::protect(vm_address_t start, vm_address_t end, vm_prot_t protection)
{
    if (protection == VM_PROT_NONE)
        return remove(start, end);
    for (auto at = state_.entries.lower_bound(start); at != state_.entries.end() && at->first < end; ++at)
        at->second.protection &= protection;
}

std::optional<phys_address_t> Pmap::extract(vm_address_t address)
{
    auto at = state_.entries.find(trunc_page(address));
    if (at == state_.entries.end())
        return std::nullopt;
    return at->second.physical + (address & page_mask);
}

void Pmap::collect() {}

namespace machine {

void pmap_page_protect(VmPage& page, vm_prot_t protection) { PmapEditor::protect_page(page, protection); }
bool pmap_is_modified(VmPage& page) { return (page.pmap_attributes & attribute_modified) != 0; }
void pmap_clear_modify(VmPage& page) { page.pmap_attributes &= static_cast<uint8_t>(~attribute_modified); }
bool pmap_is_referenced(VmPage& page) { return (page.pmap_attributes & attribute_referenced) != 0; }
void pmap_clear_reference(VmPage& page)
{
    page.pmap_attributes &= static_cast<uint8_t>(~attribute_referenced);
}
bool pmap_is_mapped(const VmPage& page) { return page.mappings != nullptr; }

}  // namespace machine
