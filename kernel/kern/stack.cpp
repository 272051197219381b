// kernel/kern/stack.cpp

#include <kern/stack.h>

#include <array>
#include <atomic>

#include <kern/scheduler.h>
#include <lib/lock.h>

namespace {

// A few spare ones save making and unmaking them where threads alternate between the two ways of blocking.
constexpr size_t spare_limit = 16;

SpinLock<LockRank::StackPool> pool_lock;
std::array<machine::KernelStack*, spare_limit> spare GUARDED_BY(pool_lock);
size_t spare_count GUARDED_BY(pool_lock) = 0;
std::atomic<size_t> existing = 0;

machine::KernelStack* take_spare()
{
    Guard guard{pool_lock};
    return spare_count > 0 ? spare[--spare_count] : nullptr;
}

bool keep_spare(machine::KernelStack* stack)
{
    Guard guard{pool_lock};
    if (spare_count == spare_limit)
        return false;
    spare[spare_count++] = stack;
    return true;
}

}  // namespace

size_t stack_count() { return existing.load(std::memory_order_relaxed); }

machine::KernelStack* stack_allocate()
{
    if (machine::KernelStack* stack = take_spare())
        return stack;
    machine::KernelStack* stack = machine::allocate_stack();
    if (stack != nullptr)
        existing.fetch_add(1, std::memory_order_relaxed);
    return stack;
}

void stack_free(machine::KernelStack* stack)
{
    if (!keep_spare(stack)) {
        machine::free_stack(stack);
        existing.fetch_sub(1, std::memory_order_relaxed);
    }
    Scheduler::stack_available();
}

void stack_collect()
{
    while (machine::KernelStack* stack = take_spare()) {
        machine::free_stack(stack);
        existing.fetch_sub(1, std::memory_order_relaxed);
    }
}
