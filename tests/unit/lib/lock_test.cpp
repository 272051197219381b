// tests/unit/lib/lock_test.cpp: ranks, guards, references and text (kernel/lib).

#include <cstring>

#include "kernel_fixture.h"

#include <lib/lock.h>
#include <lib/print.h>
#include <lib/ref.h>

namespace {

class Locks : public KernelFixture {
protected:
    SpinLock<LockRank::Task> outer;
    SpinLock<LockRank::Port> inner, sibling;
};

TEST_F(Locks, AreTakenInTheOrderOfTheirRanks)
{
    in_kernel([&](Thread&) {
        Guard first{outer};
        Guard second{inner};
        EXPECT_TRUE(inner.is_held());
        second.unlock();
        EXPECT_FALSE(inner.is_held());
    });
}

TEST_F(Locks, TryingDoesNotWait)
{
    in_kernel([&](Thread&) NO_THREAD_SAFETY_ANALYSIS {
        inner.acquire();
        EXPECT_FALSE(inner.try_acquire());
        inner.release();
        EXPECT_TRUE(inner.try_acquire());
        inner.release();
    });
}

using LocksDeath = Locks;

TEST_F(LocksDeath, AnEarlierRankAfterALaterOneIsFound)
{
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(in_kernel([&](Thread&) {
                     Guard first{inner};
                     Guard second{outer};
                 }),
                 "lock order");
}

TEST_F(LocksDeath, TwoOfOneRankAreFoundUnlessTheirOwnerSaysInWhichOrder)
{
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    in_kernel([&](Thread&) NO_THREAD_SAFETY_ANALYSIS {
        inner.acquire();
        sibling.acquire_after(inner);
        sibling.release();
        inner.release();
    });
    EXPECT_DEATH(in_kernel([&](Thread&) {
                     Guard first{inner};
                     Guard second{sibling};
                 }),
                 "lock order");
}

struct Counted final : RefCounted<Counted> {
    static inline int destroyed = 0;
    static void destroy_last_reference(Counted* object)
    {
        ++destroyed;
        delete object;
    }
};

TEST(References, TheLastOneDestroysTheObject)
{
    Counted::destroyed = 0;
    RefPtr<Counted> one = RefPtr<Counted>::adopt(new Counted);
    RefPtr<Counted> two = one;
    one.reset();
    EXPECT_EQ(Counted::destroyed, 0);
    RefPtr<Counted>& same = two;
    two = same;
    EXPECT_EQ(Counted::destroyed, 0);
    two = {};
    EXPECT_EQ(Counted::destroyed, 1);
}

TEST(References, AMovedFromPointerIsNull)
{
    RefPtr<Counted> one = RefPtr<Counted>::adopt(new Counted);
    RefPtr<Counted> two = std::move(one);
    EXPECT_FALSE(one);  // NOLINT(bugprone-use-after-move): it is what is tested.
    EXPECT_EQ(two->reference_count(), 1u);
}

TEST(Text, IsFormattedAsByPrintf)
{
    char text[64];
    const auto formatted = [&](const char* format, auto... values) {
        char expected[64];
        std::snprintf(expected, sizeof expected, format, values...);
        format_text(text, sizeof text, format, values...);
        EXPECT_STREQ(text, expected) << format;
    };
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wformat-nonliteral"
#pragma clang diagnostic ignored "-Wformat-security"
    formatted("%d %u %x", -5, 7u, 0xbeefu);
    formatted("%08lx|%-6d|%6d", 0x1234ul, 42, -42);
    formatted("%s %c %%", "word", 'c');
    formatted("%llu", ~0ull);
    formatted("%.3s", "abcdef");
#pragma clang diagnostic pop
}

TEST(Text, IsCutWhereTheRoomEnds)
{
    char text[5];
    EXPECT_EQ(format_text(text, sizeof text, "%s", "longer"), 6u);
    EXPECT_STREQ(text, "long");
}

}  // namespace
