// tests/unit/kern/parts_test.cpp: run queues, timers, mutexes, ledgers, the reaper, zones.

#include "kernel_fixture.h"

#include <kern/mutex.h>
#include <kern/reaper.h>
#include <kern/timer.h>
#include <kern/zone.h>
#include <machine/clock.h>

namespace {

// ---- Timers

class Timers : public KernelFixture {
protected:
    struct Recorder : Timer {
        Recorder() : Timer{fired} {}
        static void fired(Timer& timer)
        {
            static_cast<Recorder&>(timer).at = machine::now_ns();
            order.push_back(&timer);
        }
        uint64_t at = 0;
        static inline std::vector<Timer*> order;
    };
    void SetUp() override
    {
        KernelFixture::SetUp();
        Recorder::order.clear();
    }
};

TEST_F(Timers, FireInTheOrderOfTheirDeadlinesAndNeverEarly)
{
    Recorder late, early, middle;
    const uint64_t now = machine::now_ns();
    timer_arm(late, Deadline::at(now + 30'000));
    timer_arm(early, Deadline::at(now + 10'000));
    timer_arm(middle, Deadline::at(now + 20'000));
    run_until_idle();
    EXPECT_EQ(Recorder::order, (std::vector<Timer*>{&early, &middle, &late}));
    EXPECT_GE(early.at, now + 10'000);
    EXPECT_GE(late.at, now + 30'000);
}

TEST_F(Timers, ACancelledTimerDoesNotFire)
{
    Recorder timer;
    timer_arm(timer, Deadline::after(10'000));
    EXPECT_TRUE(timer_cancel(timer));
    EXPECT_FALSE(timer_cancel(timer));
    run_until_idle();
    EXPECT_TRUE(Recorder::order.empty());
}

TEST_F(Timers, ATimerCanBeArmedAgain)
{
    Recorder timer;
    for (size_t times = 1; times <= 3; ++times) {
        timer_arm(timer, Deadline::after(10'000));
        run_until_idle();
        EXPECT_EQ(Recorder::order.size(), times);
    }
}

// ---- Mutexes

class Mutexes : public KernelFixture {
protected:
    Mutex<LockRank::VmMap> mutex;
};

TEST_F(Mutexes, OneThreadAtATimeIsInside)
{
    int inside = 0, most = 0, rounds = 0;
    for (int i = 0; i < 4; ++i)
        start_kernel([&](Thread& self) {
            for (int round = 0; round < 20; ++round) {
                Guard guard{mutex};
                most = std::max(most, ++inside);
                thread_yield(self);  // A mutex, unlike a spin lock, is held over blocking.
                --inside;
                ++rounds;
            }
        });
    run_until_idle();
    EXPECT_EQ(most, 1);
    EXPECT_EQ(rounds, 80);
}

TEST_F(Mutexes, TryingDoesNotWait)
{
    in_kernel([&](Thread&) NO_THREAD_SAFETY_ANALYSIS {
        ASSERT_TRUE(mutex.try_acquire());
        bool second = true, tried = false;
        start_kernel([&](Thread&) NO_THREAD_SAFETY_ANALYSIS {
            second = mutex.try_acquire();
            if (second)
                mutex.release();
            tried = true;
        });
        while (!tried) {
            assert_wait_timeout(current_thread(), Interruptible::No, Deadline::after(1000));
            thread_block(current_thread());
        }
        EXPECT_FALSE(second);
        mutex.release();
    });
}

using MutexesDeath = Mutexes;

TEST_F(MutexesDeath, TakingOneUnderASpinLockIsFound)
{
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(in_kernel([&](Thread&) {
                     SpinLock<LockRank::Port> lock;
                     Guard outer{lock};
                     Guard inner{mutex};
                 }),
                 "is held");
}

TEST_F(MutexesDeath, TakingOneTwiceIsFound)
{
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(in_kernel([&](Thread&) NO_THREAD_SAFETY_ANALYSIS {
                     mutex.acquire();
                     mutex.acquire();
                 }),
                 "takes a mutex once");
}

// ---- Ledgers

class Ledgers : public KernelFixture {
protected:
    void SetUp() override
    {
        KernelFixture::SetUp();
        parent = *Ledger::create(kernel_ledger());
        child = *Ledger::create(parent);
    }
    void TearDown() override
    {
        child.reset();
        parent.reset();
        KernelFixture::TearDown();
    }

    RefPtr<Ledger> parent, child;
};

TEST_F(Ledgers, AChargeCountsInEveryAncestor)
{
    {
        LedgerCharge charge = *LedgerCharge::take(child, Resource::Ports, 3);
        EXPECT_EQ(child->balance(Resource::Ports), 3u);
        EXPECT_EQ(parent->balance(Resource::Ports), 3u);
    }
    EXPECT_EQ(child->balance(Resource::Ports), 0u);
    EXPECT_EQ(parent->balance(Resource::Ports), 0u);
}

TEST_F(Ledgers, AnAncestorsLimitRefusesAndNothingIsCharged)
{
    parent->set_limit(Resource::Ports, 5);
    LedgerCharge charge = *LedgerCharge::take(child, Resource::Ports, 4);
    EXPECT_EQ(LedgerCharge::take(child, Resource::Ports, 2).error(), KERN_RESOURCE_SHORTAGE);
    EXPECT_EQ(child->balance(Resource::Ports), 4u);
    EXPECT_TRUE(LedgerCharge::take(child, Resource::Ports, 1));
    EXPECT_TRUE(LedgerCharge::take(child, Resource::Names, 100));
}

TEST_F(Ledgers, AHugeAmountDoesNotWrapAround)
{
    parent->set_limit(Resource::Ports, 5);
    LedgerCharge charge = *LedgerCharge::take(child, Resource::Ports, 4);
    EXPECT_FALSE(LedgerCharge::take(child, Resource::Ports, UINT64_MAX - 2));
    EXPECT_EQ(parent->balance(Resource::Ports), 4u);
}

TEST_F(Ledgers, ALedgerLivesUntilNothingIsChargedToIt)
{
    LedgerCharge charge = *LedgerCharge::take(child, Resource::Ports, 1);
    child.reset();
    run_until_idle();
    EXPECT_EQ(parent->balance(Resource::Ports), 1u);
    charge.release();
    run_until_idle();
    EXPECT_EQ(parent->balance(Resource::Ports), 0u);
}

TEST_F(Ledgers, TheTreeHasALimitedDepth)
{
    RefPtr<Ledger> ledger = child;
    unsigned depth = 0;
    for (; depth < 100; ++depth) {
        mach::Result<RefPtr<Ledger>> next = Ledger::create(ledger);
        if (!next) {
            EXPECT_EQ(next.error(), KERN_POLICY_LIMIT);
            break;
        }
        ledger = *next;
    }
    EXPECT_LT(depth, Ledger::max_depth);
}

// ---- The reaper

struct Chain final : Reapable {
    Chain* next = nullptr;
    int steps = 3;
    static inline int destroyed = 0;
    static inline int deepest = 0;
    static inline int depth = 0;

    Step reap() override
    {
        deepest = std::max(deepest, ++depth);
        const bool done = --steps == 0;
        if (done) {
            if (next != nullptr)
                reaper_enqueue(*next);  // As the release of a last reference does.
            ++destroyed;
        }
        --depth;
        if (!done)
            return Step::More;
        delete this;
        return Step::Done;
    }
};

class Reaping : public KernelFixture {};

TEST_F(Reaping, ALongChainIsDestroyedWithoutRecursion)
{
    constexpr int length = 10'000;
    Chain* head = nullptr;
    for (int i = 0; i < length; ++i) {
        auto* link = new Chain;
        link->next = std::exchange(head, link);
    }
    in_kernel([&](Thread&) { reaper_enqueue(*head); });
    EXPECT_EQ(Chain::destroyed, length);
    EXPECT_EQ(Chain::deepest, 1);
    EXPECT_TRUE(reaper_idle());
}

// ---- Zones

struct Element {
    explicit Element(int v) : value{v} {}
    int value;
};
constinit Zone<Element> element_zone{"test elements"};

class Zones : public KernelFixture {};

TEST_F(Zones, CountWhatIsInUseAndKeepTheLimit)
{
    element_zone.set_limit(2);
    Element* one = element_zone.create(1);
    Element* two = element_zone.create(2);
    EXPECT_EQ(element_zone.create(3), nullptr);
    EXPECT_EQ(element_zone.live(), 2u);
    element_zone.destroy(one);
    Element* three = element_zone.create(3);
    ASSERT_NE(three, nullptr);
    EXPECT_EQ(three->value, 3);
    element_zone.destroy(two);
    element_zone.destroy(three);
    EXPECT_EQ(element_zone.live(), 0u);
}

TEST_F(Zones, RefuseSizesThatAreTooBig)
{
    EXPECT_EQ(kalloc(0), nullptr);
    EXPECT_EQ(kalloc(kalloc_limit + 1), nullptr);
    void* memory = kalloc(100);
    EXPECT_NE(memory, nullptr);
    kfree(memory, 100);
}

}  // namespace
