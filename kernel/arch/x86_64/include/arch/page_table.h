// kernel/arch/x86_64/include/arch/page_table.h: the entries of four-level page tables.
#ifndef PORTICO_ARCH_PAGE_TABLE_H
#define PORTICO_ARCH_PAGE_TABLE_H

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace x86 {

using Entry = uint64_t;
inline constexpr Entry pte_present = 1 << 0;
inline constexpr Entry pte_write = 1 << 1;
inline constexpr Entry pte_user = 1 << 2;
inline constexpr Entry pte_write_through = 1 << 3;
inline constexpr Entry pte_no_cache = 1 << 4;
inline constexpr Entry pte_accessed = 1 << 5;
inline constexpr Entry pte_dirty = 1 << 6;
inline constexpr Entry pte_large = 1 << 7;  // In a directory: 2 MiB or 1 GiB.
inline constexpr Entry pte_attribute =
    1 << 7;  // In a table: the PAT's upper half, where entry 4 is write-combining.
inline constexpr Entry pte_global = 1 << 8;
inline constexpr Entry pte_managed = 1 << 9;  // Ours: a PageMapping belongs to it.
inline constexpr Entry pte_wired = 1 << 10;   // Ours.
inline constexpr Entry pte_no_execute = Entry{1} << 63;
inline constexpr Entry pte_address = 0x000f'ffff'ffff'f000;

inline constexpr size_t entries_per_table = 512;
inline constexpr uint64_t size_4k = 1ull << 12, size_2m = 1ull << 21, size_1g = 1ull << 30,
                          size_512g = 1ull << 39;

struct alignas(4096) PageTable {
    std::array<std::atomic<Entry>, entries_per_table> entry;
};
static_assert(sizeof(PageTable) == 4096);

// Levels count from 1 (the table whose entries map 4 KiB pages) to 4.
constexpr size_t table_index(uint64_t address, unsigned level)
{
    return (address >> (12 + 9 * (level - 1))) & (entries_per_table - 1);
}

}  // namespace x86

#endif
