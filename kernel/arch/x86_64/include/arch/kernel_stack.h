// kernel/arch/x86_64/include/arch/kernel_stack.h
//
// A kernel stack: KERNEL_STACK_SIZE bytes, aligned to their size, with this record at the low end.
#ifndef PORTICO_ARCH_KERNEL_STACK_H
#define PORTICO_ARCH_KERNEL_STACK_H

#include <cstdint>

#include <arch/offsets.h>

namespace machine {

struct KernelStack {
    static constexpr uint64_t canary_value = 0x7069'7473'2d66'6f2d;

    uint64_t saved_sp = 0;  // While nobody runs on it: the context that a switch loads.
    int live_objects = 0;   // lib/census.h
    uint64_t canary[4] = {canary_value, canary_value, canary_value, canary_value};  // Overwritten first.

    uint64_t bottom() const { return reinterpret_cast<uint64_t>(this); }
    uint64_t top() const { return bottom() + KERNEL_STACK_SIZE; }
    bool contains(const void* address) const
    {
        return reinterpret_cast<uint64_t>(address) - bottom() < KERNEL_STACK_SIZE;
    }
    bool overflowed() const
    {
        return canary[0] != canary_value || canary[1] != canary_value || canary[2] != canary_value ||
               canary[3] != canary_value;
    }
};

}  // namespace machine

#endif
