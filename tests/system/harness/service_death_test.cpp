// tests/system/harness/service_death_test.cpp
//
// A service is killed in the wiring multi, and has the outcome that design D16 states: what it held gives EIO, it is started
// again, and it is told of the living processes; if fs or process dies, the whole personality starts again, and the programs of
// the old one are gone.  So it is if the one task of the wiring single dies.
#include "paths.h"
#include "pty_session.h"

#include <gtest/gtest.h>

namespace portico::harness {
namespace {

using std::chrono::seconds;

constexpr seconds boot_patience{90};
constexpr int death_at_s = 12;  // After the start: the shell is up and has been typed to by then.

class ServiceDeath : public testing::Test {
protected:
    void boot(const std::string& victim, const std::string& wiring = "multi")
    {
        const std::string end = "end=" + victim + ":" + std::to_string(death_at_s);
        session_ = std::make_unique<PtySession>(
            std::vector<std::string>{run_command_path(), "--no-build", "--build-folder", build_folder(),
                                     "--quick", "--wiring", wiring, "--time-limit", "120", "--append", end,
                                     "--log", build_folder() + "/logs/death-of-" + victim + ".log"},
            30, 100);
        expect("# ", boot_patience);
    }

    void TearDown() override
    {
        if (HasFailure())
            std::cerr << "---- what the terminal showed\n" << session_->transcript() << "\n----\n";
    }

    void line(const std::string& text) { session_->type(text + "\r"); }
    void expect(std::string_view wanted, seconds patience = seconds{30})
    {
        EXPECT_TRUE(session_->expect(wanted, HasFailure() ? seconds{1} : patience)) << "not seen: " << wanted;
    }

    // What runs is counted by the kernel's tasks: the process service of the new personality does not know of the old one.
    void expect_programs_die_with(const std::string& victim, const std::string& wiring)
    {
        boot(victim, wiring);
        line("sleep 1000 & (trap '' HUP TERM; sleep 1000; :) & echo lost >/tmp/file");
        line("while [ $(portstat -t | grep -c ' [s]leep ') != 2 ]; do :; done; echo before$((3+4))");
        expect("before7");
        expect("# ", seconds{60});
        expect("# ", seconds{60});  // A login shell of the new personality.
        line("echo old$(portstat -t | grep -c ' [s]leep ')");
        expect("old0");
        line("ls /tmp/file; echo again$((40+2)) | cat");
        expect("again42");
    }

    std::unique_ptr<PtySession> session_;
};

TEST_F(ServiceDeath, OfPipeGivesEioToItsUsersAndNewPipesToOthers)
{
    boot("pipe");
    line("(sleep 100 | cat >/dev/null; echo reader$((3+4))) 2>&1");
    expect("Input/output error", seconds{60});  // cat says so when its channel dies.
    session_->type("\x03");
    expect("# ");
    line("echo new$((40+2)) | cat | cat");
    expect("new42");
}

TEST_F(ServiceDeath, OfTtyEndsTheSessionAndInitStartsAnother)
{
    boot("tty");
    line("sleep 1000 & echo running$((3+4))");
    expect("running7");
    expect("# ", seconds{60});
    expect("# ", seconds{60});  // The login shell of the new session.
    line("ps | grep -c 's[l]eep 1000'; echo lives$((40+2))");
    expect("lives42");
    line("echo job$((1+1)) control; cat");
    expect("job2 control");
    EXPECT_TRUE(session_->stays_without("# ", std::chrono::milliseconds{1500}));  // cat has the terminal now.
    session_->type("\x03");  // The new terminal knows its foreground group.
    expect("# ");            // What is typed before may go with the line that the shell gives up.
    line("echo after$((5+5))");
    expect("after10");
}

TEST_F(ServiceDeath, OfFsStartsThePersonalityAgainWithoutItsOldPrograms)
{
    expect_programs_die_with("fs", "multi");
}

TEST_F(ServiceDeath, OfProcessStartsThePersonalityAgainWithoutItsOldPrograms)
{
    expect_programs_die_with("process", "multi");
}

TEST_F(ServiceDeath, OfTheOneTaskOfSingleStartsThePersonalityAgainWithoutItsOldPrograms)
{
    expect_programs_die_with("unix", "single");
}

}  // namespace
}  // namespace portico::harness
