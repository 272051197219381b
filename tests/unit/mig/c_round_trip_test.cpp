// tests/unit/mig/c_round_trip_test.cpp
//
// User stub, message, server stub, routine, and back: what goes in comes out, for random values and for every count at 0, at its
// limit and beyond.
#include <everything.h>

#include "everything_service.h"
#include "played_mach_msg.h"

#include <gtest/gtest.h>

#include <cstring>

using namespace everything_test;

extern uint32_t last_notice;

namespace {

constexpr mach_port_t server = 42;
constexpr unsigned rounds = 2000;

class MigC : public testing::Test {
protected:
    void SetUp() override { played::destroyed = played::lost_reply_ports = 0; }
    void TearDown() override { EXPECT_EQ(played::reply_ports, 0); }
    std::mt19937 random_{1};
};

TEST_F(MigC, Nothing)
{
    EXPECT_EQ(nothing(server), KERN_SUCCESS);
    EXPECT_EQ(played::request.size(), 24u);
    EXPECT_EQ(nothing(1), refused);
}

TEST_F(MigC, Scalars)
{
    for (unsigned round = 0; round < rounds; ++round) {
        const auto a = static_cast<int8_t>(random_());
        const auto b = static_cast<uint16_t>(random_());
        const auto c = static_cast<int32_t>(random_());
        const uint64_t d = random_() * uint64_t{0x123456789};
        const pair_t pair{random_(), d};
        odd_t odd{{1, 2, 3, 4, static_cast<uint8_t>(random_())}};
        const odd_t before = odd;
        int8_t a_back = 0;
        uint16_t b_back = 0;
        int32_t c_back = 0;
        uint64_t d_back = 0;
        pair_t pair_back{};
        ASSERT_EQ(
            scalars(server, a, b, c, d, pair, odd, &a_back, &b_back, &c_back, &d_back, &pair_back, &odd),
            KERN_SUCCESS);
        EXPECT_EQ(a_back, a);
        EXPECT_EQ(b_back, b);
        EXPECT_EQ(c_back, c);
        EXPECT_EQ(d_back, d);
        EXPECT_EQ(pair_back.first, pair.second);
        EXPECT_EQ(odd.bytes[0], before.bytes[4] ^ before.bytes[0]);
        EXPECT_EQ(odd.bytes[4], before.bytes[0]);
    }
}

TEST_F(MigC, Arrays)
{
    for (unsigned round = 0; round < rounds; ++round) {
        const auto bytes = random_elements<char>(random_, 100);
        const auto words = random_elements<uint32_t>(random_, 10);
        const auto longs = random_elements<uint64_t>(random_, 5);
        const auto pairs = random_elements<pair_t>(random_, 4);
        const uint16_t halves[7] = {1, 2, 3, 4, 5, 6, static_cast<uint16_t>(round)};
        const uint64_t after = random_();
        uint64_t sum = 0;
        const auto count = [](const auto& elements) {
            return static_cast<mach_msg_type_number_t>(elements.size());
        };
        ASSERT_EQ(arrays(server, bytes.data(), count(bytes), words.data(), count(words), longs.data(),
                         count(longs), pairs.data(), count(pairs), halves, after, &sum),
                  KERN_SUCCESS);
        const uint64_t expected = Digest{}
                                      .add(std::span{bytes})
                                      .add(std::span{words})
                                      .add(std::span{longs})
                                      .add(std::span{pairs})
                                      .add(std::span<const uint16_t>{halves})
                                      .add(after)
                                      .value();
        ASSERT_EQ(sum, expected);
    }
}

TEST_F(MigC, MoreThanTheLimitIsNotSent)
{
    char bytes[101] = {};
    uint32_t words[1] = {};
    uint64_t longs[1] = {}, sum = 0;
    pair_t pairs[1] = {};
    uint16_t halves[7] = {};
    played::request.clear();
    EXPECT_EQ(arrays(server, bytes, 101, words, 1, longs, 1, pairs, 1, halves, 0, &sum), MIG_ARRAY_TOO_LARGE);
    EXPECT_EQ(arrays(server, bytes, 100, words, 11, longs, 1, pairs, 1, halves, 0, &sum),
              MIG_ARRAY_TOO_LARGE);
    EXPECT_EQ(arrays(server, bytes, 100, words, 0xffffffff, longs, 1, pairs, 1, halves, 0, &sum),
              MIG_ARRAY_TOO_LARGE);
    EXPECT_TRUE(played::request.empty());
}

struct Room {
    uint32_t words[10];
    char bytes[100];
    uint64_t longs[5];
    pair_t pairs[4];
    uint16_t halves[7];
    uint64_t after;
    mach_msg_type_number_t word_count = 10, byte_count = 100, long_count = 5, pair_count = 4;

    kern_return_t call(uint32_t seed)
    {
        return out_arrays(server, seed, words, &word_count, bytes, &byte_count, longs, &long_count, pairs,
                          &pair_count, halves, &after);
    }
};

TEST_F(MigC, OutArrays)
{
    for (uint32_t seed = 0; seed < rounds; ++seed) {
        const OutArrays expected{seed};
        Room room;
        ASSERT_EQ(room.call(seed), KERN_SUCCESS);
        ASSERT_EQ(room.word_count, expected.words.size());
        ASSERT_EQ(room.byte_count, expected.bytes.size());
        ASSERT_EQ(room.long_count, expected.longs.size());
        ASSERT_EQ(room.pair_count, expected.pairs.size());
        EXPECT_TRUE(std::equal(expected.words.begin(), expected.words.end(), room.words));
        EXPECT_TRUE(std::equal(expected.bytes.begin(), expected.bytes.end(), room.bytes));
        EXPECT_TRUE(std::equal(expected.longs.begin(), expected.longs.end(), room.longs));
        for (size_t at = 0; at < expected.pairs.size(); ++at)
            EXPECT_EQ(room.pairs[at].second, expected.pairs[at].second);
        EXPECT_EQ(std::memcmp(expected.halves, room.halves, sizeof room.halves), 0);
        EXPECT_EQ(room.after, expected.after);
    }
}

TEST_F(MigC, FailureBringsNothingButTheCode)
{
    Room room;
    EXPECT_EQ(room.call(seed_that_fails), refused);
    EXPECT_EQ(played::reply.size(), sizeof(mig_reply_error_t));
}

TEST_F(MigC, CallerWithLessRoomGetsWhatFits)
{
    uint32_t seed = 0;
    while (OutArrays{seed}.words.size() < 3 || OutArrays{seed}.bytes.size() < 50)
        ++seed;
    Room room;
    room.byte_count = 20;  // countInOut: the server gives no more.
    EXPECT_EQ(room.call(seed), KERN_SUCCESS);
    EXPECT_EQ(room.byte_count, 20u);

    Room small;
    small.word_count = 2;
    small.words[2] = 0x5a5a5a5a;
    EXPECT_EQ(small.call(seed), MIG_ARRAY_TOO_LARGE);
    EXPECT_EQ(small.words[1], OutArrays{seed}.words[1]);
    EXPECT_EQ(small.words[2], 0x5a5a5a5au);
    EXPECT_EQ(small.word_count, OutArrays{seed}.words.size());
}

TEST_F(MigC, BothWays)
{
    for (unsigned round = 0; round < rounds; ++round) {
        auto bytes = random_elements<char>(random_, 100);
        auto longs = random_elements<uint64_t>(random_, 5);
        uint16_t halves[7] = {1, 2, 3, 4, 5, 6, 7};
        const auto before = bytes;
        const auto longs_before = longs;
        auto count = static_cast<mach_msg_type_number_t>(bytes.size());
        auto long_count = static_cast<mach_msg_type_number_t>(longs.size());
        uint64_t value = round;
        ASSERT_EQ(both_ways(server, bytes.data(), &count, &value, longs.data(), &long_count, halves),
                  KERN_SUCCESS);
        EXPECT_EQ(count, before.size() / 2);
        EXPECT_TRUE(std::equal(bytes.begin(), bytes.begin() + count, before.rbegin()));
        EXPECT_EQ(value, ~uint64_t{round});
        EXPECT_TRUE(std::equal(longs.begin(), longs.end(), longs_before.rbegin(), longs_before.rend()));
        EXPECT_EQ(halves[0], 7);
    }
}

TEST_F(MigC, Strings)
{
    for (unsigned round = 0; round < rounds; ++round) {
        const std::string name = random_text(random_, 29), path = random_text(random_, 63),
                          second = random_text(random_, 63);
        char path_back[64], name_back[30], second_back[64];
        uint32_t length = 0;
        ASSERT_EQ(strings(server, name.c_str(), path.c_str(), second.c_str(), path_back, name_back,
                          second_back, &length),
                  KERN_SUCCESS);
        EXPECT_EQ(name_back, name);
        EXPECT_EQ(path_back, path);
        EXPECT_EQ(second_back, second);
        EXPECT_EQ(length, name.size() + path.size() + second.size());
    }
}

TEST_F(MigC, Rights)
{
    mach_port_t back = 0;
    uint32_t number = 0;
    EXPECT_EQ(rights(server, 100, 5, 20, 3, &back, &number), KERN_SUCCESS);
    EXPECT_EQ(back, 123u);
    EXPECT_EQ(number, 5u);
    EXPECT_EQ(only_right(server, &back), KERN_SUCCESS);
    EXPECT_EQ(back, server + 1);
    EXPECT_EQ(only_right(1, &back), refused);
    for (const mach_msg_type_name_t kind :
         {MACH_MSG_TYPE_MOVE_RECEIVE, MACH_MSG_TYPE_MOVE_SEND, MACH_MSG_TYPE_MOVE_SEND_ONCE}) {
        mach_msg_type_name_t kind_back = 0;
        EXPECT_EQ(any_right(server, 9, kind, &back, &kind_back), KERN_SUCCESS);
        EXPECT_EQ(back, 9u);
        EXPECT_EQ(kind_back, kind);
    }
}

TEST_F(MigC, MemoryAndManyRights)
{
    char bytes[] = "abc";
    uint32_t words[3] = {1, 2, 3};
    vm_offset_t back = 0;
    mach_msg_type_number_t back_count = 0;
    uint32_t sum = 0;
    EXPECT_EQ(memory(server, bytes, 3, 0x123456000, 17, words, 3, 5, &back, &back_count, &sum), KERN_SUCCESS);
    EXPECT_EQ(back, 0x123456000u);
    EXPECT_EQ(back_count, 17u);
    EXPECT_EQ(sum, static_cast<uint32_t>(Digest{}.add(std::span<const char>{bytes, 3}).value()) + 9);
    EXPECT_EQ(memory(server, bytes, 3, 0, 0, words, 1001, 5, &back, &back_count, &sum), MIG_ARRAY_TOO_LARGE);

    mach_port_t given[2] = {7, 8};
    mach_port_array_t names = nullptr;
    EXPECT_EQ(many_rights(server, given, 2, &names, &back_count), KERN_SUCCESS);
    EXPECT_EQ(back_count, 2u);
    EXPECT_EQ(names, given);
}

TEST_F(MigC, OneWay)
{
    EXPECT_EQ(notice(server, "four", 10), KERN_SUCCESS);
    EXPECT_EQ(last_notice, 14u);
}

// Everything that is sent is defined: the same call, from a stack of zeros and from one of ones, sends the same bytes.
template <class Call>
played::Bytes sent_from_stack_of(int value, Call call)
{
    {
        volatile char dirt[16384];
        for (volatile char& byte : dirt)
            byte = static_cast<char>(value);
    }
    call();
    return played::request;
}

TEST_F(MigC, PaddingIsZero)
{
    const auto call = [] {
        const odd_t odd{{1, 2, 3, 4, 5}};
        odd_t both = odd;
        int8_t a;
        uint16_t b;
        int32_t c;
        uint64_t d;
        pair_t pair;
        scalars(server, 1, 2, 3, 4, {5, 6}, odd, &a, &b, &c, &d, &pair, &both);
    };
    EXPECT_EQ(sent_from_stack_of(0, call), sent_from_stack_of(-1, call));
    const auto text = [] {
        char path[64], name[30], second[64];
        uint32_t length;
        strings(server, "abcde", "xyz12", "q", path, name, second, &length);
    };
    EXPECT_EQ(sent_from_stack_of(0, text), sent_from_stack_of(-1, text));
}

TEST_F(MigC, BadRepliesAreRefusedAndDestroyed)
{
    mach_port_t back = 0;
    const auto with = [&](auto change) {
        played::tamper = [=](played::Bytes& reply) {
            change(reinterpret_cast<mach_msg_header_t*>(reply.data()), reply);
        };
        return only_right(server, &back);
    };
    EXPECT_EQ(with([](mach_msg_header_t* header, auto&) { header->msgh_id = 1; }), MIG_REPLY_MISMATCH);
    EXPECT_EQ(with([](mach_msg_header_t* header, auto&) { header->msgh_id = MACH_NOTIFY_SEND_ONCE; }),
              MIG_SERVER_DIED);
    EXPECT_EQ(with([](mach_msg_header_t* header, auto&) { header->msgh_size = 36; }), MIG_TYPE_ERROR);
    EXPECT_EQ(with([](mach_msg_header_t*, auto& reply) { reply[24] = std::byte{2}; }), MIG_TYPE_ERROR);
    EXPECT_EQ(with([](mach_msg_header_t*, auto& reply) { reply[38] = std::byte{18}; }), MIG_TYPE_ERROR);
    EXPECT_EQ(played::destroyed, 5u);
}

TEST_F(MigC, TheTrailerTellsWhoSentAndTheContextOfThePort)
{
    const mach_msg_context_trailer_t before = played::trailer;
    for (uint32_t at = 0; at < 8; ++at)
        played::trailer.msgh_audit.val[at] = random_();
    for (uint32_t at = 0; at < 2; ++at)
        played::trailer.msgh_sender.val[at] = random_();
    played::trailer.msgh_context = random_() * uint64_t{0x123456789};

    audit_token_t audit{};
    security_token_t sender{};
    mach_port_context_t object = 0;
    EXPECT_EQ(trailer(server, &audit, &sender, &object), KERN_SUCCESS);
    EXPECT_EQ(std::memcmp(&audit, &played::trailer.msgh_audit, sizeof audit), 0);
    EXPECT_EQ(std::memcmp(&sender, &played::trailer.msgh_sender, sizeof sender), 0);
    const mach_port_context_t told = played::trailer.msgh_context;  // The trailer is packed to 4 bytes.
    EXPECT_EQ(object, told);
    EXPECT_EQ(played::request.size(), 24u);

    // A receiver that did not ask for all of it.
    for (const size_t size : {sizeof(mach_msg_trailer_t), sizeof(mach_msg_audit_trailer_t)}) {
        played::trailer.msgh_trailer_size = static_cast<mach_msg_trailer_size_t>(size);
        EXPECT_EQ(trailer(server, &audit, &sender, &object), MIG_TRAILER_ERROR);
    }
    played::trailer = before;
}

TEST_F(MigC, FailedCallGivesTheReplyPortUp)
{
    played::failure = MACH_RCV_TIMED_OUT;
    EXPECT_EQ(nothing(server), MACH_RCV_TIMED_OUT);
    EXPECT_EQ(played::lost_reply_ports, 1u);
}

TEST_F(MigC, CallToADeadPortKeepsTheReplyPort)
{
    played::failure = MACH_SEND_INVALID_DEST;
    EXPECT_EQ(nothing(server), MACH_SEND_INVALID_DEST);
    EXPECT_EQ(played::lost_reply_ports, 0u);
}

}  // namespace
