// unix-server/signal/signal_state.h
//
// The signals of one process: what is pending, what is blocked, what was asked to be done with each.  It decides;
// carrying out (stopping, ending, redirecting a thread) is the process service's.
//
// Owns        the pending signals with their details, the mask, the actions, the alternate stack.
// Lifetime    part of its Process.
// Lock        none (one event loop; nothing here waits).
// Invariants  (S1) No signal is pending whose action is to ignore it, unless it is blocked.
//             (S2) SIGKILL and SIGSTOP are never blocked, caught or ignored.
//             (S3) SIGCONT and a stop signal are never pending together.
// Background  POSIX.1-2017, XSH 2.4; docs/signals.md.
#pragma once

#include <array>
#include <csignal>
#include <cstdint>
#include <mach/result.h>
#include <optional>
#include <portico/unix_types.h>

namespace portico {

constexpr int signal_count = 64;  // Signals are numbered 1 to 64; bit n - 1 of a set stands for signal n.

using SignalSet = uint64_t;
constexpr SignalSet signal_bit(int signal) { return SignalSet{1} << (signal - 1); }
constexpr bool is_signal(int signal) { return signal >= 1 && signal <= signal_count; }

struct SignalAction {
    unix_signal_disposition disposition = UNIX_SIGNAL_DEFAULT;
    uint32_t flags = 0;  // SA_*
    SignalSet mask = 0;  // Blocked in addition while the handler runs.
};

struct SignalDetails {
    int number = 0;
    int code = 0;
    int32_t sender_pid = 0;
    uint32_t sender_uid = 0;
    int32_t status = 0;
    uint64_t value = 0;
    uint64_t address = 0;
};

// What a signal does to the process.
enum class SignalEffect { none, terminate, terminate_with_core, stop, resume, catch_it };

struct SignalStack {
    uint64_t base = 0;
    uint64_t size = 0;  // 0: there is none.
};

class SignalState {
public:
    // A signal has been sent.  The answer is what has to be done at once; catch_it means that a handler can run now.
    SignalEffect post(const SignalDetails& details);

    // After a change of mask or action, or a resume: the effect of the next pending signal that is not blocked.  One whose
    // effect is not to be caught is no longer pending.
    SignalEffect next_effect(SignalDetails& details);

    bool can_take() const { return deliverable() != 0; }
    // Takes the next signal that a handler is to run for, puts its action's mask in force.
    std::optional<unix_signal_t> take();

    // sigtimedwait: takes a pending signal of `set`, blocked or not.
    std::optional<unix_signal_t> take_from(SignalSet set);

    mach::Result<void> set_action(int signal, const SignalAction& action);
    const SignalAction& action(int signal) const { return actions_[index(signal)]; }
    SignalSet mask() const { return mask_; }
    SignalSet pending() const { return pending_; }
    void set_mask(SignalSet mask);
    // SIG_BLOCK, SIG_UNBLOCK or SIG_SETMASK; answers the old mask.  EINVAL.
    mach::Result<SignalSet> change_mask(int how, SignalSet set);

    // sigsuspend: `mask` is in force until a handler has been taken, which then restores the present one.
    void begin_suspend(SignalSet mask);
    void end_suspend();

    // What a child gets by fork (nothing pending), and what remains after exec (nothing caught).
    SignalState for_fork() const;
    void reset_for_exec();

    bool ignored(int signal) const { return effect_of(signal) == SignalEffect::none; }
    bool blocked(int signal) const { return (mask_ & signal_bit(signal)) != 0; }

    SignalStack stack;

private:
    static size_t index(int signal) { return static_cast<size_t>(signal - 1); }
    SignalEffect effect_of(int signal) const;
    SignalSet deliverable() const;
    void drop(SignalSet signals) { pending_ &= ~signals; }
    unix_signal_t describe(int signal, SignalSet saved_mask) const;

    std::array<SignalAction, signal_count> actions_{};
    std::array<SignalDetails, signal_count> details_{};
    SignalSet pending_ = 0;
    SignalSet mask_ = 0;
    std::optional<SignalSet> mask_before_suspend_;
};

// What a signal does when its action is the default one.
SignalEffect default_effect(int signal);

}  // namespace portico
