// kernel/kern/sched.cpp
//
// Choosing what runs, and switching to it.  kern/scheduler.h tells how a switch is done.

#include <kern/sched.h>

#include <algorithm>
#include <utility>

#include <kern/ablation.h>
#include <kern/processor.h>
#include <kern/reaper.h>
#include <kern/scheduler.h>
#include <kern/stack.h>
#include <kern/task.h>
#include <kern/thread.h>
#include <lib/assert.h>
#include <lib/death_point.h>
#include <machine/clock.h>
#include <machine/context.h>
#include <machine/processor.h>

namespace {

ProcessorSched& here() { return machine::current_processor().sched; }

// D6: nothing is live on a stack that is given up.
void assert_nothing_held()
{
    lock_check_none_held("giving up a stack");
    census_assert_none("giving up a stack");
}

// Threads without a stack for which none could be had.  Rare: who frees a stack looks here.
SpinLock<LockRank::StackPool> stackless_lock;
ThreadList<RunTag> stackless_threads GUARDED_BY(stackless_lock);

}  // namespace

Thread& current_thread() { return *here().current.load(std::memory_order_relaxed); }

// ---- Ready threads.

// Where it ran last, unless that processor is busy and another one is idle.
machine::Processor& Scheduler::choose_processor(const Thread& thread)
{
    if (thread.bound_processor_ != nullptr)
        return *thread.bound_processor_;
    machine::Processor* last = thread.last_processor_;
    if (last != nullptr && last->sched.idle.load(std::memory_order_relaxed))
        return *last;
    for (uint32_t id = 0; id < machine::processor_count(); ++id)
        if (machine::processor(id).sched.idle.load(std::memory_order_relaxed))
            return machine::processor(id);
    return last != nullptr ? *last : machine::current_processor();
}

void Scheduler::make_runnable(Thread& thread, bool at_front)
{
    thread.running_ = true;
    machine::Processor& target = choose_processor(thread);
    target.sched.run_queue.enqueue(thread, at_front);
    std::atomic_thread_fence(std::memory_order_seq_cst);  // See idle_loop.
    const bool better = thread.priority_ > target.sched.current_priority.load(std::memory_order_relaxed);
    if (!better && !target.sched.idle.load(std::memory_order_relaxed))
        return;
    target.sched.preempt.store(true, std::memory_order_release);
    if (&target != &machine::current_processor())
        machine::wake_processor(target.id);
}

Thread* Scheduler::steal_from_others()
{
    for (uint32_t id = 0; id < machine::processor_count(); ++id)
        if (Thread* thread = machine::processor(id).sched.run_queue.steal())
            return thread;
    return nullptr;
}

Thread& Scheduler::choose_next(ProcessorSched& processor)
{
    if (Thread* thread = processor.run_queue.dequeue_highest())
        return *thread;
    if (Thread* thread = steal_from_others())
        return *thread;
    return *processor.idle_thread;
}

void thread_setrun(Thread& thread)
{
    Guard guard{thread.lock()};
    Scheduler::make_runnable(thread, /*at_front=*/false);
}

void thread_set_priority(Thread& thread, Priority priority)
{
    Guard guard{thread.lock()};
    Scheduler::set_priority(thread, priority);
}

void Scheduler::set_priority(Thread& thread, Priority priority)
{
    // If it is queued it moves to the right list; if another processor takes it out meanwhile, it runs.
    RunQueue* queue = thread.run_queue_.load(std::memory_order_relaxed);
    const bool requeue = queue != nullptr && queue->remove(thread);
    thread.priority_ = priority;
    if (requeue)
        make_runnable(thread, /*at_front=*/false);
    else if (&thread == &current_thread())
        here().current_priority.store(priority, std::memory_order_relaxed);
    if (&thread == &current_thread() && thread_should_yield())
        here().preempt.store(true, std::memory_order_release);
}

void Scheduler::notice_pending(Thread& thread)
{
    machine::Processor* processor = thread.last_processor_;
    if (thread.running_ && processor != nullptr && processor != &machine::current_processor())
        machine::wake_processor(processor->id);
}

// ---- Switching.

void Scheduler::account(ProcessorSched& processor, Thread& thread)
{
    const uint64_t now = machine::now_ns();
    const uint64_t used = now - processor.switched_at_ns;
    processor.switched_at_ns = now;
    if (&thread == processor.idle_thread)
        processor.idle_ns += used;
    else if (processor.in_user_mode)  // Only an interrupt has brought it here: a trap would have said so.
        thread.user_time_ns_ += used;
    else
        thread.system_time_ns_ += used;
    processor.in_user_mode = false;
    processor.quantum_used_up = processor.quantum_used_up || processor.quantum_end_ns <= now;
    const bool over = std::exchange(processor.yields, false) || processor.quantum_used_up;
    thread.quantum_left_ns_ = over ? 0 : processor.quantum_end_ns - now;
}

void Scheduler::prepare_to_run(Thread& next)
{
    machine::Processor& processor = machine::current_processor();
    ProcessorSched& sched = processor.sched;
    if (next.quantum_left_ns_ == 0)
        next.quantum_left_ns_ = quantum_ns;
    next.last_processor_ = &processor;
    sched.current.store(&next, std::memory_order_relaxed);
    sched.current_priority.store(next.priority_, std::memory_order_relaxed);
    sched.quantum_end_ns =
        &next == sched.idle_thread ? UINT64_MAX : sched.switched_at_ns + next.quantum_left_ns_;
    // Whoever waits behind a thread whose quantum is over has its turn soon, also if that thread hands over and over.
    const Priority waiting = sched.run_queue.highest();
    const bool due = waiting > next.priority_ || (sched.quantum_used_up && waiting == next.priority_);
    sched.preempt.store(due, std::memory_order_release);
    sched.quantum_used_up = false;
    program_clock();
    machine::activate(next);
}

// The receiver runs on what is left of the sender's quantum, and nobody's time is charged: the clock is neither read nor
// set, and who waits for the processor is told by the flag that is set already, if it is.
void Scheduler::prepare_hand_off(Thread& next)
{
    machine::Processor& processor = machine::current_processor();
    next.last_processor_ = &processor;
    processor.sched.current.store(&next, std::memory_order_relaxed);
    processor.sched.current_priority.store(next.priority_, std::memory_order_relaxed);
    machine::activate(next);
}

void Scheduler::switch_with_continuation(Thread& self, Thread& next, Continuation continuation)
{
    account(here(), self);
    switch_for_good(self, next, continuation, prepare_to_run);
}

void Scheduler::switch_for_good(Thread& self, Thread& next, Continuation continuation,
                                void (*prepare)(Thread&))
{
    self.continuation_ = continuation;
    if (next.stack_ == nullptr) {
        // The hand-over: the stack we stand on becomes next's, and nothing is saved or loaded.
        next.stack_ = std::exchange(self.stack_, nullptr);
        const Continuation go_on = std::exchange(next.continuation_, nullptr);
        prepare(next);
        dispatch(self);
        machine::call_continuation_on(*next.stack_, go_on, next);
    }
    here().previous = &self;
    prepare(next);
    machine::load_context(next);
}

void Scheduler::switch_keeping_stack(Thread& self, Thread& next)
{
    ProcessorSched& processor = here();
    account(processor, self);
    processor.previous = &self;
    prepare_to_run(next);
    machine::switch_context(self, next);
    finish_switch();  // Perhaps on another processor.
}

// For a kernel without continuations: whoever waits has its stack.
void Scheduler::hand_off_keeping_stack(Thread& self, Thread& next)
{
    KASSERT(next.stack_ != nullptr, "who waits for a message keeps its stack, too");
    here().previous = &self;
    prepare_hand_off(next);
    machine::switch_context(self, next);
    finish_switch();
}

// The first thing that a thread with a new stack does.
void Scheduler::start_on_new_stack(Thread& self)
{
    finish_switch();
    const Continuation go_on = std::exchange(self.continuation_, nullptr);
    go_on(self);
    panic("a continuation of thread %lu returned", self.id());
}

void Scheduler::finish_switch()
{
    ProcessorSched& processor = here();
    Thread* old = processor.previous;
    processor.previous = nullptr;
    dispatch(*old);
}

// `old` is on no stack any more but, at most, one that it will never use again.
void Scheduler::dispatch(Thread& old)
{
    machine::KernelStack* stack = nullptr;
    RefPtr<Thread> observed;  // Once its lock is dropped it may run elsewhere, and end.
    {
        Guard guard{old.lock_};
        if (old.continuation_ != nullptr)
            stack = std::exchange(old.stack_, nullptr);
        if (old.ended_) {
            old.running_ = false;
            observed = RefPtr<Thread>::adopt(&old);  // The reference that a living thread has to itself.
        } else if (old.idle_) {
            // Runs when nothing else does: never queued.
        } else if (old.waiting_) {
            old.running_ = false;
            if (old.stop_wanted_)
                observed = RefPtr<Thread>{&old};
        } else {
            make_runnable(old, /*at_front=*/old.quantum_left_ns_ != 0);
        }
        old.stop_wanted_ = old.stop_wanted_ && !observed;
    }
    if (stack != nullptr)
        stack_free(stack);
    if (observed)
        thread_wakeup_all(observed->stop_waiters_);
}

void Scheduler::leave_for_good(Thread& self)
{
    {
        Guard guard{self.lock_};
        self.ended_ = true;
    }
    assert_nothing_held();
    switch_with_continuation(self, choose_next(here()), thread_exception_return);
}

// ---- Stacks for threads that left a continuation, when they follow one that keeps its stack.

bool Scheduler::attach_stack(Thread& next)
{
    if (next.stack_ != nullptr)
        return true;
    next.stack_ = stack_allocate();
    if (next.stack_ == nullptr)
        return false;
    machine::prepare_stack(*next.stack_, next, start_on_new_stack);
    return true;
}

// The idle thread always has a stack, so this ends.
Thread& Scheduler::choose_next_with_stack(ProcessorSched& processor)
{
    for (;;) {
        Thread& next = choose_next(processor);
        if (attach_stack(next))
            return next;
        Guard guard{stackless_lock};
        stackless_threads.push_back(next.run_link_);
    }
}

void Scheduler::stack_available()
{
    Thread* thread = nullptr;
    {
        Guard guard{stackless_lock};
        if (stackless_threads.empty())
            return;
        thread = &stackless_threads.front().thread;
        stackless_threads.pop_front();
    }
    Guard guard{thread->lock_};
    make_runnable(*thread, /*at_front=*/true);
}

// ---- Blocking.

bool Scheduler::still_waiting(Thread& self)
{
    Guard guard{self.lock_};
    return self.waiting_;
}

namespace {

// Back on the stack that was kept, which is as good as empty.
[[noreturn]] void go_on_with(Thread& self, Continuation continuation)
{
    machine::call_continuation_on(*self.kernel_stack(), continuation, self);
}

}  // namespace

void thread_block_with(Thread& self, Continuation continuation)
{
    assert_nothing_held();
    if (!ablation().continuations) [[unlikely]] {
        thread_block(self);
        go_on_with(self, continuation);
    }
    death_point(DeathPoint::Block);
    if (!Scheduler::still_waiting(self))
        go_on_with(self, continuation);
    Scheduler::switch_with_continuation(self, Scheduler::choose_next(here()), continuation);
}

WaitResult thread_block(Thread& self)
{
    lock_check_none_held("blocking");
    death_point(DeathPoint::Block);
    KASSERT(!self.is_idle_thread(), "an idle thread never waits");
    if (Scheduler::still_waiting(self))
        Scheduler::switch_keeping_stack(self, Scheduler::choose_next_with_stack(here()));
    return self.wait_result();
}

// True: `to` is ours to run at once.  It must be off its processor, allowed here, and nothing more urgent ready.
bool Scheduler::take_for_hand_off(Thread& to)
{
    Guard guard{to.lock_};
    const bool bound_elsewhere =
        to.bound_processor_ != nullptr && to.bound_processor_ != &machine::current_processor();
    if (!ablation().hand_off || to.running_ || bound_elsewhere || here().run_queue.highest() > to.priority_) {
        go(to);
        return false;
    }
    to.claimed_ = false;
    to.waiting_ = false;
    to.running_ = true;
    return true;
}

void thread_hand_off(Thread& self, Thread& to, Continuation continuation)
{
    assert_nothing_held();
    death_point(DeathPoint::Block);
    if (!Scheduler::take_for_hand_off(to))
        thread_block_with(self, continuation);
    // If our own wait has ended meanwhile, the switch finds us runnable and queues us.
    if (!ablation().continuations) [[unlikely]] {
        Scheduler::hand_off_keeping_stack(self, to);
        go_on_with(self, continuation);
    }
    Scheduler::switch_for_good(self, to, continuation, Scheduler::prepare_hand_off);
}

// ---- Giving way.

bool thread_should_yield()
{
    const ProcessorSched& processor = here();
    return processor.run_queue.highest() >= processor.current_priority.load(std::memory_order_relaxed);
}

void thread_yield(Thread& self)
{
    here().yields = true;
    Scheduler::preempt(self);
}

void thread_yield_with(Thread& self, Continuation continuation)
{
    here().yields = true;
    Scheduler::preempt_with(self, continuation);
}

void Scheduler::preempt(Thread& self)
{
    lock_check_none_held("blocking");
    here().preempt.store(false, std::memory_order_relaxed);
    if (thread_should_yield())
        switch_keeping_stack(self, choose_next_with_stack(here()));
}

void Scheduler::preempt_with(Thread& self, Continuation continuation)
{
    assert_nothing_held();
    if (!ablation().continuations) [[unlikely]] {
        preempt(self);
        go_on_with(self, continuation);
    }
    here().preempt.store(false, std::memory_order_relaxed);
    if (!thread_should_yield())
        go_on_with(self, continuation);
    switch_with_continuation(self, choose_next(here()), continuation);
}

void preemption_point(Thread& self)
{
    constexpr size_t reap_steps = 4;
    lock_check_none_held("blocking");
    machine::poll_interrupts();
    if (reaper_has_work())
        reaper_drain(reap_steps);
    if (here().preempt.load(std::memory_order_acquire))
        Scheduler::preempt(self);
}

// ---- The clock, and the processor's own loop.

void Scheduler::program_clock()
{
    // An alarm that comes too early does no harm, so most switches leave it as it is.
    ProcessorSched& processor = here();
    const uint64_t deadline = std::min(processor.timers.next_deadline(), processor.quantum_end_ns);
    if (deadline < processor.clock_set_for_ns) {
        processor.clock_set_for_ns = deadline;
        machine::set_deadline(deadline);
    }
}

void clock_interrupt()
{
    ProcessorSched& processor = here();
    const uint64_t now = machine::now_ns();
    processor.clock_set_for_ns = UINT64_MAX;
    processor.timers.expire(now);
    if (now >= processor.quantum_end_ns) {
        if (thread_should_yield())
            processor.preempt.store(true, std::memory_order_release);
        processor.quantum_end_ns = now + quantum_ns;  // Used if nobody takes over.
        processor.quantum_used_up = true;
    }
    Scheduler::program_clock();
}

void Scheduler::idle_loop(Thread& self)
{
    for (;;) {
        ProcessorSched& processor = here();
        reaper_kick();
        if (Thread& next = choose_next_with_stack(processor); &next != &self) {
            switch_keeping_stack(self, next);
            continue;
        }
        // Who makes a thread ready first queues it, then looks at `idle`; here it is the other way round, and the wait
        // lets interrupts in only when it has begun.
        processor.idle.store(true, std::memory_order_seq_cst);
        if (processor.run_queue.count() == 0 && !processor.preempt.load(std::memory_order_acquire))
            machine::idle_wait();
        processor.idle.store(false, std::memory_order_seq_cst);
        processor.preempt.store(false, std::memory_order_relaxed);
    }
}

void sched_init_processor(uint32_t id)
{
    Thread* idle = kernel_thread_create("idle", priority_idle, Scheduler::idle_loop);
    KVERIFY(idle != nullptr, "there is memory for the idle thread");
    Scheduler::make_idle_thread(machine::processor(id), *idle);
}

void Scheduler::make_idle_thread(machine::Processor& processor, Thread& idle)
{
    Guard guard{idle.lock_};
    idle.idle_ = true;
    idle.running_ = true;
    idle.continuation_ = nullptr;
    idle.last_processor_ = idle.bound_processor_ = &processor;
    KVERIFY(attach_stack(idle), "there is memory for the idle thread's stack");
    processor.sched.idle_thread = &idle;
    processor.sched.current.store(&idle,
                                  std::memory_order_relaxed);  // From now on start-up code has a thread.
}

// The idle thread is the first to run.
void sched_start_processor()
{
    ProcessorSched& processor = here();
    Thread& idle = *processor.idle_thread;
    processor.switched_at_ns = machine::now_ns();
    Scheduler::prepare_to_run(idle);
    machine::call_continuation_on(*idle.kernel_stack(), Scheduler::idle_loop, idle);
}
