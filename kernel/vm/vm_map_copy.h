// kernel/vm/vm_map_copy.h
//
// Memory that belongs to no map at the moment: what a message carries out of line, between copy-in and copy-out.
//
// Owns        its entries with their references to (frozen) objects, or a buffer of the kernel's.
// Lifetime    move-only.  Whoever holds it when it dies lets the memory go.
// Lock        none: it has one owner.
// Invariants  (C1) The entries are in order, touch each other, start at page `first page of offset()` and hold exactly
//                  the pages of [offset(), offset() + size()).
//             (C2) Nothing that the sender does later changes what the copy shows (its objects are snapshots).
#ifndef PORTICO_VM_VM_MAP_COPY_H
#define PORTICO_VM_VM_MAP_COPY_H

#include <cstddef>
#include <span>
#include <utility>

#include <boost/intrusive/slist.hpp>

#include <vm/vm_types.h>

class VmMap;
struct VmMapEntry;

class VmMapCopy {
public:
    enum class Form : uint8_t { Empty, EntryList, KernelBuffer };

    VmMapCopy() = default;
    VmMapCopy(VmMapCopy&& other) noexcept;
    VmMapCopy& operator=(VmMapCopy&& other) noexcept;
    ~VmMapCopy() { release(); }

    // A copy of the kernel's own data: what a kernel call answers out of line.
    [[nodiscard]] static mach::Result<VmMapCopy> from_kernel(std::span<const std::byte> data);

    Form form() const { return form_; }
    vm_size_t size() const { return size_; }      // Bytes.
    vm_offset_t offset() const { return offset_; }  // Of the first byte in the first page.
    bool empty() const { return size_ == 0; }

    // Copies `into.size()` bytes from `position` out of resident pages, or says that one is absent
    // (KERN_MEMORY_ERROR).  For kernel routines whose arguments came out of line.
    [[nodiscard]] mach::Result<void> read(vm_offset_t position, std::span<std::byte> into) const;

    void release();

private:
    friend class VmMap;
    friend class VmMapCopyReader;

    Form form_ = Form::Empty;
    vm_offset_t offset_ = 0;
    vm_size_t size_ = 0;
    VmMapEntry* first_ = nullptr;   // EntryList: linked by VmMapEntry::next_in_copy.
    VmMapEntry* last_ = nullptr;
    void* buffer_ = nullptr;        // KernelBuffer: size_ bytes from kalloc().
};

#endif
