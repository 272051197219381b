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
    exception_behavior_t behavior = EXCEPTION_DEFAULT;  // Of the port that has been told.
};

// `self` cannot go on at its user address.  Ends in its return to user mode, or in its termination.
[[noreturn]] void exception_raise(Thread& self, exception_type_t type, exception_data_type_t code,
                                  exception_data_type_t subcode);

// ---- *_set_exception_ports(), in three steps: check the arguments, make the actions, and, under the lock of whoever owns
// them, put them in the place of the old ones, which are dropped after that lock.
[[nodiscard]] mach::Result<void> exception_check(exception_mask_t mask, exception_behavior_t behavior,
                                                 thread_state_flavor_t flavor);
[[nodiscard]] ExceptionActions exception_actions_for(exception_mask_t mask, const SendRight& port,
                                                     exception_behavior_t behavior,
                                                     thread_state_flavor_t flavor);
void exception_actions_replace(ExceptionActions& current, exception_mask_t mask, ExceptionActions& wanted);

#endif
