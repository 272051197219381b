// tests/unit/mig/layout_test.cpp
//
// The wire format: where each argument is, for messages worked out by hand.
#include "driver/compile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace migc {
namespace {

const char* const types = R"(
type int = MACH_MSG_TYPE_INTEGER_32;
type char = MACH_MSG_TYPE_CHAR;
type long = MACH_MSG_TYPE_INTEGER_64;
type mach_port_t = MACH_MSG_TYPE_COPY_SEND;
type pointer_t = ^array[] of char;
type data_t = array[*:10] of char;
type path_t = c_string[*:6];
)";

std::unique_ptr<const ir::Interface> compile(const std::string& routines)
{
    Reporter reporter;
    return compile_text(types + std::string{"subsystem s 1000;\n"} + routines, "test.defs", reporter);
}

std::vector<uint32_t> offsets(const ir::Message& message)
{
    std::vector<uint32_t> result;
    for (const ir::Slot& slot : message.slots)
        result.push_back(slot.offset);
    return result;
}

TEST(MigLayout, MessageWithoutDataIsAHeader)
{
    const auto interface = compile("routine f(p: mach_port_t);");
    const ir::Routine& f = *interface->routines[0];
    EXPECT_EQ(f.request.maximum_size, 24u);
    EXPECT_FALSE(f.request.has_ndr());
    EXPECT_EQ(f.reply.maximum_size, 36u);  // Header, NDR, return code.
}

TEST(MigLayout, EightByteValuesAreAlignedToFour)
{
    const auto interface = compile("routine f(p: mach_port_t; a: int; b: long; c: char; d: int);");
    EXPECT_THAT(offsets(interface->routines[0]->request), testing::ElementsAre(24, 32, 36, 44, 48));
    EXPECT_EQ(interface->routines[0]->request.maximum_size, 52u);
}

TEST(MigLayout, VaryingDataStandsBehindItsCountAndMovesWhatFollows)
{
    const auto interface = compile("routine f(p: mach_port_t; d: data_t; x: int);");
    const ir::Message& request = interface->routines[0]->request;
    EXPECT_THAT(offsets(request), testing::ElementsAre(24, 32, 36, 48));
    EXPECT_TRUE(request.slots[2].fixed);
    EXPECT_FALSE(request.slots[3].fixed);
    EXPECT_EQ(request.minimum_size, 40u);
    EXPECT_EQ(request.maximum_size, 52u);
}

TEST(MigLayout, VaryingStringHasOffsetAndLength)
{
    const auto interface = compile("routine f(p: mach_port_t; s: path_t);");
    const ir::Message& request = interface->routines[0]->request;
    EXPECT_THAT(offsets(request), testing::ElementsAre(24, 32, 36, 40));
    EXPECT_EQ(request.maximum_size, 48u);
}

TEST(MigLayout, DescriptorsComeFirstAndCountsAtTheirArgumentsPlace)
{
    const auto interface =
        compile("routine f(p: mach_port_t; a: int; m: pointer_t; r: mach_port_t; b: int);");
    const ir::Message& request = interface->routines[0]->request;
    ASSERT_EQ(request.descriptors.size(), 2u);
    EXPECT_EQ(request.descriptors[0].offset, 28u);
    EXPECT_EQ(request.descriptors[1].offset, 44u);
    EXPECT_THAT(offsets(request), testing::ElementsAre(56, 64, 68, 72));
}

TEST(MigLayout, ComplexReplyHasNoReturnCode)
{
    const auto interface = compile("routine f(p: mach_port_t; out r: mach_port_t);");
    const ir::Message& reply = interface->routines[0]->reply;
    EXPECT_TRUE(reply.slots.empty());
    EXPECT_EQ(reply.maximum_size, 40u);
}

TEST(MigLayout, SkipLeavesIdsOut)
{
    const auto interface = compile("routine f(p: mach_port_t); skip; skip 3; routine g(p: mach_port_t);");
    ASSERT_EQ(interface->routines.size(), 6u);
    EXPECT_EQ(interface->routines[5]->id, 1005u);
    EXPECT_EQ(interface->routines[4], nullptr);
}

TEST(MigLayout, OptionsHoldForTheRoutinesThatFollow)
{
    const auto interface = compile("routine f(p: mach_port_t); waittime 5 * 10; routine g(p: mach_port_t); "
                                   "nowaittime; routine h(p: mach_port_t);");
    EXPECT_EQ(interface->routines[0]->wait_time, "");
    EXPECT_EQ(interface->routines[1]->wait_time, "5 * 10");
    EXPECT_EQ(interface->routines[2]->wait_time, "");
}

TEST(MigLayout, StructMembersStandAsInC)
{
    const auto interface =
        compile("type r = struct { char a; int b; char c; long d; }; routine f(p: mach_port_t; x: r);");
    const ir::Type& type = *interface->routines[0]->arguments[1]->type;
    ASSERT_EQ(type.members.size(), 4u);
    EXPECT_EQ(type.members[1].offset, 4u);
    EXPECT_EQ(type.members[3].offset, 16u);
    EXPECT_EQ(type.size, 24u);
}

TEST(MigLayout, CommentAboveARoutineIsItsDocumentation)
{
    const auto interface =
        compile("/* Not this one. */\nroutine f(p: mach_port_t);\n/* Adds. */\nroutine g(p: mach_port_t);");
    EXPECT_EQ(interface->routines[1]->comment, " Adds. ");
}

}  // namespace
}  // namespace migc
