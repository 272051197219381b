// The signals of one process: unix-server/signal/signal_state.h.
#include <gtest/gtest.h>

#include <cerrno>

#include <signal/signal_state.h>

namespace {

using namespace portico;

SignalAction caught(uint32_t flags = 0, SignalSet mask = 0) { return {UNIX_SIGNAL_CATCH, flags, mask}; }
SignalDetails sent(int number, int32_t sender = 7)
{
    SignalDetails details;
    details.number = number;
    details.sender_pid = sender;
    return details;
}

class Signals : public testing::Test {
protected:
    void catch_signal(int signal, uint32_t flags = 0, SignalSet mask = 0)
    {
        ASSERT_TRUE(state.set_action(signal, caught(flags, mask)));
    }
    SignalState state;
};

TEST_F(Signals, DefaultActionsAreThoseOfPosix)
{
    EXPECT_EQ(state.post(sent(SIGTERM)), SignalEffect::terminate);
    EXPECT_EQ(state.post(sent(SIGSEGV)), SignalEffect::terminate_with_core);
    EXPECT_EQ(state.post(sent(SIGTSTP)), SignalEffect::stop);
    EXPECT_EQ(state.post(sent(SIGCONT)), SignalEffect::resume);
    EXPECT_EQ(state.post(sent(SIGCHLD)), SignalEffect::none);
    EXPECT_EQ(state.pending(), 0u) << "what has had its effect is not pending";
}

TEST_F(Signals, KillAndStopCanBeNeitherCaughtNorIgnoredNorBlocked)
{
    for (const int signal : {SIGKILL, SIGSTOP}) {
        EXPECT_EQ(state.set_action(signal, caught()).error(), UNIX_ERROR(EINVAL));
        EXPECT_EQ(state.set_action(signal, {UNIX_SIGNAL_IGNORE, 0, 0}).error(), UNIX_ERROR(EINVAL));
        EXPECT_TRUE(state.set_action(signal, {}));
    }
    state.set_mask(~SignalSet{0});
    EXPECT_EQ(state.mask(), ~(signal_bit(SIGKILL) | signal_bit(SIGSTOP)));
    EXPECT_EQ(state.post(sent(SIGKILL)), SignalEffect::terminate);
}

TEST_F(Signals, ABlockedSignalWaitsAndIsTakenOnceHoweverOftenItWasSent)
{
    catch_signal(SIGUSR1);
    state.set_mask(signal_bit(SIGUSR1));
    EXPECT_EQ(state.post(sent(SIGUSR1, 1)), SignalEffect::none);
    EXPECT_EQ(state.post(sent(SIGUSR1, 2)), SignalEffect::none);
    EXPECT_FALSE(state.take());

    state.set_mask(0);
    ASSERT_TRUE(state.can_take());
    const auto taken = state.take();
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->sender_pid, 1) << "the first one's details";
    EXPECT_FALSE(state.take());
}

TEST_F(Signals, AHandlerRunsWithItsSignalAndItsMaskBlocked)
{
    catch_signal(SIGUSR1, 0, signal_bit(SIGUSR2) | signal_bit(SIGKILL));
    state.set_mask(signal_bit(SIGHUP));
    EXPECT_EQ(state.post(sent(SIGUSR1)), SignalEffect::catch_it);
    const auto taken = state.take();
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->saved_mask, signal_bit(SIGHUP));
    EXPECT_EQ(state.mask(), signal_bit(SIGHUP) | signal_bit(SIGUSR1) | signal_bit(SIGUSR2));
}

TEST_F(Signals, NoDeferLeavesTheSignalUnblockedAndResetHandTakesTheHandlerAway)
{
    catch_signal(SIGUSR1, SA_NODEFER | static_cast<uint32_t>(SA_RESETHAND));
    EXPECT_EQ(state.post(sent(SIGUSR1)), SignalEffect::catch_it);
    ASSERT_TRUE(state.take());
    EXPECT_EQ(state.mask(), 0u);
    EXPECT_EQ(state.post(sent(SIGUSR1)), SignalEffect::terminate);
}

TEST_F(Signals, TheLowestNumberComesFirst)
{
    for (const int signal : {SIGUSR2, SIGHUP, SIGUSR1})
        catch_signal(signal, SA_NODEFER);
    for (const int signal : {SIGUSR2, SIGUSR1, SIGHUP})
        EXPECT_EQ(state.post(sent(signal)), SignalEffect::catch_it);
    EXPECT_EQ(state.take()->number, SIGHUP);
    EXPECT_EQ(state.take()->number, SIGUSR1);
    EXPECT_EQ(state.take()->number, SIGUSR2);
}

TEST_F(Signals, ContinueAndStopDropEachOther)
{
    state.set_mask(signal_bit(SIGTSTP) | signal_bit(SIGCONT));
    EXPECT_EQ(state.post(sent(SIGTSTP)), SignalEffect::none);
    EXPECT_EQ(state.post(sent(SIGCONT)), SignalEffect::none);
    EXPECT_EQ(state.pending(), signal_bit(SIGCONT));
    EXPECT_EQ(state.post(sent(SIGTSTP)), SignalEffect::none);
    EXPECT_EQ(state.pending(), signal_bit(SIGTSTP));
}

TEST_F(Signals, IgnoringAPendingSignalDropsItAlsoIfItIsBlocked)
{
    state.set_mask(signal_bit(SIGTERM));
    EXPECT_EQ(state.post(sent(SIGTERM)), SignalEffect::none);
    ASSERT_TRUE(state.set_action(SIGTERM, {UNIX_SIGNAL_IGNORE, 0, 0}));
    EXPECT_EQ(state.pending(), 0u);
    SignalDetails details;
    state.set_mask(0);
    EXPECT_EQ(state.next_effect(details), SignalEffect::none);
}

TEST_F(Signals, UnblockingTellsTheFirstEffectOfWhatWaitedAndForgetsWhatHasNone)
{
    state.set_mask(signal_bit(SIGCHLD) | signal_bit(SIGTSTP));
    EXPECT_EQ(state.post(sent(SIGTSTP, 9)), SignalEffect::none);
    EXPECT_EQ(state.post(sent(SIGCHLD)), SignalEffect::none);
    EXPECT_EQ(state.pending(), signal_bit(SIGCHLD) | signal_bit(SIGTSTP));
    state.set_mask(0);
    SignalDetails details;
    EXPECT_EQ(state.next_effect(details), SignalEffect::stop);
    EXPECT_EQ(details.number, SIGTSTP);
    EXPECT_EQ(details.sender_pid, 9);
    EXPECT_EQ(state.pending(), 0u);
}

TEST_F(Signals, SuspendPutsTheOldMaskBackForTheHandler)
{
    catch_signal(SIGUSR1);
    state.set_mask(signal_bit(SIGUSR1));
    EXPECT_EQ(state.post(sent(SIGUSR1)), SignalEffect::none);
    state.begin_suspend(signal_bit(SIGHUP));
    const auto taken = state.take();
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->saved_mask, signal_bit(SIGUSR1)) << "what is in force when the handler returns";
}

TEST_F(Signals, WaitingForASetTakesABlockedSignalWithoutItsHandler)
{
    state.set_mask(signal_bit(SIGUSR1));
    EXPECT_EQ(state.post(sent(SIGUSR1, 3)), SignalEffect::none);
    EXPECT_FALSE(state.take_from(signal_bit(SIGUSR2)));
    const auto taken = state.take_from(signal_bit(SIGUSR1) | signal_bit(SIGUSR2));
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->sender_pid, 3);
    EXPECT_EQ(state.pending(), 0u);
}

TEST_F(Signals, AChildHasTheMaskAndTheActionsAndNothingPending)
{
    catch_signal(SIGUSR1);
    state.set_mask(signal_bit(SIGUSR1));
    EXPECT_EQ(state.post(sent(SIGUSR1)), SignalEffect::none);
    const SignalState child = state.for_fork();
    EXPECT_EQ(child.pending(), 0u);
    EXPECT_EQ(child.mask(), signal_bit(SIGUSR1));
    EXPECT_EQ(child.action(SIGUSR1).disposition, UNIX_SIGNAL_CATCH);
}

TEST_F(Signals, ExecForgetsHandlersAndKeepsWhatIsIgnoredBlockedAndPending)
{
    catch_signal(SIGUSR1);
    ASSERT_TRUE(state.set_action(SIGINT, {UNIX_SIGNAL_IGNORE, 0, 0}));
    state.set_mask(signal_bit(SIGUSR1));
    EXPECT_EQ(state.post(sent(SIGUSR1)), SignalEffect::none);
    state.reset_for_exec();
    EXPECT_EQ(state.action(SIGUSR1).disposition, UNIX_SIGNAL_DEFAULT);
    EXPECT_TRUE(state.ignored(SIGINT));
    EXPECT_EQ(state.mask(), signal_bit(SIGUSR1));
    EXPECT_EQ(state.pending(), signal_bit(SIGUSR1));
}

TEST_F(Signals, ChangingTheMaskAnswersTheOldOne)
{
    EXPECT_EQ(state.change_mask(SIG_BLOCK, signal_bit(SIGHUP)), SignalSet{0});
    EXPECT_EQ(state.change_mask(SIG_BLOCK, signal_bit(SIGINT)), signal_bit(SIGHUP));
    EXPECT_EQ(state.change_mask(SIG_UNBLOCK, signal_bit(SIGHUP)), signal_bit(SIGHUP) | signal_bit(SIGINT));
    EXPECT_EQ(state.change_mask(SIG_SETMASK, signal_bit(SIGUSR1)), signal_bit(SIGINT));
    EXPECT_EQ(state.change_mask(77, 0).error(), UNIX_ERROR(EINVAL));
    EXPECT_EQ(state.mask(), signal_bit(SIGUSR1));
}

}  // namespace
