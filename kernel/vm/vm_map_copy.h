// kernel/vm/vm_map_copy.h
//
// Memory that belongs to no map at the moment: what a message carries out of line, between copy-in and
// copy-out.
//
// Owns        its entries with their references to objects, or a buffer of the kernel's.
// Lifetime    move-only.  Whoever holds it when it dies lets the memory go, which must be with no lock held.
// Lock        none: it has one owner.
// Invariants  (C1) The entries are in order, touch each other, start at address 0, and hold exactly the pages
//                  of [offset(), offset() + size()).
//             (C2) Nothing that the sender does later changes what the copy shows: its objects are snapshots,
//                  or nobody else sees the pages that it shows.
#ifndef PORTICO_VM_VM_MAP_COPY_H
#define PORTICO_VM_VM_MAP_COPY_H

#include <cstddef>
#include <span>
#include <utility>

#include <vm/vm_map_entry.h>
#include <vm/vm_types.h>

class Thread;

class VmMapCopy {
public:
    enum class Form : uint8_t { Empty, EntryList, KernelBuffer };

    VmMapCopy() = default;
    VmMapCopy(VmMapCopy&& other) noexcept
        : form_{std::exchange(other.form_, Form::Empty)},
          offset_{other.offset_},
          size_{std::exchange(other.size_, 0)},
          entries_{std::move(other.entries_)},
          buffer_{std::exchange(other.buffer_, nullptr)}
    {
    }
    VmMapCopy& operator=(VmMapCopy&& other) noexcept
    {
        release();
        form_ = std::exchange(other.form_, Form::Empty);
        offset_ = other.offset_;
        size_ = std::exchange(other.size_, 0);
        entries_ = std::move(other.entries_);
        buffer_ = std::exchange(other.buffer_, nullptr);
        return *this;
    }
    ~VmMapCopy() { release(); }

    // A copy of the kernel's own data: what a kernel call answers out of line.
    [[nodiscard]] static mach::Result<VmMapCopy> from_kernel(std::span<const std::byte> data);
    // All of an object that nobody else refers to, `size` bytes of it.
    [[nodiscard]] static mach::Result<VmMapCopy> from_object(RefPtr<VmObject> object, vm_size_t size);

    Form form() const { return form_; }
    vm_size_t size() const { return size_; }        // Bytes.
    vm_offset_t offset() const { return offset_; }  // Of the first byte in the first page.
    bool empty() const { return size_ == 0; }
    vm_size_t page_span() const { return round_page(offset_ + size_); }

    // Copies bytes from `position` on into kernel memory.  May wait for the pager of the memory, on the
    // kernel stack.
    [[nodiscard]] mach::Result<void> read_wait(Thread& self, vm_offset_t position,
                                               std::span<std::byte> into) const;

    // If page number `number` is resident, and nobody but this copy can reach it, the page leaves the copy
    // (which must not be used for it any more) and is the caller's; else null.
    [[nodiscard]] VmPage* steal_page(uint64_t number);

    void release();

private:
    friend class VmMap;

    const VmMapEntry* entry_at(vm_offset_t page_address) const;
    // KernelBuffer -> EntryList.
    mach::Result<void> make_entries();

    Form form_ = Form::Empty;
    vm_offset_t offset_ = 0;
    vm_size_t size_ = 0;
    VmEntryList entries_;
    void* buffer_ = nullptr;  // KernelBuffer: size_ bytes from kalloc().
};

#endif
