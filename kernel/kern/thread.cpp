// kernel/kern/thread.cpp
//
// Making threads, and their end.

#include <kern/thread.h>

#include <ipc/ipc_kobject.h>
#include <kern/scheduler.h>
#include <kern/task.h>
#include <kern/zone.h>
#include <mach/thread_info.h>
#include <machine/context.h>
#include <machine/processor.h>

namespace {

constinit Zone<Thread> thread_zone{"threads"};
constinit std::atomic<uint64_t> next_thread_id = 1;

}  // namespace

size_t Thread::count() { return thread_zone.live(); }

Thread::Thread(RefPtr<Task> task, LedgerCharge charge)
    : task_{std::move(task)},
      id_{next_thread_id.fetch_add(1, std::memory_order_relaxed)},
      charge_{std::move(charge)},
      wait_timer_{Scheduler::wait_timed_out},
      depress_timer_{Scheduler::depression_timed_out}
{
}

Thread::~Thread()
{
    KASSERT(stack_ == nullptr && run_queue_ == nullptr,
            "H1: a thread that goes is on no stack and in no queue");
}

// The new thread is parked as by a suspension; resume() starts it, at the registers it has been given.
mach::Result<RefPtr<Thread>> Thread::create(Task& task)
{
    LedgerCharge charge = TRY(LedgerCharge::take(task.ledger(), Resource::Threads, 1));
    Thread* memory = thread_zone.create(RefPtr<Task>{task}, std::move(charge));
    if (memory == nullptr)
        return mach::failure(KERN_RESOURCE_SHORTAGE);
    RefPtr<Thread> thread = RefPtr<Thread>::adopt(memory);
    thread->kernel_port = TRY(ipc_kobject_create(IpcKobjectType::Thread, memory));
    if (!task.add_thread(*thread)) {
        ipc_kobject_destroy(*thread->kernel_port);
        return mach::failure(KERN_TERMINATED);
    }
    return thread;
}

// A thread that lives refers to itself; dispatch() takes that reference back when it has ended.
void Scheduler::begin_life(Thread& thread, uint32_t holds)
{
    (void)RefPtr<Thread>{thread}.leak();
    Guard guard{thread.lock_};
    thread.suspend_count_ = 1;
    thread.hold_count_ = holds;
    thread.set_pending(Thread::PendingSuspend);
    thread.stopped_ = true;
    thread.waiting_ = true;
    thread.continuation_ = thread_exception_return;
}

Thread* kernel_thread_create(const char* name, Priority priority, Continuation body)
{
    Thread* thread = Scheduler::create_kernel_thread(priority, body);
    if (thread != nullptr)
        thread->name_ = name;
    return thread;
}

Thread* Scheduler::create_kernel_thread(Priority priority, Continuation body)
{
    Thread* thread = thread_zone.create(RefPtr<Task>{kernel_task()}, LedgerCharge{});
    if (thread == nullptr)
        return nullptr;
    thread->kernel_thread_ = true;
    thread->priority_ = thread->base_priority_ = thread->max_priority_ = priority;
    Guard guard{thread->lock_};
    thread->continuation_ = body;
    thread->stopped_ = false;
    return thread;
}

void kernel_thread_start(Thread& thread) { thread_setrun(thread); }
void kernel_thread_end(Thread& self) { Scheduler::leave_for_good(self); }

// ---- Mutexes.

void Thread::note_mutex_taken(LockRank rank)
{
    ++mutexes_held_;
    for (size_t later = static_cast<size_t>(rank) + 1; later < mutex_ranks_.size(); ++later)
        KASSERT(mutex_ranks_[later] == 0, "lock order: a mutex of a later rank is held");
    ++mutex_ranks_[static_cast<size_t>(rank)];
}

void Thread::note_mutex_released(LockRank rank)
{
    --mutexes_held_;
    --mutex_ranks_[static_cast<size_t>(rank)];
}

// ---- The end.  Runs in the thread itself, on its way to user mode, holding nothing.

void Scheduler::end_thread(Thread& self)
{
    {
        Guard guard{self.lock_};
        self.active_.store(false, std::memory_order_release);
    }
    if (self.depress_timer_.armed())
        timer_cancel(self.depress_timer_);
    self.drop_rights();
    self.ipc.kernel_reply_port.release();
    ipc_kobject_destroy(*self.kernel_port);
    self.task_->remove_thread(self);
    leave_for_good(self);
}

void Thread::drop_rights()
{
    ExceptionActions gone;  // These go after the lock: a right's end may send a message.
    SendRight port;
    Guard guard{rights_lock_};
    std::swap(gone, exception_actions_);
    std::swap(port, special_port_);
}

void Thread::destroy_last_reference(Thread* thread) { reaper_enqueue(*thread); }

Reapable::Step Thread::reap()
{
    timer_cancel_and_wait(wait_timer_);
    timer_cancel_and_wait(depress_timer_);
    thread_zone.destroy(this);
    return Step::Done;
}

bool Thread::runs_elsewhere() const
{
    Guard guard{lock_};
    const machine::Processor* processor = last_processor_;
    return running_ && processor != nullptr && processor != &machine::current_processor() &&
           processor->sched.current.load(std::memory_order_relaxed) == this;
}

int Thread::run_state() const
{
    Guard guard{lock_};
    if (ended_)
        return TH_STATE_HALTED;
    if (stopped_)
        return TH_STATE_STOPPED;
    if (running_)
        return TH_STATE_RUNNING;
    return interruptible_ == Interruptible::No ? TH_STATE_UNINTERRUPTIBLE : TH_STATE_WAITING;
}

// ---- Depression (thread_switch): the lowest priority for a while, or until it is ended.

void Thread::depress(uint32_t milliseconds)
{
    thread_set_priority(*this, priority_depressed);
    depressed_.store(true, std::memory_order_release);
    if (depress_timer_.armed())
        timer_cancel(depress_timer_);
    if (milliseconds != 0)
        timer_arm(depress_timer_, Deadline::after_milliseconds(milliseconds));
}

bool Thread::end_depression()
{
    if (!depressed_.exchange(false, std::memory_order_acq_rel))
        return false;
    if (depress_timer_.armed())
        timer_cancel(depress_timer_);
    thread_set_priority(*this, base_priority_);
    return true;
}

void Scheduler::depression_timed_out(Timer& timer)
{
    boost::intrusive::get_parent_from_member(&timer, &Thread::depress_timer_)->end_depression();
}
