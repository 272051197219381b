// tests/system/harness/harness_test.cpp
//
// The harness itself, without a guest: what it reads out of logs and programs, and that it can fail.
#include "command.h"
#include "paths.h"
#include "pty_session.h"
#include "remote_suite.h"
#include "result_lines.h"

#include <gtest/gtest.h>

namespace portico::harness {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A program that looks to the harness like one with two guest tests.
[[gnu::used, gnu::section(".guest_tests")]] const char first_name[] = "HarnessSelf.first";
[[gnu::used, gnu::section(".guest_tests")]] const char second_name[] = "HarnessSelf.second";

TEST(ResultLines, TellEveryVerdict)
{
    const auto results =
        parse_result_lines("noise\r\n[ RUN      ] a.good\r\n[       OK ] a.good\r\n[ RUN      ] a.bad\r\n"
                           "x.cpp:3: f() is 5\r\n[  FAILED  ] a.bad\n[ RUN      ] a.cut\nlast words");
    EXPECT_EQ(results.size(), 3u);
    EXPECT_EQ(results.at("a.good").verdict, TestResult::Verdict::Passed);
    EXPECT_EQ(results.at("a.bad").verdict, TestResult::Verdict::Failed);
    EXPECT_EQ(results.at("a.bad").reason, "x.cpp:3: f() is 5\n");
    EXPECT_EQ(results.at("a.cut").verdict, TestResult::Verdict::Unfinished);
    EXPECT_EQ(results.at("a.cut").reason, "last words\n");
}

TEST(GuestTestNames, AreFoundInAProgram)
{
    const std::vector<std::string> names = guest_test_names("/proc/self/exe");
    EXPECT_EQ(names, (std::vector<std::string>{"HarnessSelf.first", "HarnessSelf.second"}));
}

TEST(GuestTestNames, RefuseWhatIsNoProgram)
{
    EXPECT_THROW(guest_test_names("/etc/passwd"), std::runtime_error);
    EXPECT_TRUE(guest_test_names("/bin/true").empty());
}

TEST(Command, KeepsOutputAndStatus)
{
    const CommandResult result = run_command({"sh", "-c", "echo out; echo err >&2; exit 3"}, seconds{10});
    EXPECT_EQ(result.output, "out\nerr\n");
    EXPECT_EQ(result.status, 3);
    EXPECT_FALSE(result.timed_out);
}

TEST(Command, IsKilledWithAllItStarted)
{
    const CommandResult result = run_command({"sh", "-c", "sleep 60 & sleep 60"}, seconds{1});
    EXPECT_TRUE(result.timed_out);
    EXPECT_EQ(result.status, 128 + SIGKILL);
}

TEST(PtySession, TypesReadsAndSeesTheSize)
{
    PtySession session{{"sh", "-c", "stty size; read answer; echo got $answer; exit 4"}, 31, 97};
    EXPECT_TRUE(session.expect("31 97", seconds{10}));
    EXPECT_TRUE(session.stays_without("got", milliseconds{200}));
    session.type("yes\r");
    EXPECT_TRUE(session.expect("got yes", seconds{10})) << session.transcript();
    EXPECT_EQ(session.wait(seconds{10}), 4);
}

}  // namespace
}  // namespace portico::harness
