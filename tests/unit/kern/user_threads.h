// tests/unit/kern/user_threads.h: traps by name, for tests whose threads run in user mode.
#ifndef PORTICO_TESTS_UNIT_KERN_USER_THREADS_H
#define PORTICO_TESTS_UNIT_KERN_USER_THREADS_H

#include <cstdlib>
#include <string_view>

#include "kernel_fixture.h"

#include <mach_trap_table.h>
#include <vm/vm_map.h>

inline uint64_t trap_number(std::string_view name)
{
    for (uint64_t i = 0; i < mach_trap_count; ++i)
        if (mach_trap_table[i].name != nullptr && name == mach_trap_table[i].name)
            return mach_trap_first + i;
    std::abort();
}

template <class... Arguments>
int64_t call(std::string_view name, Arguments... arguments)
{
    return static_cast<int32_t>(machine::host::trap(trap_number(name), arguments...));
}

// Sleeps on the system clock.
inline int64_t sleep_ms(uint64_t milliseconds, user_address_t wakeup_time = 0)
{
    return call("clock_sleep_trap", MACH_PORT_NULL, TIME_RELATIVE, milliseconds / 1000,
                milliseconds % 1000 * 1'000'000, wakeup_time);
}

class UserThreads : public KernelFixture {
protected:
    void SetUp() override
    {
        KernelFixture::SetUp();
        task = make_task();
    }
    void TearDown() override
    {
        task.reset();
        KernelFixture::TearDown();
    }
    // Zero-filled memory of the task's, not yet there.
    user_address_t allocate(vm_size_t size) { return *task->map().allocate(0, size, VM_FLAGS_ANYWHERE); }

    TaskRef task;
};

#endif
