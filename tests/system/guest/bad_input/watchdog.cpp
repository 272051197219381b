// tests/system/guest/bad_input/watchdog.cpp
#include "watchdog.h"

#include "guest_test.h"
#include "thread_state.h"

#include <mach/thread_switch.h>
#include <portico/start.h>

namespace guest {
namespace {

constexpr vm_size_t stack_size = 64 * 1024;
constexpr mach_msg_timeout_t patience = 20;  // Milliseconds: no call that does not wait takes so long.

}  // namespace

// Its storage lies at the bottom of its stack.
Watchdog::Watchdog() : watched_{mach_thread_self()}
{
    CHECK_OK(vm_allocate(mach_task_self(), &stack_, stack_size, VM_FLAGS_ANYWHERE));
    x86_thread_state64_t state = thread_state(&Watchdog::run, this, stack_ + stack_size,
                                              __portico_tls_make(reinterpret_cast<void*>(stack_)));
    CHECK_OK(thread_create_running(mach_task_self(), x86_THREAD_STATE64,
                                   reinterpret_cast<thread_state_t>(&state), x86_THREAD_STATE64_COUNT,
                                   &thread_));
}

Watchdog::~Watchdog()
{
    over_ = true;
    while (!gone_)
        (void)thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 1);
    CHECK_OK(thread_terminate(thread_));
    (void)mach_port_deallocate(mach_task_self(), thread_);
    (void)mach_port_deallocate(mach_task_self(), watched_);
    CHECK_OK(vm_deallocate(mach_task_self(), stack_, stack_size));
}

void Watchdog::run(Watchdog* self)
{
    self->watch();
    mig_dealloc_reply_port(mig_get_reply_port());  // The thread's own, if it has made a call.
    self->gone_ = true;
    for (;;)
        (void)thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 1000);
}

void Watchdog::call_ends()
{
    const uint32_t aborted = aborted_;
    calls_.fetch_add(1);
    while (aborting_)
        (void)thread_switch(MACH_PORT_NULL, SWITCH_OPTION_NONE, 0);
    if (aborted_ != aborted)
        (void)swtch();  // An abort that came too late ends with the next return to user mode.
}

void Watchdog::watch()
{
    uint64_t seen = 0;
    while (!over_) {
        (void)thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, patience);
        aborting_ = true;
        const uint64_t calls = calls_;  // Who ends a call from here on waits for us.
        if (calls % 2 == 1 && calls == seen) {
            (void)thread_abort(watched_);
            aborted_.fetch_add(1);
        }
        aborting_ = false;
        seen = calls;
    }
}

}  // namespace guest
