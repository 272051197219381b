// tests/unit/kern/thread_test.cpp: threads and tasks: traps, suspension, abort, termination (kern/thread.h, kern/task.h).

#include "user_threads.h"

#include <kern/sync.h>
#include <mach/thread_switch.h>
#include <machine/clock.h>
#include <machine/processor.h>

namespace {

class Threads : public UserThreads {};

TEST_F(Threads, ATrapReturnsToTheCodeThatMadeIt)
{
    int64_t first = 0, second = 0;
    start_user(*task, [&] {
        first = call("task_self_trap");
        second = call("task_self_trap");
    });
    run_until_idle();
    EXPECT_NE(first, MACH_PORT_NULL);
    EXPECT_EQ(first, second);
}

TEST_F(Threads, ANewThreadDoesNothingBeforeItIsResumed)
{
    bool ran = false;
    ThreadRef thread = make_user(*task, [&] { ran = true; });
    run_until_idle();
    EXPECT_FALSE(ran);
    EXPECT_TRUE(thread->resume());
    run_until_idle();
    EXPECT_TRUE(ran);
    EXPECT_FALSE(thread->active());
    EXPECT_EQ(thread->resume().error(), KERN_TERMINATED);
}

TEST_F(Threads, SuspensionsAreCounted)
{
    int steps = 0;
    ThreadRef thread = start_user(*task, [&] {
        for (;; ++steps)
            sleep_ms(1);
    });
    machine::host::run_until_idle(machine::now_ns() + 10'000'000);
    EXPECT_TRUE(thread->suspend());
    EXPECT_TRUE(thread->suspend());
    run_until_idle();
    const int before = steps;
    EXPECT_GT(before, 5);
    EXPECT_TRUE(thread->resume());
    run_until_idle();
    EXPECT_EQ(steps, before);
    EXPECT_TRUE(thread->resume());
    machine::host::run_until_idle(machine::now_ns() + 10'000'000);
    EXPECT_GT(steps, before);
    EXPECT_EQ(thread->resume().error(), KERN_FAILURE);
}

TEST_F(Threads, ASuspendedTaskStopsThreadsThatAreMadeLater)
{
    bool ran = false;
    EXPECT_TRUE(task->suspend());
    start_user(*task, [&] { ran = true; });
    run_until_idle();
    EXPECT_FALSE(ran);
    EXPECT_TRUE(task->resume());
    run_until_idle();
    EXPECT_TRUE(ran);
    EXPECT_EQ(task->resume().error(), KERN_FAILURE);
}

TEST_F(Threads, ASleepingThreadHoldsNoKernelStack)
{
    ThreadRef thread = start_user(*task, [&] { sleep_ms(1000); });
    machine::host::run_until_idle(machine::now_ns() + 1'000'000);
    EXPECT_EQ(thread->kernel_stack(), nullptr);
    EXPECT_EQ(thread->run_state(), TH_STATE_WAITING);
    run_until_idle();
    EXPECT_FALSE(thread->active());
}

TEST_F(Threads, ASleepLastsAsLongAsItShould)
{
    uint64_t slept = 0;
    int64_t result = -1;
    start_user(*task, [&] {
        const uint64_t start = machine::now_ns();
        result = sleep_ms(250);
        slept = machine::now_ns() - start;
    });
    run_until_idle();
    EXPECT_EQ(result, KERN_SUCCESS);
    EXPECT_GE(slept, 250'000'000u);
    EXPECT_LT(slept, 251'000'000u);
}

TEST_F(Threads, AnAbortedSleepSaysSoAndWhenItEnded)
{
    const user_address_t at = allocate(page_size);
    int64_t result = -1;
    mach_timespec_t woke{};
    ThreadRef thread = start_user(*task, [&] {
        result = sleep_ms(1'000'000, at);
        woke = machine::host::load<mach_timespec_t>(at);
    });
    machine::host::run_until_idle(machine::now_ns() + 1'000'000);
    EXPECT_TRUE(thread->abort_safely());
    run_until_idle();
    EXPECT_EQ(result, KERN_ABORTED);
    EXPECT_LT(woke.tv_sec, 1000u);
    EXPECT_NE(woke.tv_nsec, 0);
}

TEST_F(Threads, ASleepThatIsNoTimeIsRefused)
{
    int64_t results[4];
    start_user(*task, [&] {
        results[0] = call("clock_sleep_trap", 0, TIME_RELATIVE, 0, 1'000'000'000);
        results[1] = call("clock_sleep_trap", 0, TIME_RELATIVE, -1, 0);
        results[2] = call("clock_sleep_trap", 0, 7, 0, 0);
        results[3] = call("clock_sleep_trap", 0, TIME_RELATIVE, 0, 1, 0x1000);
    });
    run_until_idle();
    EXPECT_EQ(results[0], KERN_INVALID_VALUE);
    EXPECT_EQ(results[1], KERN_INVALID_VALUE);
    EXPECT_EQ(results[2], KERN_INVALID_VALUE);
    EXPECT_EQ(results[3], KERN_INVALID_ADDRESS);
}

TEST_F(Threads, AnAbortOfAThreadInUserModeDoesNotReachItsNextCall)
{
    int64_t result = -1;
    ThreadRef thread = make_user(*task, [&] { result = sleep_ms(1); });
    thread->abort();
    EXPECT_TRUE(thread->resume());
    run_until_idle();
    EXPECT_EQ(result, KERN_SUCCESS);
}

TEST_F(Threads, ATerminatedThreadDoesNotReturnToUserMode)
{
    bool returned = false;
    ThreadRef thread = start_user(*task, [&] {
        sleep_ms(1'000'000);
        returned = true;
    });
    machine::host::run_until_idle(machine::now_ns() + 1'000'000);
    thread->terminate();
    run_until_idle();
    EXPECT_FALSE(returned);
    EXPECT_FALSE(thread->active());
}

TEST_F(Threads, ASuspendedThreadCanBeTerminated)
{
    ThreadRef sleeper = start_user(*task, [&] { sleep_ms(10); });
    ThreadRef fresh = make_user(*task, [] {});
    EXPECT_TRUE(sleeper->suspend());
    run_until_idle();
    sleeper->terminate();
    fresh->terminate();
    run_until_idle();
    EXPECT_FALSE(sleeper->active());
    EXPECT_FALSE(fresh->active());
}

TEST_F(Threads, ATaskThatEndsTakesItsThreadsAlong)
{
    int returned = 0;
    for (int i = 0; i < 5; ++i)
        start_user(*task, [&] {
            sleep_ms(1'000'000);
            ++returned;
        });
    machine::host::run_until_idle(machine::now_ns() + 1'000'000);
    EXPECT_TRUE(task->terminate());
    run_until_idle();
    EXPECT_EQ(returned, 0);
    EXPECT_EQ(task->terminate().error(), KERN_INVALID_TASK);
    EXPECT_EQ(Thread::create(*task).error(), KERN_TERMINATED);
    Guard guard{task->lock()};
    EXPECT_EQ(task->thread_count(), 0u);
}

TEST_F(Threads, AnUnknownTrapEndsATaskThatNobodyWatches)
{
    bool returned = false;
    machine::host::take_console();
    start_user(*task, [&] {
        machine::host::trap(mach_trap_count, 0);
        returned = true;
    });
    run_until_idle();
    EXPECT_FALSE(returned);
    EXPECT_FALSE(task->active());
    EXPECT_NE(machine::host::take_console().find("exception 7"), std::string::npos);
}

TEST_F(Threads, LedgersLimitThreads)
{
    RefPtr<Ledger> ledger = *Ledger::create(kernel_ledger());
    ledger->set_limit(Resource::Threads, 2);
    TaskRef limited = *Task::create(nullptr, false, ledger);
    ThreadRef one = *Thread::create(*limited), two = *Thread::create(*limited);
    EXPECT_EQ(Thread::create(*limited).error(), KERN_RESOURCE_SHORTAGE);
    one->terminate();
    one.reset();
    run_until_idle();
    mach::Result<ThreadRef> three = Thread::create(*limited);
    EXPECT_TRUE(three);
    EXPECT_EQ(ledger->balance(Resource::Threads), 2u);
    EXPECT_TRUE(limited->terminate());
}

// Every allocation on the way to a thread fails once; nothing may be left (the fixture looks).
TEST_F(Threads, AFailedCreationLeavesNothing)
{
    for (uint64_t allocations = 0; allocations < 40; ++allocations) {
        machine::host::fail_allocations_after(allocations);
        mach::Result<TaskRef> made = Task::create(task.get(), true, {});
        if (made) {
            mach::Result<ThreadRef> thread = Thread::create(**made);
            machine::host::fail_allocations_after(UINT64_MAX);
            if (!thread) {
                EXPECT_EQ(thread.error(), KERN_RESOURCE_SHORTAGE);
            }
            EXPECT_TRUE((*made)->terminate());
        } else {
            EXPECT_EQ(made.error(), KERN_RESOURCE_SHORTAGE);
        }
        machine::host::fail_allocations_after(UINT64_MAX);
    }
}

TEST_F(Threads, EqualThreadsShareTheProcessorByQuanta)
{
    machine::host::seed(7, 3);
    std::array<int, 3> steps{};
    for (int& count : steps)
        start_user(*task, [&count] {
            for (int i = 0; i < 3000; ++i) {
                ++count;
                machine::host::user_step();
                if (count == 1500)
                    machine::host::advance_clock(quantum_ns);
            }
        });
    machine::host::run_until_idle(machine::now_ns() + 1);
    run_until_idle();
    EXPECT_EQ(steps, (std::array<int, 3>{3000, 3000, 3000}));
}

TEST_F(Threads, ADepressedThreadLetsLowerOnesRun)
{
    if (machine::processor_count() != 1)
        GTEST_SKIP() << "needs one processor";
    std::string trace;
    ThreadRef low = make_user(*task, [&] { trace += "low "; });
    thread_set_priority(*low, 5);
    ThreadRef high = make_user(*task, [&] {
        trace += "high ";
        call("thread_switch", MACH_PORT_NULL, SWITCH_OPTION_DEPRESS, 10);
        trace += "depressed ";
    });
    EXPECT_TRUE(low->resume());
    EXPECT_TRUE(high->resume());
    run_until_idle();
    EXPECT_EQ(trace, "high low depressed ");
}

TEST_F(Threads, ASemaphorePassesOneWaiterPerSignal)
{
    RefPtr<Semaphore> semaphore = *Semaphore::create(*task, SYNC_POLICY_FIFO, 1);
    int passed = 0;
    for (int i = 0; i < 3; ++i)
        start_kernel([&](Thread& self) {
            if (semaphore->wait(self, Deadline::never()))
                ++passed;
        });
    run_until_idle();
    EXPECT_EQ(passed, 1);
    EXPECT_TRUE(semaphore->signal());
    run_until_idle();
    EXPECT_EQ(passed, 2);
    EXPECT_TRUE(semaphore->destroy(*task));
    run_until_idle();
    EXPECT_EQ(passed, 2);
    EXPECT_EQ(semaphore->signal().error(), KERN_TERMINATED);
    EXPECT_EQ(semaphore->destroy(*task).error(), KERN_TERMINATED);
}

TEST_F(Threads, ASemaphoreEndsWithItsTask)
{
    RefPtr<Semaphore> semaphore = *Semaphore::create(*task, SYNC_POLICY_FIFO, 0);
    kern_return_t result = KERN_SUCCESS;
    start_kernel([&](Thread& self) { result = mach::code_of(semaphore->wait(self, Deadline::never())); });
    run_until_idle();
    EXPECT_TRUE(task->terminate());
    run_until_idle();
    EXPECT_EQ(result, KERN_TERMINATED);
}

// ---- Registers of others.

TEST_F(Threads, RegistersAreReadWhereTheThreadStoppedAndNotBefore)
{
    ThreadRef thread = start_user(*task, [&] { sleep_ms(1000); });
    machine::host::run_until_idle(machine::now_ns() + 1'000'000);
    EXPECT_TRUE(thread->suspend());
    thread->abort();  // The thread is on its way out of the kernel, but has not stopped yet.
    in_kernel([&](Thread& self) {
        EXPECT_TRUE(thread->wait_until_stopped(self));
        EXPECT_EQ(static_cast<kern_return_t>(thread->user.registers.rax), KERN_ABORTED);
        EXPECT_EQ(thread->run_state(), TH_STATE_STOPPED);
    });
    EXPECT_TRUE(thread->resume());
}

TEST_F(Threads, ATaskIsFoundByItsIdAsLongAsItLives)
{
    const uint64_t id = task->id();
    EXPECT_EQ(Task::next(id).get(), task.get());
    EXPECT_EQ(Task::next(0).get(), &kernel_task());

    EXPECT_TRUE(task->terminate());

    const RefPtr<Task> after = Task::next(id);
    EXPECT_TRUE(!after || after->id() > id);
    run_until_idle();
}

}  // namespace
