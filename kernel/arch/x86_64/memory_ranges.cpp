// kernel/arch/x86_64/memory_ranges.cpp: see include/arch/memory_ranges.h.
#include <arch/memory_ranges.h>

#include <algorithm>
#include <cstring>

#include <arch/start.h>
#include <lib/assert.h>
#include <machine/memory.h>
#include <vm/vm_types.h>

extern "C" const std::byte image_physical_start[], image_physical_end[];

namespace machine {
namespace {

std::array<MemoryRange, BootInfo::max_ranges> reserved;
size_t reserved_count = 0;

void insert(BootInfo& boot, size_t place, MemoryRange range)
{
    if (boot.range_count == BootInfo::max_ranges)
        panic("the memory map has more than %zu ranges", BootInfo::max_ranges);
    auto& ranges = boot.range_storage;
    std::copy_backward(ranges.begin() + place, ranges.begin() + boot.range_count,
                       ranges.begin() + boot.range_count + 1);
    ranges[place] = range;
    ++boot.range_count;
}

void erase(BootInfo& boot, size_t place)
{
    auto& ranges = boot.range_storage;
    std::copy(ranges.begin() + place + 1, ranges.begin() + boot.range_count, ranges.begin() + place);
    --boot.range_count;
}

// [start, end) is of this kind from now on, where it was free; what is not in the map yet is added only if `add`.
void carve(BootInfo& boot, phys_address_t start, phys_address_t end, MemoryRange::Kind kind)
{
    for (size_t i = 0; i < boot.range_count; ++i) {
        const MemoryRange range = boot.range_storage[i];
        if (range.kind != MemoryRange::Kind::Free || range.end <= start || end <= range.start)
            continue;
        erase(boot, i);
        if (end < range.end)
            insert(boot, i, {end, range.end, range.kind});
        insert(boot, i, {std::max(start, range.start), std::min(end, range.end), kind});
        if (range.start < start)
            insert(boot, i++, {range.start, start, range.kind});
    }
}

}  // namespace

void add_ram(BootInfo& boot, phys_address_t start, phys_address_t end)
{
    start = round_page(start);
    end = trunc_page(end);
    // Parts that are known already are left out: what remains lies between two neighbours.
    for (size_t i = 0; i <= boot.range_count && start < end; ++i) {
        const phys_address_t next = i < boot.range_count ? boot.range_storage[i].start : UINT64_MAX;
        if (start < next) {
            insert(boot, i, {start, std::min(end, next), MemoryRange::Kind::Free});
            ++i;
        }
        if (i < boot.range_count)
            start = std::max(start, boot.range_storage[i].end);
        else
            break;
    }
}

void note_reserved(phys_address_t start, phys_address_t end, MemoryRange::Kind kind)
{
    if (reserved_count < reserved.size())
        reserved[reserved_count++] = {trunc_page(start), end > ~page_mask ? ~page_mask : round_page(end),
                                      kind};
}

void finish_ranges(BootInfo& boot)
{
    constexpr phys_address_t low_memory = 1 << 20;  // The BIOS, video memory, and page 0.
    for (size_t i = 0; i < reserved_count; ++i)
        carve(boot, reserved[i].start, reserved[i].end, reserved[i].kind);
    carve(boot, 0, low_memory, MemoryRange::Kind::Device);
    carve(boot, reinterpret_cast<uint64_t>(image_physical_start),
          reinterpret_cast<uint64_t>(image_physical_end), MemoryRange::Kind::Kernel);
    for (const BootModule& module : boot.modules()) {
        const phys_address_t end = module.address + module.size;
        if (!is_page_aligned(module.address))
            panic("boot module %s does not start at a page", module.name);
        carve(boot, module.address, round_page(end), MemoryRange::Kind::Module);
        memset(phys_to_virt(end), 0, round_page(end) - end);
    }
}

phys_address_t take_boot_page(BootInfo& boot)
{
    constexpr phys_address_t limit = 1ull << 32;
    for (size_t i = boot.range_count; i-- > 0;) {
        MemoryRange& range = boot.range_storage[i];
        if (range.kind != MemoryRange::Kind::Free || range.end > limit ||
            range.end - range.start < 2 * page_size)
            continue;
        range.end -= page_size;
        const phys_address_t page = range.end;
        const bool joins = i + 1 < boot.range_count && boot.range_storage[i + 1].start == page + page_size &&
                           boot.range_storage[i + 1].kind == MemoryRange::Kind::Kernel;
        if (joins)
            boot.range_storage[i + 1].start = page;
        else
            insert(boot, i + 1, {page, page + page_size, MemoryRange::Kind::Kernel});
        return page;
    }
    panic("no memory for the first page tables");
}

void* boot_page(BootInfo& boot)
{
    void* page = phys_to_virt(take_boot_page(boot));
    memset(page, 0, page_size);
    return page;
}

}  // namespace machine
