// tests/system/harness/interactive_test.cpp
//
// A person at the console, in both wirings.  Every test boots a system of its own.
//
// What is typed is echoed, so a test waits for text that only the command's output can hold: `echo A$((1+1))` shows A2.
#include "paths.h"
#include "pty_session.h"

#include <gtest/gtest.h>

namespace portico::harness {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds boot_patience{90};

class Interactive : public testing::TestWithParam<std::string> {
protected:
    Interactive()
        : session_{{run_command_path(), "--no-build", "--build-folder", build_folder(), "--quick", "--wiring",
                    GetParam(), "--time-limit", "240", "--log",
                    build_folder() + "/logs/interactive-" + GetParam() + "-" +
                        testing::UnitTest::GetInstance()->current_test_info()->test_suite_name() + ".log"},
                   30,
                   100}
    {
    }

    // Waits for the login shell, whatever its prompt is, and gives it one that a test can wait for.
    void SetUp() override
    {
        ASSERT_TRUE(session_.expect("# ", boot_patience)) << session_.transcript();
        line("PS1='ready'\"> \"");
        expect("ready> ");
    }

    void TearDown() override
    {
        if (HasFailure())
            std::cerr << "---- what the terminal showed\n" << session_.transcript() << "\n----\n";
    }

    void type(std::string_view keys) { session_.type(keys); }
    void line(const std::string& text) { session_.type(text + "\r"); }
    // After one thing that did not come, the rest of the test is not worth much patience.
    void expect(std::string_view wanted)
    {
        EXPECT_TRUE(session_.expect(wanted, HasFailure() ? seconds{1} : seconds{30}))
            << "not seen: " << wanted;
    }

    // Starts a program that reads the terminal.  The shell drops what was typed while it hands the terminal over, as a
    // person sees who types too fast; so there is a pause.
    void start_reader(const std::string& command)
    {
        line(command);
        EXPECT_TRUE(session_.stays_without("ready> ", milliseconds{1500}));
    }

    // The shell is back and answers.
    void expect_prompt()
    {
        static int number = 100;
        number += 2;
        line("echo alive$((" + std::to_string(number) + "/2))");
        expect("alive" + std::to_string(number / 2));
        expect("ready> ");
    }

    PtySession session_;
};

TEST_P(Interactive, LineEditingMendsALineBeforeItIsRun)
{
    type("echo wrXng");
    type("\x1b[D\x1b[D\x7fo\x05 $((40+2))\r");  // Two to the left, erase X, o, to the end of the line.
    expect("wrong 42");
    line("echo gone\x15"
         "echo kept$((1+1))");  // ^U kills the line.
    expect("kept2");
    expect_prompt();
}

TEST_P(Interactive, HistoryBringsALineBack)
{
    line("echo first$((3+4))");
    expect("first7");
    type("\x1b[A\r");
    expect("first7");
    expect_prompt();
}

TEST_P(Interactive, InterruptEndsTheForegroundJobOnly)
{
    start_reader("sleep 1000");
    type("\x03");
    expect("ready> ");
    line("echo status$?");
    expect("status130");
    expect_prompt();
}

TEST_P(Interactive, EndOfFileEndsWhatReadsTheTerminal)
{
    start_reader("wc -l");
    line("one");
    line("two");
    type("\x04");
    expect("2");
    expect_prompt();
}

TEST_P(Interactive, StoppedJobGoesOnInTheForeground)
{
    start_reader("cat");
    line("before");
    expect("before\r\nbefore");
    type("\x1a");
    expect("ready> ");
    line("jobs");
    expect("cat");
    expect("ready> ");
    start_reader("fg");
    line("after");
    expect("after\r\nafter");
    type("\x04");
    expect("ready> ");
    expect_prompt();
}

TEST_P(Interactive, StoppedJobGoesOnInTheBackground)
{
    start_reader("sleep 1000");
    type("\x1a");
    expect("ready> ");
    line("bg");
    expect("ready> ");
    line("jobs");
    expect("unning");
    expect("ready> ");
    line("kill %%; wait; echo waited$((1+1))");
    expect("waited2");
    expect_prompt();
}

TEST_P(Interactive, BackgroundReaderIsStoppedAndLosesNothing)
{
    line("cat > /tmp/typed &");
    expect_prompt();
    EXPECT_TRUE(session_.stays_without("nothing", milliseconds{1000}));
    line("jobs");
    expect("topped");
    expect("ready> ");
    start_reader("fg");
    line("for the cat");
    type("\x04");
    expect("ready> ");
    line("echo \"<$(cat /tmp/typed)>\"");
    expect("<for the cat>");
    expect_prompt();
}

TEST_P(Interactive, SttyShowsAndChangesTheTerminal)
{
    line("stty size");
    expect("30 100");
    expect("ready> ");
    start_reader("sh -c 'stty -echo; read secret; stty echo; echo got-$secret'");
    line("hidden");
    expect("got-hidden");
    line("stty -a | grep -c isig");
    expect("1");
    expect_prompt();
}

TEST_P(Interactive, ViWritesAFile)
{
    start_reader("vi /tmp/note");
    type("ifirst line\rsecond line\x1b");
    EXPECT_TRUE(
        session_.stays_without("ready> ", milliseconds{1500}));  // An escape alone, not the start of a key.
    type("ggdd:wq\r");
    expect("ready> ");
    line("echo \"<$(cat /tmp/note)>\"");
    expect("<second line>");
    expect_prompt();
}

TEST_P(Interactive, ShellThatIsKilledIsStartedAgain)
{
    line("kill -KILL $$");
    EXPECT_TRUE(session_.expect("# ", seconds{30}));
    line("echo again$((1+1))");
    expect("again2");
}

TEST_P(Interactive, PoweroffEndsTheMachine)
{
    line("poweroff");
    EXPECT_EQ(session_.wait(seconds{60}), 0);
}

INSTANTIATE_TEST_SUITE_P(Wiring, Interactive, testing::Values("single", "multi"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace portico::harness
