// kernel/kern/sched.h
//
// Blocking, running, and returning to user mode.
//
// The kernel runs with interrupts disabled.  A thread gives its processor up where it blocks, at preemption points, and
// on its way back to user mode; nowhere else.  It blocks in one of two ways (design D6):
//   - thread_block_with(): the kernel stack is given up at once and the thread goes on in a continuation, with an empty
//     stack.  Nothing may be live in the frames that are left: no guard, reference or right (debug builds check).
//     If the next thread left a continuation too, it takes the stack over, and no registers are saved or loaded.
//   - thread_block(): the stack is kept, and the call returns.
//
// A continuation must not return; it ends in another of the [[noreturn]] calls below.
// Background  R. Draves, B. Bershad, R. Rashid, R. Dean, "Using Continuations to Implement Thread Management and
//             Communication in Operating Systems", 1991.
#ifndef PORTICO_KERN_SCHED_H
#define PORTICO_KERN_SCHED_H

#include <cstdint>

#include <kern/run_queue.h>
#include <kern/wait_queue.h>
#include <mach/kern_return.h>

class Thread;
class Task;

using Continuation = void (*)(Thread& self);  // Does not return.

inline constexpr uint64_t quantum_ns = 10'000'000;

// The thread that runs on this processor.
Thread& current_thread();

// ---- Blocking: after assert_wait(), with no lock held.  If the wait has already ended they go on at once.
[[noreturn]] void thread_block_with(Thread& self, Continuation continuation);
WaitResult thread_block(Thread& self);

// Blocks like thread_block_with() and runs `to`, claimed from a wait queue, at once on this processor: the RPC hand-off.
// Falls back to making it ready if it is bound elsewhere, has not left its processor yet, or something more urgent waits.
[[noreturn]] void thread_hand_off(Thread& self, Thread& to, Continuation continuation);

// ---- Giving way.
// Where no lock, reference or right is held: lets interrupts in, works off a little of the reap list, and lets another
// thread run if one is due.  Keeps the stack.
void preemption_point(Thread& self);
// Goes to the end of its priority's queue; returns, or goes on in the continuation, when its turn comes.
void thread_yield(Thread& self);
[[noreturn]] void thread_yield_with(Thread& self, Continuation continuation);
// True if thread_yield() would let another thread run.
bool thread_should_yield();

// ---- Going back to user mode: handles termination, abort, suspension and preemption first.
// Ends a trap with `result`.
[[noreturn]] void thread_return(Thread& self, kern_return_t result);
// The same for whatever is not a trap (an exception, an interrupt), or whose result is set already.
[[noreturn]] void thread_exception_return(Thread& self);

// ---- Making threads run.
// Puts a thread that is neither waiting nor running into a run queue: new threads, and the scheduler's own use.
void thread_setrun(Thread& thread);
// The thread's effective priority; takes effect at once, also in the run queue.
void thread_set_priority(Thread& thread, Priority priority);

// ---- Start-up.
// Makes this processor's idle thread and its scheduling record.  Called for each processor, the first one first.
void sched_init_processor(uint32_t id);
// Begins to schedule on this processor; the machine layer's last call on its start-up stack.
[[noreturn]] void sched_start_processor();

// ---- Kernel threads.
// One that begins in the continuation `body` once it is started.  Null: no memory.
Thread* kernel_thread_create(const char* name, Priority priority, Continuation body);
void kernel_thread_start(Thread& thread);
// The running kernel thread is done.
[[noreturn]] void kernel_thread_end(Thread& self);

#endif
