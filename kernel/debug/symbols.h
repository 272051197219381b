// kernel/debug/symbols.h: names for addresses of the image (symbol_table.py packs them in at link time).
#ifndef PORTICO_DEBUG_SYMBOLS_H
#define PORTICO_DEBUG_SYMBOLS_H

#include <cstdint>

struct SymbolAt {
    const char* name = nullptr;  // Null: not in the image's text.
    uint64_t offset = 0;
};
SymbolAt symbol_at(uint64_t address);

// One line of a backtrace: an instruction, or where a call returns to (then named after the call itself: behind the last
// call of a function that does not return another function begins).
void print_instruction(uint64_t address);
void print_return_address(uint64_t address);

#endif
