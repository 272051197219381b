// kernel/kern/exception.h
//
// Exceptions as messages (design: Mach 3, exc.defs).  A thread that cannot go on tells, in this order, its own exception
// port for that exception, its task's, and the host's, and waits for the reply with a continuation.  The first port that
// answers success lets it go on (with new registers, if the reply carries some).  If nobody takes the exception, the
// task is terminated, and a line in the log says why.
//
// Lock        ports: the thread's or the task's own lock.  State of a running exception: Thread::exception, the
//             thread's own.
#ifndef PORTICO_KERN_EXCEPTION_H
#define PORTICO_KERN_EXCEPTION_H

#include <array>
#include <cstdint>

#include <ipc/ipc_right.h>
#include <mach/exception_types.h>
#include <mach/result.h>

class Thread;
class Task;

// Whom to tell about one exception, and how.
struct ExceptionAction {
    SendRight port;
    exception_behavior_t behavior = EXCEPTION_DEFAULT;
    thread_state_flavor_t flavor = THREAD_STATE_NONE;
};
// By exception number; 0 is not used.
using ExceptionActions = std::array<ExceptionAction, EXC_TYPES_COUNT>;

// The exception that a thread is in the middle of.
struct ExceptionState {
    enum class Level : uint8_t { Thread, Task, Host, Nobody };

    exception_type_t type = 0;
    std::array<exception_data_type_t, EXCEPTION_CODE_MAX> code{};
    Level level = Level::Thread;
};

// `self` cannot go on at its user address.  Ends in its return to user mode, or in its termination.
[[noreturn]] void exception_raise(Thread& self, exception_type_t type, exception_data_type_t code,
                                  exception_data_type_t subcode);

#endif
