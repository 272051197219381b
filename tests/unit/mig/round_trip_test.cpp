// tests/unit/mig/round_trip_test.cpp
//
// For every routine of every interface: arguments go through the user's stub, a message, the server's stub and the routine,
// and the answers all the way back, and come out equal.
#include "round_trip_all.h"

#include "played_mach_msg.h"

#include <mach/mig_errors.h>

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace played {
Server server{};
}

namespace mig::round_trip {
namespace {

constexpr unsigned random_calls = 60;

class MigRoundTrip : public testing::TestWithParam<const Interface*> {
protected:
    // Runs `visit(routine, at, item)` for all data arguments with a count of their own, and strings.
    template <class Visit>
    void for_each_counted(const Visit& visit)
    {
        for (const Routine& routine : GetParam()->routines) {
            for (size_t at = 0; at < routine.items.size(); ++at) {
                const Item& item = routine.items[at];
                const bool is_counted = item.counter == static_cast<int>(at) || item.kind == Kind::String;
                if (item.role == Role::Data && is_counted)
                    visit(routine, at, item);
            }
        }
    }

    bool run(const Routine& routine, const Plan& plan, kern_return_t code)
    {
        Call call{*GetParam(), routine, random_, plan};
        call.run(code);
        return call.has_been_served();
    }

    std::mt19937_64 random_{4711};
};

TEST_P(MigRoundTrip, RandomArgumentsComeOutAsTheyWentIn)
{
    for (const Routine& routine : GetParam()->routines) {
        for (unsigned left = random_calls; left != 0 && !HasFailure(); --left)
            run(routine, {}, KERN_SUCCESS);
    }
}

TEST_P(MigRoundTrip, EveryCountGoesFromNothingToItsLimit)
{
    for_each_counted([this](const Routine& routine, size_t at, const Item& item) {
        const uint32_t limit = item.kind == Kind::String ? item.limit - 1 : item.limit;
        for (const int64_t count : std::set<int64_t>{0, 1, limit == 0 ? 4096 : limit}) {
            const bool is_both = item.direction == Direction::Inout;
            if (item.in() && count <= (limit == 0 ? count : limit))
                run(routine, {.item = at, .sent_count = count, .answer_count = is_both ? 0 : -1},
                    KERN_SUCCESS);
            if (item.out())
                run(routine, {.item = at, .sent_count = is_both ? count : -1, .answer_count = count},
                    KERN_SUCCESS);
        }
    });
}

TEST_P(MigRoundTrip, MoreThanItsLimitIsNotSent)
{
    for_each_counted([this](const Routine& routine, size_t at, const Item& item) {
        if (!item.in() || item.limit == 0)
            return;
        const Plan plan{.item = at, .sent_count = item.limit + 1};
        if (item.kind == Kind::String)  // In C strings are cut off.
            run(routine, plan, KERN_SUCCESS);
        else
            EXPECT_FALSE(run(routine, plan, MIG_ARRAY_TOO_LARGE)) << routine.name << ' ' << item.name;
    });
}

TEST_P(MigRoundTrip, MoreThanItsLimitIsNotAnswered)
{
    for_each_counted([this](const Routine& routine, size_t at, const Item& item) {
        if (item.out() && item.limit != 0 && item.kind != Kind::String)
            run(routine, {.item = at, .answer_count = item.limit + 1}, MIG_ARRAY_TOO_LARGE);
    });
}

TEST_P(MigRoundTrip, LessRoomThanTheAnswerTakesIsAnError)
{
    for_each_counted([this](const Routine& routine, size_t at, const Item& item) {
        const bool has_room = item.kind == Kind::VaryingArray || item.kind == Kind::Rights || item.overwrite;
        if (item.direction != Direction::Out || !has_room || item.count_in_out)
            return;
        const int64_t count = item.limit;
        Call call{*GetParam(), routine, random_, {.item = at, .answer_count = count, .room = count - 1}};
        call.run(MIG_ARRAY_TOO_LARGE);
        EXPECT_EQ(call.item(at).user.count, count) << routine.name << ' ' << item.name;
        EXPECT_EQ(played::destroyed, 1u);
    });
}

TEST_P(MigRoundTrip, FailureBringsTheCodeAlone)
{
    for (const Routine& routine : GetParam()->routines) {
        const auto code = static_cast<kern_return_t>(random_() % 100000 + 1);
        EXPECT_TRUE(run(routine, {.code = code}, routine.can_fail ? code : KERN_SUCCESS)) << routine.name;
        if (routine.can_fail)
            EXPECT_EQ(played::reply.size(), sizeof(mig_reply_error_t));
    }
}

// ---- What a stub must not take

const Routine& routine_of(const Interface& interface, std::string_view name)
{
    for (const Routine& routine : interface.routines) {
        if (routine.name == name)
            return routine;
    }
    std::abort();
}

constexpr size_t descriptor_at(size_t index)
{
    return sizeof(mach_msg_base_t) + index * sizeof(mach_msg_port_descriptor_t);
}

kern_return_t answer_to(const played::Bytes& request)
{
    const played::Bytes reply = played::serve(request);
    mig_reply_error_t error{};
    EXPECT_EQ(reply.size(), sizeof error);
    std::memcpy(&error, reply.data(), sizeof error);
    return error.RetCode;
}

TEST(MigRights, BehindThoseThatAreCountedThereAreNone)
{
    std::mt19937_64 random{7};
    const Routine& routine = routine_of(shared_counts_trips, "some_rights");
    Call call{shared_counts_trips, routine, random, {.item = 1, .sent_count = 2}};
    call.run(KERN_SUCCESS);

    played::Bytes request = played::request;
    request[descriptor_at(2)] = std::byte{9};

    EXPECT_EQ(answer_to(request), MIG_TYPE_ERROR);
}

TEST(MigRights, OneOfAnotherKindIsRefused)
{
    std::mt19937_64 random{7};
    const Routine& routine = routine_of(shared_counts_trips, "two_rights");
    Call call{shared_counts_trips, routine, random, {}};
    call.run(KERN_SUCCESS);

    played::Bytes request = played::request;
    constexpr size_t disposition = 10;  // Behind the name and the padding.
    request[descriptor_at(1) + disposition] = std::byte{MACH_MSG_TYPE_MOVE_SEND_ONCE};

    EXPECT_EQ(answer_to(request), MIG_TYPE_ERROR);
}

TEST(MigRights, OfAReplyTheyAreCheckedToo)
{
    std::mt19937_64 random{7};
    const Routine& routine = routine_of(shared_counts_trips, "handlers");
    Call call{shared_counts_trips, routine, random, {.item = 1, .answer_count = 4}};
    played::tamper = [](played::Bytes& reply) { reply[descriptor_at(4)] = std::byte{9}; };
    call.run(MIG_TYPE_ERROR);
    EXPECT_EQ(played::destroyed, 1u);
}

INSTANTIATE_TEST_SUITE_P(C, MigRoundTrip, testing::ValuesIn(all_interfaces),
                         [](const auto& each) { return std::string{each.param->name}; });

}  // namespace
}  // namespace mig::round_trip
