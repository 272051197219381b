// tests/unit/unix_server/byte_ring_test.cpp
#include "pipe/byte_ring.h"

#include <deque>
#include <random>

#include <gtest/gtest.h>

namespace portico {
namespace {

constexpr size_t capacity = 61;

TEST(ByteRing, GivesBackWhatWasPutInAcrossItsEnd)
{
    ByteRing<capacity> ring;
    std::deque<char> model;
    std::mt19937 random{4711};
    char next = 0;
    for (int step = 0; step < 20'000; ++step) {
        std::vector<char> bytes(random() % (capacity + 1));
        if (random() % 2 == 0) {
            bytes.resize(std::min(bytes.size(), ring.room()));
            for (char& byte : bytes)
                byte = next++;
            ASSERT_TRUE(ring.append(bytes));
            model.insert(model.end(), bytes.begin(), bytes.end());
        } else {
            const size_t taken = ring.peek(bytes);
            ring.drop(taken);
            ASSERT_EQ(taken, std::min(bytes.size(), model.size()));
            ASSERT_TRUE(
                std::equal(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(taken), model.begin()));
            model.erase(model.begin(), model.begin() + static_cast<ptrdiff_t>(taken));
        }
        ASSERT_EQ(ring.size(), model.size());
        ASSERT_EQ(ring.room(), capacity - model.size());
    }
}

TEST(ByteRing, IsUsableAgainAfterItWasCleared)
{
    ByteRing<capacity> ring;
    ASSERT_TRUE(ring.append(std::string_view{"lost"}));
    ring.clear();
    EXPECT_TRUE(ring.empty());

    ASSERT_TRUE(ring.append(std::string_view{"kept"}));
    char taken[8];
    EXPECT_EQ(std::string_view(taken, ring.peek(taken)), "kept");
    EXPECT_EQ(ring.size(), 4u) << "a look takes nothing";
}

}  // namespace
}  // namespace portico
