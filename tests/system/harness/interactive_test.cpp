// tests/system/harness/interactive_test.cpp
//
// A person at the console, in both wirings.  The tests of a wiring share one boot, as the commands of a person do: each
// begins and ends at the shell's prompt.  One that fails, and one that ends the machine, takes its boot with it.
//
// What is typed is echoed, so a test waits for text that only the command's output can hold: `echo A$((1+1))` shows A2.
#include "paths.h"
#include "pty_session.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>

namespace portico::harness {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds boot_patience{90};

std::unique_ptr<PtySession> boot(const std::string& wiring)
{
    return std::make_unique<PtySession>(
        std::vector<std::string>{run_command_path(), "--no-build", "--build-folder", build_folder(),
                                 "--quick", "--wiring", wiring, "--time-limit", "600", "--log",
                                 build_folder() + "/logs/interactive-" + wiring + ".log"},
        30, 100);
}

class Interactive : public testing::TestWithParam<std::string> {
protected:
    static void TearDownTestSuite() { sessions().clear(); }

    // Waits for the login shell, whatever its prompt is, and gives it one that a test can wait for.
    void SetUp() override
    {
        std::unique_ptr<PtySession>& session = sessions()[GetParam()];
        if (session == nullptr) {
            session = boot(GetParam());
            ASSERT_TRUE(session->expect("# ", boot_patience)) << session->transcript();
        }
        session->forget_what_was_shown();
        set_prompt();
    }

    void TearDown() override
    {
        if (!HasFailure() || sessions().at(GetParam()) == nullptr)
            return;
        std::cerr << "---- what the terminal showed\n" << session().transcript() << "\n----\n";
        sessions().erase(GetParam());
    }

    static std::map<std::string, std::unique_ptr<PtySession>>& sessions()
    {
        static std::map<std::string, std::unique_ptr<PtySession>> all;
        return all;
    }
    PtySession& session() { return *sessions().at(GetParam()); }

    void set_prompt()
    {
        line("PS1='ready'\"> \"");
        expect("ready> ");
    }

    void type(std::string_view keys) { session().type(keys); }
    void line(const std::string& text) { session().type(text + "\r"); }
    // After one thing that did not come, the rest of the test is not worth much patience.
    void expect(std::string_view wanted)
    {
        EXPECT_TRUE(session().expect(wanted, HasFailure() ? seconds{1} : seconds{30}))
            << "not seen: " << wanted;
    }

    // Starts a program that reads the terminal.  The shell drops what was typed while it hands the terminal over, as a
    // person sees who types too fast; so there is a pause.
    void start_reader(const std::string& command)
    {
        line(command);
        EXPECT_TRUE(session().stays_without("ready> ", milliseconds{1500}));
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

// Without job control both readers are in the foreground group.
TEST_P(Interactive, AReaderKilledWhileItWaitsLeavesTheNextTheWholeLine)
{
    start_reader("sh -c 'cat </dev/tty >/tmp/taken & sleep 3; kill -9 $!; wait $!; echo go$((1+1)); "
                 "read x; echo got:$x; echo taken:$(wc -c </tmp/taken)'");
    type("who");
    expect("go2");
    line("le");
    expect("got:whole");
    expect("taken:0");
    expect("ready> ");
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
    EXPECT_TRUE(session().stays_without("nothing", milliseconds{1000}));
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
        session().stays_without("ready> ", milliseconds{1500}));  // An escape alone, not the start of a key.
    type("ggdd:wq\r");
    expect("ready> ");
    line("echo \"<$(cat /tmp/note)>\"");
    expect("<second line>");
    expect_prompt();
}

TEST_P(Interactive, ShellThatIsKilledIsStartedAgain)
{
    line("kill -KILL $$");
    expect("# ");
    set_prompt();
    expect_prompt();
}

TEST_P(Interactive, PoweroffEndsTheMachine)
{
    line("poweroff");
    const std::unique_ptr<PtySession> ending = std::move(sessions().at(GetParam()));
    EXPECT_EQ(ending->wait(seconds{60}), 0) << ending->transcript();
}

INSTANTIATE_TEST_SUITE_P(Wiring, Interactive, testing::Values("single", "multi"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace portico::harness
