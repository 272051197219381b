// kernel/arch/x86_64/kernel_tables.cpp
//
// The kernel's half of every address space, made once at start-up and shared by all Pmaps:
//
//     DIRECT_MAP_BASE   all of RAM, and device memory below 4 GiB.  Never executable.  The image's text and constants are
//                       read-only here, too, so no page is both writable and executable under any address.
//     KERNEL_BASE       the image: text executable, constants read-only, data writable.
#include <arch/start.h>

#include <algorithm>

#include <arch/cpu.h>
#include <arch/page_table.h>
#include <lib/assert.h>
#include <machine/memory.h>
#include <vm/vm_types.h>

extern "C" const std::byte image_text_start[], image_constants_start[], image_data_start[], image_end[];

namespace machine {
namespace {

using namespace x86;

PageTable* top;

phys_address_t image_address(const std::byte* symbol)
{
    return reinterpret_cast<uint64_t>(symbol) - kernel_base;
}

bool is_ram(const MemoryRange& range) { return range.kind != MemoryRange::Kind::Device; }

bool holds_ram(const BootInfo& boot, phys_address_t start, phys_address_t end)
{
    return std::ranges::any_of(boot.memory(), [&](const MemoryRange& range) {
        return is_ram(range) && range.start < end && start < range.end;
    });
}

bool all_ram(const BootInfo& boot, phys_address_t start, phys_address_t end)
{
    for (const MemoryRange& range : boot.memory()) {  // Ascending
        if (is_ram(range) && range.start <= start && start < range.end)
            start = range.end;
    }
    return start >= end;
}

class TableMaker {
public:
    explicit TableMaker(BootInfo& boot) : boot_{boot} {}

    void map_directly(phys_address_t end)
    {
        for (phys_address_t at = 0; at < end;) {
            if (features.pages_1g && at % size_1g == 0 && all_ram(boot_, at, at + size_1g) &&
                !holds_image(at, at + size_1g)) {
                set(direct_map_base + at, 3, at | data_bits() | pte_large);
                at += size_1g;
                continue;
            }
            map_2m(at);
            at += size_2m;
        }
    }

    void map_image()
    {
        map_part(image_text_start, image_constants_start, pte_present | pte_global);
        map_part(image_constants_start, image_data_start, pte_present | pte_global | no_execute());
        map_part(image_data_start, image_end, data_bits());
    }

private:
    static Entry no_execute() { return features.nx ? pte_no_execute : 0; }
    static Entry data_bits() { return pte_present | pte_write | pte_global | no_execute(); }

    static bool holds_image(phys_address_t start, phys_address_t end)
    {
        return start < image_address(image_data_start) && image_address(image_text_start) < end;
    }

    void map_2m(phys_address_t at)
    {
        if (holds_image(at, at + size_2m)) {
            for (phys_address_t page = at; page < at + size_2m; page += size_4k)
                set(direct_map_base + page, 1,
                    page | (holds_image(page, page + size_4k) ? data_bits() & ~pte_write : data_bits()));
            return;
        }
        const bool ram = holds_ram(boot_, at, at + size_2m);
        set(direct_map_base + at, 2,
            at | data_bits() | pte_large | (ram ? 0 : pte_no_cache | pte_write_through));
    }

    void map_part(const std::byte* start, const std::byte* end, Entry bits)
    {
        for (const std::byte* page = start; page < end; page += size_4k)
            set(reinterpret_cast<uint64_t>(page), 1, image_address(page) | bits);
    }

    void set(uint64_t address, unsigned level, Entry value)
    {
        PageTable* table = top;
        for (unsigned l = 4; l > level; --l) {
            std::atomic<Entry>& entry = table->entry[table_index(address, l)];
            if (entry == 0)
                entry = virt_to_phys(boot_page(boot_)) | pte_present | pte_write;
            table = static_cast<PageTable*>(phys_to_virt(entry & pte_address));
        }
        table->entry[table_index(address, level)] = value;
    }

    BootInfo& boot_;
};

}  // namespace

phys_address_t kernel_top_table() { return virt_to_phys(top); }

void make_kernel_tables(BootInfo& boot)
{
    top = static_cast<PageTable*>(boot_page(boot));
    phys_address_t end = 4 * size_1g;
    for (const MemoryRange& range : boot.memory())
        end = std::max(end, (range.end + size_2m - 1) & ~(size_2m - 1));
    TableMaker maker{boot};
    maker.map_directly(end);
    maker.map_image();
    write_cr3(kernel_top_table());
}

}  // namespace machine
