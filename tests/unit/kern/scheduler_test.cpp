// tests/unit/kern/scheduler_test.cpp: blocking, waking, priorities, hand-off (kern/sched.h, kern/wait_queue.h).

#include <string>

#include "kernel_fixture.h"

#include <kern/scheduler.h>
#include <kern/stack.h>
#include <machine/clock.h>
#include <machine/processor.h>

namespace {

class Scheduling : public KernelFixture {
protected:
    explicit Scheduling(uint32_t processors = 1) : KernelFixture{processors} {}

    std::string trace;
    WaitQueue queue;
};

class SchedulingOnTwo : public Scheduling {
protected:
    SchedulingOnTwo() : Scheduling{2} {}
};

TEST_F(Scheduling, AThreadRunsToItsEndAndLeavesNothing)
{
    bool ran = false;
    in_kernel([&](Thread&) { ran = true; });
    EXPECT_TRUE(ran);
}

TEST_F(Scheduling, AWakeUpBetweenAssertAndBlockIsNotLost)
{
    in_kernel([&](Thread& self) {
        EXPECT_EQ(assert_wait(self, queue, Interruptible::No, Deadline::never()), WaitResult::Waiting);
        EXPECT_TRUE(thread_wakeup_one(queue));
        EXPECT_EQ(thread_block(self), WaitResult::Awakened);
    });
}

TEST_F(Scheduling, WaitersWakeInTheOrderInWhichTheyCame)
{
    for (char name : {'a', 'b', 'c'})
        start_kernel([this, name](Thread& self) {
            assert_wait(self, queue, Interruptible::No, Deadline::never());
            thread_block(self);
            trace += name;
        });
    run_until_idle();
    EXPECT_EQ(trace, "");
    EXPECT_TRUE(thread_wakeup_one(queue));
    run_until_idle();
    EXPECT_EQ(trace, "a");
    EXPECT_EQ(thread_wakeup_all(queue), 2u);
    run_until_idle();
    EXPECT_EQ(trace, "abc");
    EXPECT_FALSE(thread_wakeup_one(queue));
}

TEST_F(Scheduling, TheHighestWaiterCanBePicked)
{
    for (auto [name, priority] : {std::pair{'l', 10}, std::pair{'h', 50}, std::pair{'m', 30}})
        start_kernel(
            [this, name](Thread& self) {
                assert_wait(self, queue, Interruptible::No, Deadline::never());
                thread_block(self);
                trace += name;
            },
            priority);
    run_until_idle();
    while (Thread* thread = wait_queue_claim_highest(queue)) {
        thread_go(*thread);
        run_until_idle();
    }
    EXPECT_EQ(trace, "hml");
}

TEST_F(Scheduling, AHigherPriorityRunsFirst)
{
    for (auto [name, priority] : {std::pair{'l', 10}, std::pair{'h', 50}, std::pair{'m', 30}})
        start_kernel([this, name](Thread&) { trace += name; }, priority);
    run_until_idle();
    if (machine::processor_count() == 1) {
        EXPECT_EQ(trace, "hml");
    }
}

TEST_F(Scheduling, AYieldLetsEqualsRunInTurn)
{
    if (machine::processor_count() != 1)
        GTEST_SKIP() << "needs one processor";
    for (char name : {'a', 'b'})
        start_kernel([this, name](Thread& self) {
            for (int i = 0; i < 3; ++i) {
                trace += name;
                thread_yield(self);
            }
        });
    run_until_idle();
    EXPECT_EQ(trace, "ababab");
}

TEST_F(Scheduling, AWaitEndsAtItsDeadlineAndNotBefore)
{
    in_kernel([&](Thread& self) {
        const uint64_t start = machine::now_ns();
        assert_wait(self, queue, Interruptible::No, Deadline::after_milliseconds(20));
        EXPECT_EQ(thread_block(self), WaitResult::TimedOut);
        EXPECT_GE(machine::now_ns(), start + 20'000'000);
        EXPECT_LT(machine::now_ns(), start + 21'000'000);
        EXPECT_TRUE(queue.empty());
    });
}

TEST_F(Scheduling, ADeadlineThatHasPassedDoesNotWait)
{
    in_kernel([&](Thread& self) {
        EXPECT_EQ(assert_wait(self, queue, Interruptible::No, Deadline::at(1)), WaitResult::TimedOut);
        EXPECT_EQ(thread_block(self), WaitResult::TimedOut);
    });
}

TEST_F(Scheduling, AWokenThreadsOldDeadlineDoesNotEndItsNextWait)
{
    in_kernel([&](Thread& self) {
        assert_wait(self, queue, Interruptible::No, Deadline::after_milliseconds(5));
        thread_wakeup_one(queue);
        thread_block(self);
        const uint64_t start = machine::now_ns();
        assert_wait(self, queue, Interruptible::No, Deadline::after_milliseconds(50));
        EXPECT_EQ(thread_block(self), WaitResult::TimedOut);
        EXPECT_GE(machine::now_ns(), start + 50'000'000);
    });
}

TEST_F(Scheduling, OnlyInterruptibleWaitsAreAborted)
{
    Thread* waiter = nullptr;
    WaitResult result = WaitResult::Waiting;
    start_kernel([&](Thread& self) {
        waiter = &self;
        assert_wait(self, queue, Interruptible::No, Deadline::never());
        result = thread_block(self);
        assert_wait(self, queue, Interruptible::Yes, Deadline::never());
        result = thread_block(self);
    });
    run_until_idle();
    waiter->abort();
    run_until_idle();
    EXPECT_EQ(result, WaitResult::Waiting);  // It still waits; the abort stays pending,
    thread_wakeup_one(queue);
    run_until_idle();
    EXPECT_EQ(result, WaitResult::Interrupted);  // and ends the next wait.
}

TEST_F(Scheduling, AnUnsafeWaitIsNotAbortedSafely)
{
    Thread* waiter = nullptr;
    WaitResult result = WaitResult::Waiting;
    start_kernel([&](Thread& self) {
        waiter = &self;
        assert_wait(self, queue, Interruptible::Yes, Deadline::never());
        result = thread_block(self);
    });
    run_until_idle();
    EXPECT_EQ(waiter->abort_safely().error(), KERN_FAILURE);
    run_until_idle();
    EXPECT_EQ(result, WaitResult::Waiting);
    waiter->abort();
    run_until_idle();
    EXPECT_EQ(result, WaitResult::Interrupted);
}

TEST_F(Scheduling, AClaimedThreadDoesNotRunBeforeItIsToldTo)
{
    start_kernel([&](Thread& self) {
        assert_wait(self, queue, Interruptible::Yes, Deadline::after_milliseconds(10));
        trace += thread_block(self) == WaitResult::Awakened ? "awakened" : "other";
    });
    machine::host::run_until_idle(machine::now_ns() + 1'000'000);
    Thread* claimed = wait_queue_claim(queue);
    ASSERT_NE(claimed, nullptr);
    claimed->abort();  // Neither an abort nor the deadline ends what has ended.
    run_until_idle();
    EXPECT_EQ(trace, "");
    thread_go(*claimed);
    run_until_idle();
    EXPECT_EQ(trace, "awakened");
}

// ---- Continuations.

std::string continuation_trace;
WaitQueue continuation_queue;

[[noreturn]] void second_half(Thread& self)
{
    continuation_trace += self.wait_result() == WaitResult::Awakened ? "second " : "wrong ";
    kernel_thread_end(self);
}

[[noreturn]] void first_half(Thread& self)
{
    continuation_trace += "first ";
    assert_wait(self, continuation_queue, Interruptible::No, Deadline::never());
    thread_block_with(self, second_half);
}

TEST_F(Scheduling, AThreadThatLeftAContinuationHoldsNoStack)
{
    continuation_trace.clear();
    const uint64_t stacks = counts()["kernel stacks"];
    Thread* threads[8];
    for (Thread*& thread : threads) {
        thread = kernel_thread_create("continuation", priority_default, first_half);
        kernel_thread_start(*thread);
    }
    run_until_idle();
    stack_collect();
    EXPECT_EQ(counts()["kernel stacks"], stacks);
    for (Thread* thread : threads)
        EXPECT_EQ(thread->kernel_stack(), nullptr);
    thread_wakeup_all(continuation_queue);
    run_until_idle();
    EXPECT_EQ(continuation_trace, "first first first first first first first first "
                                  "second second second second second second second second ");
}

TEST_F(Scheduling, AWaitThatHasEndedGoesOnInItsContinuationAtOnce)
{
    continuation_trace.clear();
    Thread* thread = kernel_thread_create("continuation", priority_default, [](Thread& self) {
        assert_wait(self, continuation_queue, Interruptible::No, Deadline::never());
        thread_wakeup_one(continuation_queue);
        thread_block_with(self, second_half);
    });
    kernel_thread_start(*thread);
    run_until_idle();
    EXPECT_EQ(continuation_trace, "second ");
}

// The client hands over to a server that waits; a bystander of the same priority has been ready for longer.
struct HandOff {
    WaitQueue requests;
    WaitQueue replies;
    std::string trace;
}* hand_off;

[[noreturn]] void client_done(Thread& self)
{
    hand_off->trace += "reply ";
    kernel_thread_end(self);
}

[[noreturn]] void server_loop(Thread& self)
{
    if (self.wait_result() == WaitResult::Awakened && hand_off->trace.find("request") != std::string::npos) {
        hand_off->trace += "serve ";
        thread_wakeup_one(hand_off->replies);
        kernel_thread_end(self);
    }
    assert_wait(self, hand_off->requests, Interruptible::No, Deadline::never());
    thread_block_with(self, server_loop);
}

[[noreturn]] void client(Thread& self)
{
    hand_off->trace += "request ";
    assert_wait(self, hand_off->replies, Interruptible::No, Deadline::never());
    Thread* server = wait_queue_claim(hand_off->requests);
    thread_hand_off(self, *server, client_done);
}

class HandingOff : public Scheduling {
protected:
    HandOff record;
    void SetUp() override
    {
        Scheduling::SetUp();
        if (machine::processor_count() != 1)
            GTEST_SKIP() << "needs one processor";
        hand_off = &record;
        kernel_thread_start(*kernel_thread_create("server", priority_default, server_loop));
        run_until_idle();
    }
};

TEST_F(HandingOff, TheReceiverRunsBeforeWhoHasBeenReadyForLonger)
{
    kernel_thread_start(*kernel_thread_create("client", priority_default, client));
    start_kernel([&](Thread&) { record.trace += "bystander "; });
    run_until_idle();
    EXPECT_EQ(record.trace, "request serve bystander reply ");
}

TEST_F(HandingOff, SomethingMoreUrgentGoesFirst)
{
    kernel_thread_start(*kernel_thread_create("client", priority_default, [](Thread& self) {
        kernel_thread_start(*kernel_thread_create("urgent", priority_default + 10, [](Thread& urgent) {
            hand_off->trace += "urgent ";
            kernel_thread_end(urgent);
        }));
        client(self);
    }));
    run_until_idle();
    EXPECT_EQ(record.trace, "request urgent serve reply ");
}

// A termination, an abort and a time-out that come from other processors while the thread is just beginning to wait.
TEST_F(SchedulingOnTwo, AWaitThatOthersEndWhileItBeginsEndsOnce)
{
    if (machine::processor_count() == 1)
        GTEST_SKIP() << "needs several processors";
    for (uint64_t seed = 1; seed <= 40; ++seed) {
        machine::host::seed(seed, 2);
        ThreadRef waiter;
        bool done = false;
        int waits = 0;
        start_kernel([&](Thread& self) {
            waiter = ThreadRef{self};
            for (; waits < 50; ++waits) {
                assert_wait(self, queue, Interruptible::Safely, Deadline::after(20'000));
                thread_block(self);
                self.clear_pending(Thread::PendingAbort | Thread::PendingAbortSafely);
                EXPECT_TRUE(queue.empty());
            }
            done = true;
        });
        start_kernel([&](Thread& self) {
            while (!done) {
                if (waiter) {
                    waiter->abort();
                    clear_wait_in(queue, *waiter, WaitResult::Awakened);
                }
                assert_wait_timeout(self, Interruptible::No,
                                    Deadline::after(1000 + machine::host::random() % 5000));
                thread_block(self);
            }
        });
        run_until_idle();
        EXPECT_TRUE(done);
        EXPECT_EQ(waits, 50);
    }
}

// Two threads that hand over to each other for ever do not keep a third one of their priority from running.
struct PingPong {
    WaitQueue queues[2];
    int rounds = 0;
    int bystander_at = 0;
    static constexpr int limit = 200;
}* ping_pong;

[[noreturn]] void ping_pong_player(Thread& self)
{
    if (ping_pong->rounds == PingPong::limit) {
        thread_wakeup_all(ping_pong->queues[0]);
        thread_wakeup_all(ping_pong->queues[1]);
        kernel_thread_end(self);
    }
    const int me = ping_pong->rounds++ % 2;
    machine::host::advance_clock(quantum_ns / 8);
    assert_wait(self, ping_pong->queues[me], Interruptible::No, Deadline::never());
    if (Thread* other = wait_queue_claim(ping_pong->queues[1 - me]))
        thread_hand_off(self, *other, [](Thread& thread) {
            preemption_point(thread);  // Stands for the return to user mode.
            ping_pong_player(thread);
        });
    thread_block_with(self, ping_pong_player);
}

TEST_F(Scheduling, HandingOverForEverDoesNotStarveEquals)
{
    if (machine::processor_count() != 1)
        GTEST_SKIP() << "needs one processor";
    PingPong record;
    ping_pong = &record;
    kernel_thread_start(*kernel_thread_create("ping", priority_default, ping_pong_player));
    kernel_thread_start(*kernel_thread_create("pong", priority_default, ping_pong_player));
    start_kernel([&](Thread& self) {
        thread_yield(self);
        record.bystander_at = record.rounds;
    });
    run_until_idle();
    EXPECT_GE(record.rounds, PingPong::limit);
    EXPECT_GT(record.bystander_at, 0);
    EXPECT_LT(record.bystander_at, 40);
}

// ---- What must not be alive when a stack is given up.

using SchedulingDeath = Scheduling;

TEST_F(SchedulingDeath, AReferenceAliveAcrossAContinuationIsFound)
{
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(in_kernel([&](Thread& self) {
                     RefPtr<Task> live{self.task()};
                     assert_wait(self, queue, Interruptible::No, Deadline::never());
                     thread_block_with(self, second_half);
                 }),
                 "live on the stack");
}

TEST_F(SchedulingDeath, ALockHeldAcrossABlockIsFound)
{
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(in_kernel([&](Thread& self) {
                     SpinLock<LockRank::Port> lock;
                     Guard guard{lock};
                     assert_wait(self, queue, Interruptible::No, Deadline::never());
                     thread_block(self);
                 }),
                 "is held");
}

}  // namespace
