// tests/system/guest/guest_thread.h
//
// Threads of a guest test:
//
//     JoiningThread other{[&] { ... }};      // Runs at once; the destructor waits for its end.
//
// A stack is not given back: a thread still stands on it when it says that it has done.  The program ends with its boot.
#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

#include <mach/mach.h>
#include <portico/start.h>

#include "guest_test.h"
#include "thread_state.h"

namespace guest {

template <class Body>
class JoiningThread {
public:
    explicit JoiningThread(Body body) : body_{std::move(body)}
    {
        CHECK_OK(semaphore_create(mach_task_self(), &done_, SYNC_POLICY_FIFO, 0));
        vm_address_t room = 0;
        CHECK_OK(vm_allocate(mach_task_self(), &room, stack_size + tls_room, VM_FLAGS_ANYWHERE));
        const vm_address_t stack_end = room + stack_size;
        x86_thread_state64_t state =
            thread_state(&run, this, stack_end, __portico_tls_make(reinterpret_cast<void*>(stack_end)));
        started_ = thread_create_running(mach_task_self(), x86_THREAD_STATE64,
                                         reinterpret_cast<thread_state_t>(&state), x86_THREAD_STATE64_COUNT,
                                         &thread_) == KERN_SUCCESS;
        CHECK(started_);
    }
    ~JoiningThread()
    {
        if (started_) {
            CHECK_OK(semaphore_wait(done_));
            CHECK_OK(mach_port_deallocate(mach_task_self(), thread_));
        }
        CHECK_OK(semaphore_destroy(mach_task_self(), done_));
        CHECK_OK(mach_port_deallocate(mach_task_self(), done_));
    }
    JoiningThread(const JoiningThread&) = delete;
    JoiningThread& operator=(const JoiningThread&) = delete;

private:
    static constexpr std::size_t stack_size = 64 * 1024;
    static constexpr std::size_t tls_room = 4096;

    [[noreturn]] static void run(JoiningThread* self)
    {
        self->body_();
        const semaphore_t done = self->done_;
        (void)semaphore_signal(done);
        (void)thread_terminate(mach_thread_self());
        __builtin_unreachable();
    }

    Body body_;
    semaphore_t done_ = MACH_PORT_NULL;
    mach_port_t thread_ = MACH_PORT_NULL;
    bool started_ = false;
};

}  // namespace guest
