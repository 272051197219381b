// kernel/vm/vm_map.h
//
// An address space: which addresses mean which bytes of which object, and what may be done with them.
//
// Owns        its entries, each with a reference to an object, and the Pmap that caches them for the hardware.
// Lifetime    RefPtr: the task, and kernel calls under way.  terminate() empties it when the task dies.
// Lock        lock_, a Mutex of LockRank::VmMap: taken before any object.  No message is sent and no pager waited for
//             under it.  References to objects are dropped after it is released.
// Invariants  (A1) Entries do not overlap, are not empty, are page-aligned, and lie in [min_address, max_address).
//             (A2) protection <= max_protection.
//             (A3) needs_copy  =>  the entry's mappings in the Pmap allow no writing.  An entry on a frozen object
//                  says needs_copy.
//             (A4) A mapping in the Pmap is covered by an entry that allows at least as much.
//             (A5) The number of entries is limited (design D9): at the limit, calls answer KERN_RESOURCE_SHORTAGE.
// Background  docs/vm.md; Mach 3 Kernel Principles, "Virtual memory".
#ifndef PORTICO_VM_VM_MAP_H
#define PORTICO_VM_VM_MAP_H

#include <boost/intrusive/set.hpp>

#include <kern/mutex.h>
#include <lib/lock.h>
#include <lib/ref.h>
#include <mach/vm_behavior.h>
#include <mach/vm_region.h>
#include <vm/vm_map_copy.h>
#include <vm/vm_object.h>
#include <vm/vm_types.h>

class Pmap;

struct VmMapEntry {
    using Hook = boost::intrusive::set_member_hook<boost::intrusive::link_mode<boost::intrusive::normal_link>>;

    vm_address_t start = 0;
    vm_address_t end = 0;
    RefPtr<VmObject> object;  // Null: zero-filled, nothing touched yet.
    vm_offset_t offset = 0;   // Of `start` in the object.
    vm_prot_t protection = VM_PROT_NONE;
    vm_prot_t max_protection = VM_PROT_NONE;
    vm_inherit_t inheritance = VM_INHERIT_DEFAULT;
    vm_behavior_t behavior = VM_BEHAVIOR_DEFAULT;
    PagerPatience patience;
    uint16_t wired_count = 0;
    bool needs_copy = false;  // Before it is written, the entry gets an object of its own above this one.

    Hook hook;
    VmMapEntry* next_in_copy = nullptr;

    vm_size_t size() const { return end - start; }
    vm_offset_t offset_of(vm_address_t address) const { return offset + (address - start); }
};

class VmMap final : public RefCounted<VmMap> {
public:
    static constexpr size_t entry_limit = 16384;

    // What vm_map() asks for.
    struct Request {
        vm_address_t address = 0;  // Where, or with `anywhere` from where on.
        vm_size_t size = 0;
        vm_offset_t mask = 0;      // Bits that must be zero in the address.
        bool anywhere = true;
        bool overwrite = false;    // With a fixed address: what is there goes first.
        RefPtr<VmObject> object;   // Null: zero-filled memory.
        vm_offset_t offset = 0;
        bool copy = false;         // A copy-on-write snapshot instead of the object itself.
        vm_prot_t protection = VM_PROT_DEFAULT;
        vm_prot_t max_protection = VM_PROT_ALL;
        vm_inherit_t inheritance = VM_INHERIT_DEFAULT;
        PagerPatience patience;
    };

    [[nodiscard]] static mach::Result<RefPtr<VmMap>> create(vm_address_t min_address = VM_MIN_ADDRESS,
                                                            vm_address_t max_address = VM_MAX_ADDRESS);
    // The map of a new task: what the inheritance of each entry says (design D11).
    [[nodiscard]] mach::Result<RefPtr<VmMap>> fork();

    Pmap& pmap() const { return *pmap_; }
    vm_address_t min_address() const { return min_address_; }
    vm_address_t max_address() const { return max_address_; }

    // ---- Calls.  Ranges are rounded out to pages unless said otherwise.
    [[nodiscard]] mach::Result<vm_address_t> enter(Request request);
    [[nodiscard]] mach::Result<vm_address_t> allocate(vm_address_t address, vm_size_t size, int flags);
    mach::Result<void> deallocate(vm_address_t start, vm_size_t size);
    mach::Result<void> protect(vm_address_t start, vm_size_t size, bool set_maximum, vm_prot_t protection);
    mach::Result<void> inherit(vm_address_t start, vm_size_t size, vm_inherit_t inheritance);
    mach::Result<void> set_behavior(vm_address_t start, vm_size_t size, vm_behavior_t behavior);
    mach::Result<void> set_patience(vm_address_t start, vm_size_t size, PagerPatience patience);

    // ---- Memory of messages.  Never touches the data, so never faults.
    [[nodiscard]] mach::Result<VmMapCopy> copy_in(vm_address_t start, vm_size_t size, bool deallocate_source);
    [[nodiscard]] mach::Result<vm_address_t> copy_out(VmMapCopy&& copy);

    struct Region {
        vm_address_t start;
        vm_size_t size;
        vm_region_basic_info_data_t basic;
        vm_region_extended_info_data_t extended;
    };
    // The entry at or after `address`; KERN_NO_SPACE if there is none (Mach's answer).
    [[nodiscard]] mach::Result<Region> region(vm_address_t address);

    // Empties the map for good: later calls answer KERN_TERMINATED.
    void terminate();

    vm_size_t virtual_size();
    uint64_t resident_pages();

private:
    friend class VmFault;
    friend class VmMapEditor;
    friend class RefCounted<VmMap>;

    struct ByStart {
        using type = vm_address_t;
        vm_address_t operator()(const VmMapEntry& entry) const { return entry.start; }
    };
    using Entries =
        boost::intrusive::set<VmMapEntry,
                              boost::intrusive::member_hook<VmMapEntry, VmMapEntry::Hook, &VmMapEntry::hook>,
                              boost::intrusive::key_of_value<ByStart>>;

    mutable Mutex<LockRank::VmMap> lock_;
    Entries entries_ GUARDED_BY(lock_);
    Pmap* pmap_ = nullptr;
    vm_address_t min_address_;
    vm_address_t max_address_;
    vm_address_t hint_ GUARDED_BY(lock_) = 0;
    bool terminated_ GUARDED_BY(lock_) = false;
};

#endif
