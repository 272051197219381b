// kernel/vm/memory_entry.h
//
// A right to map a range of an object, with at most some protection: what mach_make_memory_entry(),
// host_boot_module(), device_physical_window() and the like give out.  Its holder can map the memory, and
// nothing else.
//
// Owns        a reference to the object.
// Lifetime    The port keeps it: it goes with the last send right.  Mappings keep the object, not the entry.
// Lock        none: it never changes.
// Invariants  (E1) snapshot  <=>  the object is frozen: everyone who maps it gets a copy, made on write.
#ifndef PORTICO_VM_MEMORY_ENTRY_H
#define PORTICO_VM_MEMORY_ENTRY_H

#include <atomic>

#include <ipc/ipc_kobject.h>
#include <ipc/ipc_port.h>
#include <kern/reaper.h>
#include <lib/ref.h>
#include <vm/vm_map.h>
#include <vm/vm_object.h>

class MemoryEntry final : public RefCounted<MemoryEntry>, public Reapable {
public:
    struct Range {
        RefPtr<VmObject> object;
        vm_offset_t offset = 0;  // Whole pages.
        vm_size_t size = 0;
        vm_prot_t permission = VM_PROT_NONE;
        bool snapshot = false;
    };

    // KERN_RESOURCE_SHORTAGE.
    [[nodiscard]] static mach::Result<RefPtr<MemoryEntry>> create(Range range);
    // One more send right; dead if the last one has gone meanwhile.
    [[nodiscard]] SendRight make_send() { return ipc_kobject_make_send(*port_); }

    const Range& range() const { return range_; }

    // No send right is left; see ipc_kobject_on_no_senders().
    static void no_senders(IpcPort& port);
    static void destroy_last_reference(MemoryEntry* entry) { reaper_enqueue(*entry); }

private:
    template <class>
    friend class Zone;

    explicit MemoryEntry(Range range) : range_{std::move(range)} {}
    ~MemoryEntry() = default;
    Step reap() override;

    Range range_;
    RefPtr<IpcPort> port_;
    std::atomic<bool> ended_ = false;
};

// ---- Entries of particular memory, as rights.
// A part of a pager's object: mach_memory_object_memory_entry().  With VM_PROT_COPY a snapshot of now.
[[nodiscard]] mach::Result<SendRight> memory_entry_of_pager(SendRight pager, vm_size_t size,
                                                            vm_prot_t permission);
// What lies behind an address; the size comes back as what the entry covers: mach_make_memory_entry().
struct MemoryEntryOfMap {
    vm_size_t size;
    SendRight entry;
};
[[nodiscard]] mach::Result<MemoryEntryOfMap> memory_entry_of_map(VmMap& map, vm_address_t address,
                                                                 vm_size_t size, vm_prot_t permission);
// A part of another entry.
[[nodiscard]] mach::Result<MemoryEntryOfMap> memory_entry_of_entry(MemoryEntry& parent, vm_offset_t offset,
                                                                   vm_size_t size, vm_prot_t permission);
// Physical memory that is not RAM of the kernel's: device_physical_window().  KERN_INVALID_ARGUMENT,
// KERN_PROTECTION_FAILURE as there.
[[nodiscard]] mach::Result<SendRight> memory_entry_of_window(phys_address_t start, vm_size_t size,
                                                             device_cache_mode_t cache_mode);
// A page that the kernel has got by vm_page_grab_kernel() and never frees, to be read only: the time.
[[nodiscard]] mach::Result<RefPtr<MemoryEntry>> memory_entry_of_kernel_page(void* page);

// A boot module: host_boot_module().  Made at the first call.  When no right to it and no mapping of it is
// left, its pages become free memory.  KERN_INVALID_ARGUMENT: no such module.  KERN_TERMINATED: its pages
// have been freed.
[[nodiscard]] mach::Result<SendRight> memory_entry_of_boot_module(unsigned index);

// The object behind what vm_map() was given, and how it may be mapped, put into `request`: a memory entry, a
// pager's port, or null for zeros.  The errors of vm_map().
[[nodiscard]] mach::Result<void> memory_entry_resolve(SendRight object, VmMap::Request& request);

#endif
