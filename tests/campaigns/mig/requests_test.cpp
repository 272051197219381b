// tests/campaigns/mig/requests_test.cpp
//
//     mig-requests-test                 a short form, which ctest runs
//     mig-requests-test --slice N/100   a hundredth of the long one; docs/campaigns/mig-requests.md has the record
//
// Mutated requests to a generated server.  A block is 1,000 requests from a seed of its own, a slice 500 blocks, so slices can run
// anywhere and in any order, and one that was cut short is just run again.
#include "fuzz_world.h"
#include "played_mach_msg.h"

#include <everything_description.h>
#include <mig/walk.h>

#include <mach/mig_errors.h>

#include <gtest/gtest.h>

#include <cstdio>
#include <string_view>

namespace mig::fuzz {
namespace {

using description::everything_description;

constexpr uint64_t requests_in_block = 1000;
constexpr uint64_t blocks_in_slice = 500;
constexpr Destination server{0x103, MACH_MSG_TYPE_COPY_SEND};

struct Plan {
    uint64_t first_block = 1'000'000;  // Of no slice.
    uint64_t blocks = 20;
};
Plan plan;

struct Tally {
    uint64_t undelivered = 0, taken = 0, refused = 0;
};

class MigRequests : public testing::Test {
protected:
    void run_block(uint64_t block)
    {
        Generator generator{world_, block};
        Random& random = generator.random();
        for (uint64_t at = 0; at < requests_in_block && !HasFailure(); ++at) {
            const Routine& routine =
                everything_description.routines[random.below(everything_description.routines.size())];
            const bool is_changed = random.below(3) != 0;
            const auto change =
                is_changed ? static_cast<uint32_t>(random.below(request_changes(routine))) : 0;
            Request request = generator.request(routine, room_.bytes(), server, 7, change);
            if (random.below(2) == 0)
                generator.damage(request);
            serve(request, block, at);
        }
    }

    Tally tally_;

private:
    // The buffers have no byte to spare, so a sanitizer sees every step outside.
    void serve(const Request& request, uint64_t block, uint64_t at)
    {
        const Bytes bytes = delivered(request);
        if (bytes.empty()) {
            ++tally_.undelivered;
            return;
        }
        const auto id =
            static_cast<mach_msg_id_t>(description::word_at(bytes, offsetof(mach_msg_header_t, msgh_id)));
        const description::Interface* const known[] = {&everything_description};
        const description::Found found = description::find(known, id);
        const char* wrong = found.routine == nullptr || found.is_reply
                                ? "no such routine"
                                : description::wrong_with_request(*found.routine, bytes);
        const Bytes reply = played::serve(bytes);
        const kern_return_t code = code_of(reply);
        const bool is_refused = code == MIG_BAD_ARGUMENTS || code == MIG_TYPE_ERROR || code == MIG_BAD_ID;
        ++(is_refused ? tally_.refused : tally_.taken);
        ASSERT_EQ(is_refused, wrong != nullptr)
            << "block " << block << ", request " << at << ", id " << id << ": " << code;
        if (wrong == nullptr && code != MIG_NO_REPLY && !found.routine->simple) {
            const char* wrong_reply = description::wrong_with_reply(*found.routine, delivered(reply));
            ASSERT_EQ(wrong_reply, nullptr)
                << "block " << block << ", request " << at << ", id " << id << ": " << wrong_reply;
        }
    }

    static kern_return_t code_of(const Bytes& reply)
    {
        mig_reply_error_t error{};
        if (reply.size() == sizeof error)
            std::memcpy(&error, reply.data(), sizeof error);
        return error.RetCode;
    }

    HostWorld world_;
    Room room_;
};

TEST_F(MigRequests, AreTakenExactlyWhenTheyHaveTheirForm)
{
    for (uint64_t block = plan.first_block; block < plan.first_block + plan.blocks && !HasFailure(); ++block)
        run_block(block);
    std::printf(
        "%llu not delivered, %llu taken, %llu refused\n", static_cast<unsigned long long>(tally_.undelivered),
        static_cast<unsigned long long>(tally_.taken), static_cast<unsigned long long>(tally_.refused));
    EXPECT_GT(tally_.taken, plan.blocks * requests_in_block / 20);
    EXPECT_GT(tally_.refused, plan.blocks * requests_in_block / 20);
}

bool take_options(int count, char** words)
{
    if (count == 1)
        return true;
    unsigned slice = 0;
    char end = 0;
    if (count != 3 || std::string_view{words[1]} != "--slice" ||
        std::sscanf(words[2], "%u/100%c", &slice, &end) != 1 || slice >= 100)
        return false;
    plan = {slice * blocks_in_slice, blocks_in_slice};
    return true;
}

}  // namespace
}  // namespace mig::fuzz

int main(int count, char** words)
{
    testing::InitGoogleTest(&count, words);
    if (!mig::fuzz::take_options(count, words)) {
        std::fprintf(stderr, "usage: mig-requests-test [--slice N/100]\n");
        return 2;
    }
    return RUN_ALL_TESTS();
}
