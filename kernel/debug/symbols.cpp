// kernel/debug/symbols.cpp: see debug/symbols.h.
#include <debug/symbols.h>

#include <algorithm>
#include <span>

#include <lib/print.h>

namespace {

// As symbol_table.py writes it, in order of address.  Weak: the first link has none.
struct Symbol {
    uint32_t address;  // Its low half; the image lies in the last 2 GiB.
    uint32_t name;     // Offset in the names.
};
extern "C" {
[[gnu::weak]] extern const Symbol symbol_table[];
[[gnu::weak]] extern const uint32_t symbol_count;
[[gnu::weak]] extern const char symbol_names[];
extern const char image_text_start[], image_constants_start[];
}

}  // namespace

SymbolAt symbol_at(uint64_t address)
{
    const bool in_text = address >= reinterpret_cast<uint64_t>(image_text_start) &&
                         address < reinterpret_cast<uint64_t>(image_constants_start);
    if (!in_text || symbol_table == nullptr)
        return {};
    const std::span symbols{symbol_table, symbol_count};
    const auto low = static_cast<uint32_t>(address);
    const auto after = std::ranges::upper_bound(symbols, low, {}, &Symbol::address);
    if (after == symbols.begin())
        return {};
    const Symbol& symbol = *std::prev(after);
    return {symbol_names + symbol.name, low - symbol.address};
}

namespace {

void print_named(uint64_t address, const SymbolAt& symbol, uint64_t offset)
{
    if (symbol.name != nullptr)
        kprint("  %016lx  %s+%#lx\n", address, symbol.name, offset);
    else
        kprint("  %016lx\n", address);
}

}  // namespace

void print_instruction(uint64_t address)
{
    const SymbolAt symbol = symbol_at(address);
    print_named(address, symbol, symbol.offset);
}

void print_return_address(uint64_t address)
{
    const SymbolAt symbol = symbol_at(address - 1);
    print_named(address, symbol, symbol.offset + 1);
}
