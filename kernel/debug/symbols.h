// kernel/debug/symbols.h: names for addresses of the image (symbol_table.py packs them in at link time).
#ifndef PORTICO_DEBUG_SYMBOLS_H
#define PORTICO_DEBUG_SYMBOLS_H

#include <cstdint>

struct SymbolAt {
    const char* name = nullptr;  // Null: not in the image's text.
    uint64_t offset = 0;
};
SymbolAt symbol_at(uint64_t address);

// One line for a frame of a backtrace.
void print_address(uint64_t address);

#endif
