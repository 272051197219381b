// The table of test_traps, made by mig from traps.defs.  Changes here will be lost.
#include "test_trap_table.h"

namespace {

uint64_t trap_self_trap(Thread& self, const uint64_t (&)[6])
{
    return static_cast<uint64_t>(test_traps::self_trap(self));
}

uint64_t trap_read_trap(Thread& self, const uint64_t (&arguments)[6])
{
    return static_cast<uint64_t>(test_traps::read_trap(self, static_cast<mach_port_name_t>(arguments[0]), static_cast<user_address_t>(arguments[1]), static_cast<uint32_t>(arguments[2])));
}

}  // namespace

const TrapEntry test_trap_table[test_trap_count] = {
    {trap_self_trap, "self_trap", 0},
    {nullptr, nullptr, 0},
    {trap_read_trap, "read_trap", 3},
};
