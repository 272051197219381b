// kernel/arch/host/fiber.h
//
// Control flows with stacks of their own inside one Linux thread, and switching between them.  Everything that has a
// stack in the simulated machine is a Fiber: the test program itself ("outside"), each kernel stack, each user thread.
//
// AddressSanitizer and ThreadSanitizer are told of every switch.  TSan sees each start of a fiber as a thread of its own,
// without an ordering by the switch: so it finds what the kernel's locks do not order, as on real processors.
//
// Invariants  (F1) Fiber::running() is the one that executes.  Only it may switch.
#ifndef PORTICO_ARCH_HOST_FIBER_H
#define PORTICO_ARCH_HOST_FIBER_H

#include <cstddef>

namespace machine::host {

class Fiber {
public:
    using Entry = void (*)(void* argument);  // Does not return.

    // Around the stack that executes now: the outside.
    Fiber();
    // With a stack of its own, of `size` bytes above a guard page; runs nothing yet.
    explicit Fiber(size_t size);
    ~Fiber();
    Fiber(const Fiber&) = delete;
    Fiber& operator=(const Fiber&) = delete;

    static Fiber& running() { return *running_; }

    // The next switch to it starts `entry(argument)` on its empty stack; what it did before is forgotten.
    void prepare(Entry entry, void* argument);
    // Stops the running fiber here and goes on in this one; returns when something switches back.
    void switch_to();
    // The same, for good: what the running fiber has on its stack is never returned to.  It may be this fiber itself, if
    // it has been prepared.
    [[noreturn]] void jump_to();

    bool contains(const void* address) const
    {
        const auto* at = static_cast<const std::byte*>(address);
        return at >= bottom_ && at < bottom_ + size_;
    }

private:
    static void trampoline();
    void begin();
    void note_leaving(Fiber& next, bool for_good);
    static void note_arrived();

    inline static Fiber* running_ = nullptr;

    std::byte* bottom_ = nullptr;
    size_t size_ = 0;
    bool owns_stack_ = false;
    void* stack_pointer_ = nullptr;  // While it does not run.
    Entry entry_ = nullptr;          // Set: it starts here.
    void* argument_ = nullptr;
    void* fake_stack_ = nullptr;                   // ASan's.
    [[maybe_unused]] void* tsan_fiber_ = nullptr;  // TSan's.
    [[maybe_unused]] void* tsan_old_ =
        nullptr;  // ... of an earlier life, to be destroyed from another fiber.
};

}  // namespace machine::host

#endif
