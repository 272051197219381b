// kernel/arch/host/include/arch/kernel_stack.h
#ifndef PORTICO_ARCH_KERNEL_STACK_H
#define PORTICO_ARCH_KERNEL_STACK_H

#include <cstddef>

#include <arch/host/fiber.h>

class Thread;

namespace machine {

struct KernelStack {
    static constexpr size_t size =
        256 << 10;  // Sanitizers and GoogleTest's assertions take more than the kernel does.

    KernelStack() : fiber{size} {}
    bool contains(const void* address) const { return fiber.contains(address); }

    host::Fiber fiber;
    int live_objects = 0;
    // What the fiber starts with, when it is prepared.
    void (*continuation)(Thread& self) = nullptr;
    Thread* thread = nullptr;
};

}  // namespace machine

#endif
