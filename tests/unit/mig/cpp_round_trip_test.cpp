// tests/unit/mig/cpp_round_trip_test.cpp
//
// A generated Remote and a generated Server in one event loop, over ports of the played kernel.
#include <everything_interface.h>

#include "everything_service.h"
#include "fake_kernel.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace everything_test;

namespace {

using mach::Async;
using mach::Result;

class Everything final : public mach::Object, public everything::Interface {
public:
    bool dispatch(mig::Request& request) override { return everything::Server::dispatch(*this, request); }

    Async<Result<void>> nothing() override
    {
        if (fail_next)
            co_return mach::failure(refused);
        co_return {};
    }
    Async<Result<everything::ScalarsReply>> scalars(int8_t a, uint16_t b, int32_t c, uint64_t d,
                                                    const pair_t& pair, const odd_t& odd,
                                                    const odd_t& odd_both) override
    {
        odd_t back = odd_both;
        back.bytes[0] ^= odd.bytes[0];
        co_return everything::ScalarsReply{a, b, c, d, {pair.second, pair.first}, back};
    }
    Async<Result<uint64_t>> arrays(std::span<const char> bytes, std::span<const uint32_t> words,
                                   std::span<const uint64_t> longs, std::span<const pair_t> pairs,
                                   std::span<const uint16_t, 7> halves, uint64_t after) override
    {
        co_return Digest{}
            .add(bytes)
            .add(words)
            .add(longs)
            .add(pairs)
            .add(std::span<const uint16_t>{halves})
            .add(after)
            .value();
    }
    Async<Result<everything::OutArraysReply>> out_arrays(uint32_t seed, mig::OutArray<uint32_t>& words,
                                                         mig::OutArray<char>& bytes,
                                                         mig::OutArray<uint64_t>& longs,
                                                         mig::OutArray<pair_t>& pairs) override
    {
        const OutArrays answer{seed};
        EXPECT_TRUE(words.assign(answer.words) && longs.assign(answer.longs) && pairs.assign(answer.pairs));
        bytes.assign(std::span{answer.bytes}.first(std::min<size_t>(answer.bytes.size(), bytes.capacity())));
        everything::OutArraysReply reply{{}, answer.after};
        std::ranges::copy(answer.halves, reply.halves.begin());
        co_return reply;
    }
    Async<Result<everything::BothWaysReply>> both_ways(mig::OutArray<char>& bytes, uint64_t value,
                                                       mig::OutArray<uint64_t>& longs,
                                                       std::span<const uint16_t, 7> halves) override
    {
        std::ranges::reverse(bytes.span());
        bytes.set_count(bytes.count() / 2);
        std::ranges::reverse(longs.span());
        everything::BothWaysReply reply{~value, {}};
        std::ranges::reverse_copy(halves, reply.halves.begin());
        co_return reply;
    }
    Async<Result<uint32_t>> strings(std::string_view name, std::string_view path, std::string_view second,
                                    mig::OutArray<char>& path_back, mig::OutArray<char>& name_back,
                                    mig::OutArray<char>& second_back) override
    {
        EXPECT_TRUE(path_back.assign(path) && name_back.assign(name) && second_back.assign(second));
        co_return static_cast<uint32_t>(name.size() + path.size() + second.size());
    }
    Async<Result<everything::RightsReply>> rights(mach::SendRight copied, uint32_t number,
                                                  mach::SendOnceRight, mach::ReceiveRight) override
    {
        co_return everything::RightsReply{std::move(copied), number};  // The other two die here.
    }
    Async<Result<mach::SendRight>> only_right() override { co_return make_send(); }
    Async<Result<mig::AnyRight>> any_right(mig::AnyRight given) override { co_return std::move(given); }
    Async<Result<everything::MemoryReply>> memory(std::span<const char> bytes, mach::Memory data,
                                                  mach::Memory words, uint32_t after) override
    {
        const auto sum = static_cast<uint32_t>(Digest{}.add(bytes).value() + words.size() + after);
        co_return everything::MemoryReply{std::move(data), sum};
    }
    Async<Result<mach::PortArray>> many_rights(mach::PortArray given) override { co_return std::move(given); }
    void notice(std::string_view path, uint32_t value) override
    {
        noticed = value + static_cast<uint32_t>(path.size());
    }

    Async<Result<everything::TrailerReply>> trailer(const audit_token_t& who, const security_token_t& user,
                                                    mach_port_context_t context) override
    {
        co_return everything::TrailerReply{who, user, context};
    }

    bool fail_next = false;
    uint32_t noticed = 0;
};

class MigCpp : public testing::Test {
protected:
    void SetUp() override { fake::reset(); }

    // Runs `work`, a coroutine that takes a Remote, until nothing is left to do.  Nothing may be left of it either.
    template <class Work>
    void run(Work work)
    {
        mach::EventLoop loop{{}};
        auto object = std::make_shared<Everything>();
        everything::Remote remote{loop, std::move(*object->make_send())};
        const auto turn = [&] {
            while (loop.run_once()) {
            }
        };
        turn();
        // The first call makes the loop's reply port, which stays.
        ASSERT_TRUE(loop.spawn(warm_up(remote)));
        turn();
        const size_t names = fake::names(), blocks = fake::memory_blocks();
        bool done = false;
        ASSERT_TRUE(loop.spawn(work(*this, remote, *object, done)));
        turn();
        EXPECT_TRUE(done);
        EXPECT_EQ(fake::names(), names);
        EXPECT_EQ(fake::memory_blocks(), blocks);
    }

    static Async<void> warm_up(everything::Remote& remote) { static_cast<void>(co_await remote.nothing()); }

    std::mt19937 random_{1};
    friend struct Works;
};

// The played kernel moves no receive rights, no null rights and no rights out of line: the C stubs' tests have those.
// Coroutines must not be lambdas with captures: these get what they need as arguments.
struct Works {
    static Async<void> plain(MigCpp& test, everything::Remote& remote, Everything& object, bool& done)
    {
        EXPECT_TRUE(co_await remote.nothing());
        object.fail_next = true;
        EXPECT_EQ((co_await remote.nothing()).error(), refused);
        for (unsigned round = 0; round < 200; ++round) {
            const pair_t pair{test.random_(), round};
            const odd_t odd{{9, 8, 7, 6, 5}}, both{{1, 2, 3, 4, 5}};
            auto reply = co_await remote.scalars(-1, 2, -3, ~uint64_t{round}, pair, odd, both);
            EXPECT_TRUE(reply);
            EXPECT_EQ(reply->a_back, -1);
            EXPECT_EQ(reply->d_back, ~uint64_t{round});
            EXPECT_EQ(reply->pair_back.first, round);
            EXPECT_EQ(reply->odd_both.bytes[0], 8);
        }
        remote.notice("four", 10);
        object.fail_next = false;
        EXPECT_TRUE(co_await remote.nothing());  // Comes after the notice.
        EXPECT_EQ(object.noticed, 14u);
        done = true;
    }

    static Async<void> arrays(MigCpp& test, everything::Remote& remote, Everything&, bool& done)
    {
        for (unsigned round = 0; round < 300; ++round) {
            const auto bytes = random_elements<char>(test.random_, 100);
            const auto words = random_elements<uint32_t>(test.random_, 10);
            const auto longs = random_elements<uint64_t>(test.random_, 5);
            const auto pairs = random_elements<pair_t>(test.random_, 4);
            const std::array<uint16_t, 7> halves{1, 2, 3, 4, 5, 6, 7};
            auto sum = co_await remote.arrays(bytes, words, longs, pairs, halves, round);
            EXPECT_TRUE(sum);
            EXPECT_EQ(*sum, Digest{}
                                .add(std::span{bytes})
                                .add(std::span{words})
                                .add(std::span{longs})
                                .add(std::span{pairs})
                                .add(std::span<const uint16_t>{halves})
                                .add(round)
                                .value());
        }
        const std::vector<char> too_many(101);
        const std::array<uint16_t, 7> halves{};
        EXPECT_EQ((co_await remote.arrays(too_many, {}, {}, {}, halves, 0)).error(), MIG_ARRAY_TOO_LARGE);
        done = true;
    }

    static Async<void> answers(MigCpp&, everything::Remote& remote, Everything&, bool& done)
    {
        for (uint32_t seed = 0; seed < 300; ++seed) {
            const OutArrays expected{seed};
            uint32_t word_room[10];
            char byte_room[30];
            uint64_t long_room[5];
            pair_t pair_room[4];
            mig::OutArray<uint32_t> words{std::span{word_room}};
            mig::OutArray<char> bytes{std::span{byte_room}};
            mig::OutArray<uint64_t> longs{std::span{long_room}};
            mig::OutArray<pair_t> pairs{std::span{pair_room}};
            auto reply = co_await remote.out_arrays(seed, words, bytes, longs, pairs);
            EXPECT_TRUE(reply);
            EXPECT_TRUE(std::ranges::equal(words.span(), expected.words));
            EXPECT_EQ(bytes.count(), std::min<size_t>(30, expected.bytes.size()));
            EXPECT_TRUE(std::ranges::equal(longs.span(), expected.longs));
            EXPECT_EQ(pairs.count(), expected.pairs.size());
            EXPECT_TRUE(std::ranges::equal(reply->halves, expected.halves));
            EXPECT_EQ(reply->after, expected.after);
        }
        done = true;
    }

    static Async<void> both(MigCpp& test, everything::Remote& remote, Everything&, bool& done)
    {
        for (unsigned round = 0; round < 200; ++round) {
            auto content = random_elements<char>(test.random_, 100);
            const auto before = content;
            content.resize(100);
            uint64_t long_room[5] = {1, 2, 3};
            mig::OutArray<char> bytes{content.data(), 100, static_cast<uint32_t>(before.size())};
            mig::OutArray<uint64_t> longs{long_room, 5, 3};
            const std::array<uint16_t, 7> halves{1, 2, 3, 4, 5, 6, 7};
            auto reply = co_await remote.both_ways(bytes, 5, longs, halves);
            EXPECT_TRUE(reply);
            EXPECT_EQ(bytes.count(), before.size() / 2);
            EXPECT_TRUE(std::equal(bytes.span().begin(), bytes.span().end(), before.rbegin()));
            EXPECT_EQ(reply->value, ~uint64_t{5});
            EXPECT_EQ(longs.span()[0], 3u);
            EXPECT_EQ(reply->halves[0], 7);
        }
        done = true;
    }

    static Async<void> strings(MigCpp& test, everything::Remote& remote, Everything&, bool& done)
    {
        for (unsigned round = 0; round < 200; ++round) {
            const std::string name = random_text(test.random_, 29), path = random_text(test.random_, 63);
            const std::string second = random_text(test.random_, 63);
            char room[3][64];
            mig::OutArray<char> path_back{std::span{room[0]}}, name_back{std::span{room[1]}},
                second_back{std::span{room[2]}};
            auto length = co_await remote.strings(name, path, second, path_back, name_back, second_back);
            EXPECT_TRUE(length);
            EXPECT_EQ(mig::text_of(path_back), path);
            EXPECT_EQ(mig::text_of(name_back), name);
            EXPECT_EQ(mig::text_of(second_back), second);
            EXPECT_EQ(*length, name.size() + path.size() + second.size());
        }
        char room[64];
        mig::OutArray<char> out{std::span{room}};
        const std::string too_long(64, 'x');
        EXPECT_EQ((co_await remote.strings("", too_long, "", out, out, out)).error(), MIG_ARRAY_TOO_LARGE);
        done = true;
    }

    static Async<void> rights(MigCpp&, everything::Remote& remote, Everything&, bool& done)
    {
        mach::ReceiveRight port = std::move(*mach::ReceiveRight::allocate());
        mach::SendRight send = std::move(*port.make_send());
        const mach_port_t name = send.name();
        auto own = co_await remote.only_right();
        EXPECT_TRUE(own);
        EXPECT_EQ(own->name(), remote.port().name());
        auto any = co_await remote.any_right(mig::AnyRight{std::move(send)});
        EXPECT_TRUE(any);
        EXPECT_EQ(std::get<mach::SendRight>(*any).name(), name);
        done = true;
    }

    // The event loop keeps in a port's context what it knows of the port, so every port of its has one, always the same.
    static Async<void> trailer(MigCpp&, everything::Remote& remote, Everything&, bool& done)
    {
        auto reply = co_await remote.trailer({}, {}, 0);
        EXPECT_TRUE(reply);
        EXPECT_NE(reply->object, 0u);
        EXPECT_EQ((co_await remote.trailer({}, {}, 1))->object, reply->object);
        done = true;
    }

    static Async<void> memory(MigCpp&, everything::Remote& remote, Everything&, bool& done)
    {
        mach::Memory data = std::move(*mach::Memory::allocate(5000));
        data.bytes()[4999] = std::byte{7};
        mach::Memory words = std::move(*mach::Memory::allocate(40));
        const char bytes[] = {'a', 'b'};
        auto reply = co_await remote.memory(bytes, std::move(data), std::move(words), 3);
        EXPECT_TRUE(reply);
        EXPECT_EQ(reply->back.size(), 5000u);
        EXPECT_EQ(reply->back.bytes()[4999], std::byte{7});
        EXPECT_EQ(reply->sum, static_cast<uint32_t>(Digest{}.add(std::span<const char>{bytes}).value() + 43));
        mach::Memory too_large = std::move(*mach::Memory::allocate(4004));
        EXPECT_EQ((co_await remote.memory(bytes, {}, std::move(too_large), 3)).error(), MIG_ARRAY_TOO_LARGE);
        done = true;
    }
};

TEST_F(MigCpp, Plain) { run(Works::plain); }
TEST_F(MigCpp, Arrays) { run(Works::arrays); }
TEST_F(MigCpp, Answers) { run(Works::answers); }
TEST_F(MigCpp, BothWays) { run(Works::both); }
TEST_F(MigCpp, Strings) { run(Works::strings); }
TEST_F(MigCpp, Rights) { run(Works::rights); }
TEST_F(MigCpp, Memory) { run(Works::memory); }
TEST_F(MigCpp, TheContextIsThatOfThePortTheRequestCameTo) { run(Works::trailer); }

}  // namespace
