// kernel/vm/vm_types.h
//
// The few words that all of vm/ shares: page arithmetic, kinds of access, and how long a fault waits for a
// pager.
#ifndef PORTICO_VM_VM_TYPES_H
#define PORTICO_VM_VM_TYPES_H

#include <cstddef>
#include <cstdint>

#include <mach/result.h>
#include <mach/vm_inherit.h>
#include <mach/vm_param.h>
#include <mach/vm_prot.h>
#include <mach/vm_types.h>

inline constexpr unsigned page_shift = MACH_PAGE_SHIFT;
inline constexpr vm_size_t page_size = vm_size_t{1} << page_shift;
inline constexpr vm_size_t page_mask = page_size - 1;

// A page's place in its object: its byte offset divided by the page size.
using page_index_t = uint64_t;

constexpr vm_offset_t trunc_page(vm_offset_t x) { return x & ~page_mask; }
constexpr vm_offset_t round_page(vm_offset_t x) { return (x + page_mask) & ~page_mask; }
constexpr bool is_page_aligned(vm_offset_t x) { return (x & page_mask) == 0; }
constexpr page_index_t page_index_of(vm_offset_t offset) { return offset >> page_shift; }
constexpr vm_offset_t page_offset_of(page_index_t index) { return index << page_shift; }

// start + size, rounded out to whole pages, or nothing if that leaves the address space.
struct PageRange {
    vm_offset_t start = 0;
    vm_offset_t end = 0;

    static constexpr mach::Result<PageRange> around(vm_offset_t start, vm_size_t size)
    {
        const vm_offset_t last = start + size;
        if (last < start || last > ~page_mask)
            return mach::failure(KERN_INVALID_ADDRESS);
        return PageRange{trunc_page(start), round_page(last)};
    }
    constexpr vm_size_t size() const { return end - start; }
    constexpr bool empty() const { return start == end; }
};

// How long a fault waits for an external pager (design D13).  Whoever maps the memory chooses, per map entry.
struct PagerPatience {
    static constexpr uint32_t for_ever = 0;
    static constexpr uint32_t default_milliseconds = 1000;

    uint32_t milliseconds = default_milliseconds;

    constexpr bool limited() const { return milliseconds != for_ever; }
};

#endif
