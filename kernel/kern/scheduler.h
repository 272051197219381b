// kernel/kern/scheduler.h
//
// The scheduler's inside: what wait_queue.cpp, thread*.cpp and timer.cpp share with sched.cpp.  Others use kern/sched.h.
//
// How a thread leaves a processor.  The thread that gives the processor up chooses its successor and switches to it; the
// *successor* then finishes the predecessor (dispatch): only when nothing runs on the old stack any more is the old
// thread marked as off its processor, queued again if it is still (or again) runnable, and its stack taken back.  With a
// stack hand-over there is no old stack, and the predecessor is finished before the successor starts.
#ifndef PORTICO_KERN_SCHEDULER_H
#define PORTICO_KERN_SCHEDULER_H

#include <kern/sched.h>
#include <kern/thread.h>
#include <kern/wait_queue.h>

struct ProcessorSched;
class Timer;

class Scheduler {
public:
    // ---- Waits (wait_queue.cpp).
    static WaitResult begin_wait(Thread& self, WaitQueue* queue, Interruptible interruptible, Deadline deadline);
    static bool interrupted_already(const Thread& self, Interruptible interruptible);
    static void end_wait(Thread& thread, WaitResult result) REQUIRES(thread.lock());
    static void go(Thread& thread) REQUIRES(thread.lock());
    static bool clear_wait_if(Thread& thread, WaitResult result, bool (*condition)(const Thread&));
    static void wait_timed_out(Timer& timer);

    // ---- Running (sched.cpp).
    // Sets running_ and queues the thread; the thread must be off its processor.
    static void make_runnable(Thread& thread, bool at_front) REQUIRES(thread.lock());
    static void program_clock();
    // The running thread has ended: never comes back.  Drops the thread's reference to itself.
    [[noreturn]] static void leave_for_good(Thread& self);

    // ---- Control of threads (thread.cpp, thread_return.cpp).
    static Thread* create_kernel_thread(Priority priority, Continuation body);
    static void begin_life(Thread& thread, uint32_t holds);
    [[noreturn]] static void end_thread(Thread& self);
    static bool begin_stop(Thread& self);
    static void end_stop(Thread& thread) REQUIRES(thread.lock());
    static void hold(Thread& thread) REQUIRES(thread.lock());
    static void unhold(Thread& thread) REQUIRES(thread.lock());
    static bool is_stopped(const Thread& thread) REQUIRES(thread.lock());
    static bool is_interruptible(const Thread& thread);
    static bool is_safely_interruptible(const Thread& thread);
    static void depression_timed_out(Timer& timer);

    static void set_priority(Thread& thread, Priority priority) REQUIRES(thread.lock());
    // Something better is ready: `self` keeps its place in the queue unless its quantum is over.
    static void preempt(Thread& self);
    [[noreturn]] static void preempt_with(Thread& self, Continuation continuation);
    // A stack has been freed: a thread for which there was none may go on.
    static void stack_available();
    // Makes the processor that runs `thread`, if any, look at its pending work.
    static void notice_pending(Thread& thread) REQUIRES(thread.lock());

private:
    friend void thread_block_with(Thread&, Continuation);
    friend WaitResult thread_block(Thread&);
    friend void thread_hand_off(Thread&, Thread&, Continuation);
    friend void thread_yield(Thread&);
    friend void thread_yield_with(Thread&, Continuation);
    friend bool thread_should_yield();
    friend void sched_init_processor(uint32_t);
    friend void sched_start_processor();
    friend void clock_interrupt();

    static machine::Processor& choose_processor(const Thread& thread);
    static Thread& choose_next(ProcessorSched& processor);
    static Thread* steal_from_others();
    static bool still_waiting(Thread& self);

    // Both run `next` in place of `self`: the first never comes back, the second when `self` runs again.
    [[noreturn]] static void switch_with_continuation(Thread& self, Thread& next, Continuation continuation);
    static void switch_keeping_stack(Thread& self, Thread& next);
    static void prepare_to_run(Thread& next);
    static bool attach_stack(Thread& next);
    static Thread& choose_next_with_stack(ProcessorSched& processor);
    static bool take_for_hand_off(Thread& to);
    static void make_idle_thread(machine::Processor& processor, Thread& idle);
    static void finish_switch();
    static void dispatch(Thread& old);
    [[noreturn]] static void start_on_new_stack(Thread& self);
    [[noreturn]] static void idle_loop(Thread& self);
    static void account(ProcessorSched& processor, Thread& thread);
};

#endif
