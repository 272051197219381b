// tests/unit/mig/c_fuzz_test.cpp
//
// Generated server stubs against requests that are wrong in one chosen place.  The check that reads the interface's table and the one
// that mig has printed were written apart, and must come to the same verdict on every message.
#include "fuzz_world.h"
#include "played_mach_msg.h"

#include <everything_description.h>
#include <mig/walk.h>

#include <mach/mig_errors.h>

#include <gtest/gtest.h>

namespace mig::fuzz {
namespace {

using description::everything_description;

bool is_refused(const Bytes& reply)
{
    mig_reply_error_t error{};
    if (reply.size() != sizeof error)
        return false;
    std::memcpy(&error, reply.data(), sizeof error);
    return error.RetCode == MIG_BAD_ARGUMENTS || error.RetCode == MIG_TYPE_ERROR ||
           error.RetCode == MIG_BAD_ID;
}

class MigStubs : public testing::Test {
protected:
    // Gives the request to the server and compares the verdicts.  Another routine's request may be what it has become.
    void serve(const Request& request, const char* what)
    {
        const Bytes bytes = delivered(request);
        if (bytes.empty())
            return;
        const Routine& routine = *request.routine;
        const char* wrong = description::wrong_with_request(routine, bytes);
        const Bytes reply = played::serve(bytes);
        const auto id =
            static_cast<mach_msg_id_t>(description::word_at(bytes, offsetof(mach_msg_header_t, msgh_id)));
        if (id != routine.request.id)
            return;
        EXPECT_EQ(is_refused(reply), wrong != nullptr)
            << routine.name << ", " << what << ": " << (wrong ? wrong : "good");
        if (!is_refused(reply) && !routine.simple)
            EXPECT_EQ(description::wrong_with_reply(routine, delivered(reply)), nullptr) << routine.name;
        ++(is_refused(reply) ? refused_ : taken_);
    }

    HostWorld world_;
    Room room_;
    unsigned taken_ = 0, refused_ = 0;
};

constexpr Destination server{0x103, MACH_MSG_TYPE_COPY_SEND};

TEST_F(MigStubs, TheTablesCheckAndTheStubsAgreeOnEveryChange)
{
    for (uint64_t seed = 0; seed < 20; ++seed) {
        Generator generator{world_, seed};
        for (const Routine& routine : everything_description.routines) {
            for (uint32_t number = 0; number < request_changes(routine); ++number)
                serve(generator.request(routine, room_.bytes(), server, 7, number),
                      name_of(request_change(routine, number).what));
        }
    }
    EXPECT_GT(taken_, 1000u);
    EXPECT_GT(refused_, 1000u);
}

TEST_F(MigStubs, TheyAgreeOnRandomDamage)
{
    Generator generator{world_, 4711};
    for (unsigned round = 0; round < 20000; ++round) {
        const Routine& routine =
            everything_description.routines[generator.random().below(everything_description.routines.size())];
        const auto number = static_cast<uint32_t>(generator.random().below(request_changes(routine)));
        Request request = generator.request(routine, room_.bytes(), server, 7,
                                            generator.random().below(2) == 0 ? 0 : number);
        generator.damage(request);
        serve(request, "damage");
    }
    EXPECT_GT(taken_, 1000u);
    EXPECT_GT(refused_, 1000u);
}

}  // namespace
}  // namespace mig::fuzz
