// bootstrap/initial_stack.h: what a program finds on its stack (System V ABI for x86-64; portico/start.h).
#ifndef PORTICO_BOOTSTRAP_INITIAL_STACK_H
#define PORTICO_BOOTSTRAP_INITIAL_STACK_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace boot {

using AuxiliaryVector = std::vector<std::pair<uint64_t, uint64_t>>;  // Without its end mark.

// The bytes that lie directly below `top`, lowest first: the stack pointer is `top` less their number, a
// multiple of 16.
std::vector<std::byte> make_initial_stack(uint64_t top, const std::vector<std::string>& arguments,
                                          const AuxiliaryVector& auxiliary);

}  // namespace boot

#endif
