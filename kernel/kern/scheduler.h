// kernel/kern/scheduler.h
//
// The scheduler's inside: what wait_queue.cpp, thread*.cpp and timer.cpp share with sched.cpp.  Others use kern/sched.h.
//
// How a thread leaves a processor.  The thread that gives the processor up chooses its successor and switches to it; the
// *successor* then finishes the predecessor (dispatch): only when nothing runs on the old stack any more is the old
// thread marked as off its processor, queued again if it is still (or again) runnable, and its stack taken back.  With a
// stack hand-over there is no old stack, and the predecessor is finished before the successor starts.
//
// Time is charged when the clock is read: at a switch that is no hand-off, to the thread that runs then.  A hand-off reads
// no clock.  So what a server does for its clients in hand-offs counts as the time of whoever gives the processor up at
// the end, as if the call had been a procedure's; and the quantum goes with the processor.
#ifndef PORTICO_KERN_SCHEDULER_H
#define PORTICO_KERN_SCHEDULER_H

#include <kern/processor.h>
#include <kern/sched.h>
#include <kern/thread.h>
#include <kern/wait_queue.h>
#include <machine/processor.h>

struct ProcessorSched;
class Timer;

class Scheduler {
public:
    // ---- Waits (wait_queue.cpp).
    static WaitResult begin_wait(Thread& self, WaitQueue* queue, Interruptible interruptible,
                                 Deadline deadline);
    static bool interrupted_already(const Thread& self, Interruptible interruptible);
    static void end_wait(Thread& thread, WaitResult result) REQUIRES(thread.lock());
    static void go(Thread& thread) REQUIRES(thread.lock());
    static bool clear_wait_if(Thread& thread, WaitResult result, bool (*condition)(const Thread&));
    static void clear_owned_wait(Thread& thread, WaitQueue* queue, WaitResult result) REQUIRES(thread.lock());
    // Returns when whoever was about to wake the thread has done so, or has seen what was written into its record before.
    static void await_wakers(Thread& thread);
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

    // Does it wait with that continuation?
    static bool waits_with(const Thread& thread, Continuation continuation)
    {
        Guard guard{thread.lock()};
        return thread.waiting_ && thread.continuation_ == continuation;
    }
    // ---- The shortest hand-over, for ipc/fast_rpc.h: what thread_hand_off() does, for two threads that both wait
    // for messages, under the locks of both threads and of the places where they wait (W4).
    // May `to`, which waits to receive a message, run here at once?  That it is no other kind of wait and has no
    // deadline, thread.user.nothing_particular() says.
    [[gnu::always_inline]] static bool can_take_over(const Thread& to, const ProcessorSched& here)
        REQUIRES(to.lock())
    {
        if (to.running_)
            return false;
        // With nothing ready here, nobody can be due either.
        return here.run_queue.count() == 0 || can_go_first(to, here);
    }
    [[gnu::noinline, gnu::cold]] static bool can_go_first(const Thread& to, const ProcessorSched& here)
    {
        return here.run_queue.highest() <= to.priority_ && !here.preempt.load(std::memory_order_relaxed);
    }
    // `self` waits in `place` with `continuation`; `to` leaves `its_place` with self's stack.  Registers are the machine's.
    static void take_over(Thread& self, WaitQueue& place, Continuation continuation, Thread& to,
                          WaitQueue& its_place, machine::Processor& processor)
        REQUIRES(self.lock(), to.lock());

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
    [[noreturn]] static void switch_for_good(Thread& self, Thread& next, Continuation continuation,
                                             void (*prepare)(Thread&));
    static void prepare_hand_off(Thread& next);
    static void switch_keeping_stack(Thread& self, Thread& next);
    static void hand_off_keeping_stack(Thread& self, Thread& next);
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

[[gnu::always_inline]] inline void Scheduler::take_over(Thread& self, WaitQueue& place,
                                                        Continuation continuation, Thread& to,
                                                        WaitQueue& its_place, machine::Processor& processor)
{
    its_place.remove(to.wait_link_);
    to.wait_queue_ = nullptr;
    to.running_ = true;
    to.waiting_ = false;
    to.claimed_ = false;
    to.interruptible_ = Interruptible::No;
    to.continuation_ = nullptr;
    to.stack_ = std::exchange(self.stack_, nullptr);
    to.last_processor_ = &processor;

    place.append(self.wait_link_);
    self.wait_queue_ = &place;
    self.running_ = false;
    self.waiting_ = true;
    self.claimed_ = false;
    self.interruptible_ = Interruptible::Safely;
    self.continuation_ = continuation;

    processor.sched.current.store(&to, std::memory_order_relaxed);
    processor.sched.current_priority.store(to.priority_, std::memory_order_relaxed);
}

#endif
