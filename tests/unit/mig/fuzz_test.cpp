// tests/unit/mig/fuzz_test.cpp
//
// Requests that the generator makes for every routine of the system: the good ones are good, and those that are to be wrong
// are wrong in the place that was chosen.
#include "fuzz_world.h"

#include <catalogue.h>
#include <mig/walk.h>

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace mig::fuzz {
namespace {

using namespace description;

constexpr Destination port{0x103, MACH_MSG_TYPE_COPY_SEND};
constexpr mach_port_name_t reply_port = 0x203;

template <class Visit>
void for_each_routine(bool traps, Visit visit)
{
    for (const Interface* interface : system_interfaces) {
        if (interface->is_traps != traps)
            continue;
        for (const Routine& routine : interface->routines)
            visit(routine);
    }
}

class MigFuzz : public testing::Test {
protected:
    // Why the request, changed so, is refused by whom it reaches; "" if it does not even reach them, null if it is not.
    const char* verdict(const Routine& routine, uint32_t change, uint64_t seed = 1)
    {
        Generator generator{world_, seed};
        const Bytes bytes = delivered(generator.request(routine, room_.bytes(), port, reply_port, change));
        return bytes.empty() ? "" : wrong_with_request(routine, bytes);
    }

    HostWorld world_;
    Room room_;
};

TEST_F(MigFuzz, AGoodRequestHasItsRoutinesForm)
{
    unsigned routines = 0;
    for_each_routine(false, [&](const Routine& routine) {
        ++routines;
        for (uint64_t seed = 0; seed < 50; ++seed) {
            const char* wrong = verdict(routine, 0, seed);
            EXPECT_EQ(wrong, nullptr) << routine.name << ", seed " << seed << ": " << wrong;
        }
    });
    EXPECT_GT(routines, 200u);
}

TEST_F(MigFuzz, ChangedValuesKeepTheForm)
{
    for_each_routine(false, [&](const Routine& routine) {
        for (uint32_t number = 0; number < request_changes(routine); ++number) {
            const Change change = request_change(routine, number);
            const bool is_value =
                change.what == Change::ValueAddress ||
                (change.what == Change::Value && routine.request.slots[change.index].part == Part::Value);
            if (is_value)
                EXPECT_EQ(verdict(routine, number), nullptr) << routine.name << " " << number;
        }
    });
}

TEST_F(MigFuzz, AChangedFormIsRefused)
{
    const std::set<Change::What> always{Change::Complex, Change::Id, Change::DescriptorCount,
                                        Change::Representation, Change::Unterminated};
    for_each_routine(false, [&](const Routine& routine) {
        for (uint32_t number = 0; number < request_changes(routine); ++number) {
            const Change change = request_change(routine, number);
            const bool is_beyond =
                (change.what == Change::Count || change.what == Change::CountAlone) &&
                change.value > routine.arguments[routine.request.slots[change.index].argument].limit;
            if (always.contains(change.what) || is_beyond)
                EXPECT_NE(verdict(routine, number), nullptr)
                    << routine.name << ": " << name_of(change.what) << " " << change.value;
        }
    });
}

TEST_F(MigFuzz, EveryCountIsTriedAtNoneOneItsLimitAndBeyond)
{
    for_each_routine(false, [&](const Routine& routine) {
        for (size_t at = 0; at < routine.request.slots.size(); ++at) {
            const Slot& slot = routine.request.slots[at];
            if (slot.part != Part::Count || routine.arguments[slot.argument].kind != Kind::Varying)
                continue;
            const uint32_t limit = routine.arguments[slot.argument].limit;
            std::set<uint64_t> tried;
            for (uint32_t number = 0; number < request_changes(routine); ++number) {
                const Change change = request_change(routine, number);
                if (change.what != Change::Count || change.index != at)
                    continue;
                tried.insert(change.value);
                EXPECT_EQ(verdict(routine, number) == nullptr, change.value <= limit) << routine.name;
            }
            EXPECT_EQ(tried, (std::set<uint64_t>{0, 1, limit, limit + 1})) << routine.name;
        }
    });
}

TEST_F(MigFuzz, EveryAddressOutOfLineIsTriedInEveryBadPlace)
{
    for_each_routine(false, [&](const Routine& routine) {
        for (size_t at = 0; at < routine.request.descriptors.size(); ++at) {
            if (routine.arguments[routine.request.descriptors[at]].kind == Kind::Port)
                continue;
            std::set<uint64_t> tried;
            for (uint32_t number = 0; number < request_changes(routine); ++number) {
                const Change change = request_change(routine, number);
                if (change.what != Change::MemoryAddress || change.index != at)
                    continue;
                Generator generator{world_, 1};
                const Request request = generator.request(routine, room_.bytes(), port, reply_port, number);
                mach_msg_ool_descriptor_t memory;
                std::memcpy(&memory, &request.bytes()[descriptor_offset(routine, routine.request, at)],
                            sizeof memory);
                EXPECT_EQ(memory.address, world_.address(static_cast<BadAddress>(change.value)));
                EXPECT_NE(memory.size, 0u) << "an empty region has no address";
                tried.insert(change.value);
            }
            EXPECT_EQ(tried.size(), bad_addresses) << routine.name;
        }
    });
}

TEST_F(MigFuzz, TheSameSeedMakesTheSameBytes)
{
    for_each_routine(false, [&](const Routine& routine) {
        Room other;
        Generator first{world_, 7}, second{world_, 7};
        const Request one = first.request(routine, room_.bytes(), port, reply_port);
        const Request two = second.request(routine, other.bytes(), port, reply_port);
        EXPECT_EQ(Bytes(one.bytes().begin(), one.bytes().end()),
                  Bytes(two.bytes().begin(), two.bytes().end()))
            << routine.name;
    });
}

TEST_F(MigFuzz, EveryPointerOfEveryTrapIsTriedInEveryBadPlace)
{
    unsigned pointers = 0;
    for_each_routine(true, [&](const Routine& trap) {
        for (size_t at = 0; at < trap.arguments.size(); ++at) {
            if (trap.arguments[at].kind != Kind::Pointer)
                continue;
            ++pointers;
            std::set<uint64_t> tried;
            for (uint32_t number = 1; number < trap_changes(trap); ++number) {
                Generator generator{world_, number};
                const TrapCall call = generator.trap(trap, number);
                EXPECT_EQ(call.number, trap.number);
                if (trap_change_argument(trap, number) == &trap.arguments[at])
                    tried.insert(call.arguments[at]);
            }
            EXPECT_EQ(tried.size(), bad_addresses) << trap.name;
        }
    });
    EXPECT_GE(pointers, 5u);
}

TEST_F(MigFuzz, DamageStaysInsideTheRoom)
{
    Generator generator{world_, 3};
    for_each_routine(false, [&](const Routine& routine) {
        for (unsigned round = 0; round < 100; ++round) {
            Request request = generator.request(routine, room_.bytes(), port, reply_port);
            generator.damage(request);
            ASSERT_GE(request.size, sizeof(mach_msg_header_t));
            ASSERT_LE(request.size, room_.bytes().size());
            const Bytes bytes = delivered(request);
            if (!bytes.empty())
                (void)wrong_with_request(routine, bytes);  // Reads nothing outside, says the sanitizer.
        }
    });
}

}  // namespace
}  // namespace mig::fuzz
