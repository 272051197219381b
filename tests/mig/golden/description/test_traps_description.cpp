// The table of test_traps, made by mig.  Changes here will be lost.
#include "test_traps_description.h"

namespace mig::description {
namespace {
constexpr Argument read_trap_arguments[] = {
    {"name", "mach_port_name_t", Kind::Scalar, Format::PortName, Role::Data, true, false, false, false, false, false, 0, 0, no_argument, 4, 4, 1, 0},
    {"data", "char *", Kind::Pointer, Format::Character, Role::Data, false, true, false, false, false, false, 0, 0, 2, 8, 1, 0, 1},
    {"size", "uint32_t", Kind::Scalar, Format::Unsigned, Role::Data, true, false, false, false, false, false, 0, 0, no_argument, 4, 4, 1, 2},
};

constexpr Routine routines[] = {
    {"self_trap", 10, false, {}, {}, {}},
    {"read_trap", 12, false, read_trap_arguments, {}, {}},
};

}  // namespace

constinit const Interface test_traps_description{"test_traps", true, 10, 13, routines};

}  // namespace mig::description
