// kernel/vm/vm_map.h
//
// An address space: which addresses mean which bytes of which object, and what may be done with them.
//
// Owns        its entries, each with a reference to an object, and the Pmap that caches them for the
//             hardware.
// Lifetime    RefPtr: the task, and kernel calls under way.  terminate() empties it when the task dies.
// Lock        lock_, a Mutex of LockRank::VmMap: taken before any object.  No message is sent and no pager
//             waited for under it.  References to objects are dropped after it is released.
// Invariants  (A1) Entries do not overlap, are not empty, are page-aligned, and lie in [min_address,
//                  max_address).
//             (A2) protection <= max_protection.
//             (A3) needs_copy  =>  the entry's mappings in the Pmap allow no writing.  An entry on a frozen
//                  object says needs_copy.
//             (A4) A mapping in the Pmap is covered by an entry that allows at least as much.
//             (A5) The number of entries is limited (design D9): at the limit, calls answer
//                  KERN_RESOURCE_SHORTAGE.
// Background  docs/vm.md; Mach 3 Kernel Principles, "Virtual memory".
#ifndef PORTICO_VM_VM_MAP_H
#define PORTICO_VM_VM_MAP_H

#include <boost/intrusive/set.hpp>

#include <kern/ledger.h>
#include <kern/mutex.h>
#include <kern/reaper.h>
#include <lib/lock.h>
#include <lib/ref.h>
#include <mach/vm_region.h>
#include <machine/pmap.h>
#include <vm/vm_map_copy.h>
#include <vm/vm_map_entry.h>
#include <vm/vm_types.h>

class VmMap final : public RefCounted<VmMap>, public Reapable {
public:
    static constexpr size_t entry_limit = 16384;

    // What vm_map() asks for.
    struct Request {
        vm_address_t address = 0;  // Where, or with `anywhere` from where on.
        vm_size_t size = 0;
        vm_offset_t mask = 0;  // Bits that must be zero in the address.
        bool anywhere = true;
        bool overwrite = false;   // With a fixed address: what is there goes first.
        RefPtr<VmObject> object;  // Null: zero-filled memory.
        vm_offset_t offset = 0;
        bool copy = false;  // A copy-on-write snapshot instead of the object itself.
        vm_prot_t protection = VM_PROT_DEFAULT;
        vm_prot_t max_protection = VM_PROT_ALL;
        vm_inherit_t inheritance = VM_INHERIT_DEFAULT;
        PagerPatience patience;
    };

    // An empty map.  Its entries are charged to `ledger` (null: to nobody).
    [[nodiscard]] static mach::Result<RefPtr<VmMap>> create(RefPtr<Ledger> ledger);
    // The map of a new task: what the inheritance of each entry says.
    [[nodiscard]] mach::Result<RefPtr<VmMap>> fork(RefPtr<Ledger> ledger);

    Pmap& pmap() const { return *pmap_; }

    // ---- Calls.  Ranges are rounded out to whole pages; errors are those of <mach/vm_map.defs>.
    [[nodiscard]] mach::Result<vm_address_t> enter(Request request);
    [[nodiscard]] mach::Result<vm_address_t> allocate(vm_address_t address, vm_size_t size, int flags);
    mach::Result<void> deallocate(vm_address_t start, vm_size_t size);
    mach::Result<void> protect(vm_address_t start, vm_size_t size, bool set_maximum, vm_prot_t protection);
    mach::Result<void> inherit(vm_address_t start, vm_size_t size, vm_inherit_t inheritance);
    mach::Result<void> set_patience(vm_address_t start, vm_size_t size, PagerPatience patience);

    struct RemapResult {
        vm_address_t address;
        vm_prot_t protection;  // What every page of the range allows.
        vm_prot_t max_protection;
    };
    // Memory of `source` (which may be this map) also here: shared, or with `copy` a snapshot.
    [[nodiscard]] mach::Result<RemapResult> remap(VmMap& source, vm_address_t source_start,
                                                  const Request& request);

    // ---- Memory of messages.  Never touches the data, so never faults or waits.
    [[nodiscard]] mach::Result<VmMapCopy> copy_in(vm_address_t start, vm_size_t size, bool deallocate_source);
    // The address of the first byte.  On failure the copy stays whole.
    [[nodiscard]] mach::Result<vm_address_t> copy_out(VmMapCopy& copy);

    // The object behind an address, for memory entries: shared (not frozen), with how far it reaches.
    struct Backing {
        RefPtr<VmObject> object;
        vm_offset_t offset;
        vm_size_t size;        // From the address to the end of the entry.
        vm_prot_t protection;  // The most that the entry could allow.
    };
    [[nodiscard]] mach::Result<Backing> backing_of(vm_address_t address);

    struct Region {
        vm_address_t start;
        vm_size_t size;
        vm_region_basic_info_data_t basic;
        vm_region_extended_info_data_t extended;
    };
    // The entry at or after `address`; KERN_INVALID_ADDRESS if there is none.
    [[nodiscard]] mach::Result<Region> region(vm_address_t address);

    vm_size_t virtual_size();
    uint64_t resident_pages();  // Pages that the Pmap maps.

    // Empties the map for good: later calls answer KERN_TERMINATED.  May take long; with no lock held.
    void terminate();

    static void destroy_last_reference(VmMap* map);

private:
    friend class VmFault;
    template <class>
    friend class Zone;

    struct ByStart {
        using type = vm_address_t;
        vm_address_t operator()(const VmMapEntry& entry) const { return entry.start; }
    };
    using Entries = boost::intrusive::set<
        VmMapEntry, boost::intrusive::member_hook<VmMapEntry, VmMapEntry::MapHook, &VmMapEntry::map_hook>,
        boost::intrusive::key_of_value<ByStart>>;
    using Iterator = Entries::iterator;

    VmMap(Pmap* pmap, RefPtr<Ledger> ledger) : pmap_{pmap}, ledger_{std::move(ledger)} {}
    ~VmMap();
    Step reap() override;

    // ---- vm_map.cpp: entries.
    VmMapEntry* entry_containing(vm_address_t address) REQUIRES(lock_);
    Iterator first_touching(vm_address_t address) REQUIRES(lock_);  // Contains it, or is the next one.
    mach::Result<vm_address_t> find_space(vm_address_t from, vm_size_t size, vm_offset_t mask)
        REQUIRES(lock_);
    mach::Result<vm_address_t> place(const Request& request, VmEntryList& removed) REQUIRES(lock_);
    bool extend_previous(const VmMapEntry& addition) REQUIRES(lock_);
    mach::Result<void> insert(VmMapEntry& entry) REQUIRES(lock_);
    void unlink(Iterator entry) REQUIRES(lock_);
    mach::Result<void> clip(PageRange range) REQUIRES(lock_);
    mach::Result<void> clip_at(vm_address_t address) REQUIRES(lock_);
    mach::Result<void> remove(PageRange range, VmEntryList& removed) REQUIRES(lock_);
    mach::Result<PageRange> checked_range(vm_address_t start, vm_size_t size) const;
    // Calls check(entry) for the entries of the range; KERN_INVALID_ADDRESS if there is a hole.
    template <class Check>
    mach::Result<void> check_range(PageRange range, Check check) REQUIRES(lock_);
    template <class Change>
    mach::Result<void> change_range(PageRange range, Change change) REQUIRES(lock_);
    mach::Result<void> alive() const REQUIRES(lock_);

    // ---- vm_map_share.cpp: fork, copies, remap.
    mach::Result<VmMapEntry*> inherited(VmMapEntry& entry) REQUIRES(lock_);
    mach::Result<VmMapEntry*> shared(VmMapEntry& entry) REQUIRES(lock_);
    mach::Result<void> collect(PageRange range, bool copy, VmEntryList& into) REQUIRES(lock_);
    mach::Result<void> copy_out_list(VmEntryList& list, const Request& request, vm_address_t& address);
    mach::Result<void> move_or_copy(PageRange range, VmEntryList& into, VmEntryList& removed) REQUIRES(lock_);

    mutable Mutex<LockRank::VmMap> lock_;
    Entries entries_ GUARDED_BY(lock_);
    vm_address_t first_free_ GUARDED_BY(lock_) = VM_MIN_ADDRESS;  // There is no free page below it.
    bool terminated_ GUARDED_BY(lock_) = false;
    Pmap* const pmap_;
    const RefPtr<Ledger> ledger_;
};

template <class Check>
mach::Result<void> VmMap::check_range(PageRange range, Check check)
{
    vm_address_t reached = range.start;
    for (Iterator entry = first_touching(range.start); reached < range.end; ++entry) {
        if (entry == entries_.end() || entry->start > reached)
            return mach::failure(KERN_INVALID_ADDRESS);
        TRY(check(*entry));
        reached = entry->end;
    }
    return {};
}

// Clips, and calls change(entry) for each entry of a range that has no holes.
template <class Change>
mach::Result<void> VmMap::change_range(PageRange range, Change change)
{
    if (range.empty())
        return {};
    TRY(clip(range));
    for (Iterator entry = first_touching(range.start); entry != entries_.end() && entry->start < range.end;
         ++entry)
        TRY(change(*entry));
    return {};
}

using VmMapRef = RefPtr<VmMap>;

#endif
