// The kernel's side of test_traps, made by mig from traps.defs.  Changes here will be lost.
#ifndef MIG_TEST_TRAP_TABLE_H
#define MIG_TEST_TRAP_TABLE_H

#include <cstddef>
#include <cstdint>

#include <kern/trap.h>
#include <mach/std_types.h>
#include <mach/std_types.h>

// What the kernel implements.  Addresses are the user's: only copies that can report a fault may use them.
namespace test_traps {

// Who am I?
mach_port_name_t self_trap(Thread& self);

kern_return_t read_trap(Thread& self, mach_port_name_t name, user_address_t data, uint32_t size);

// What user space calls them.
inline constexpr uint64_t number_of_self_trap = 10;
inline constexpr uint64_t number_of_read_trap = 12;

}  // namespace test_traps

struct TrapEntry {
    TrapFunction function;  // Null where a number is not used.
    const char* name;
    unsigned argument_count;
};

inline constexpr uint64_t test_trap_first = 10;
inline constexpr uint64_t test_trap_count = 3;
extern const TrapEntry test_trap_table[test_trap_count];

// The entry of a trap number that user space chose; null if there is none, at either end of the table.
inline const TrapEntry* test_trap_entry(uint64_t number)
{
    const uint64_t index = number - test_trap_first;  // Wraps to a large number below the table.
    if (index >= test_trap_count || test_trap_table[index].function == nullptr)
        return nullptr;
    return &test_trap_table[index];
}

#endif
