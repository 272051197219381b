#include "signal_state.h"

#include <bit>
#include <cerrno>

#include "../support/unix_error.h"

namespace portico {

namespace {

constexpr SignalSet never_blocked = signal_bit(SIGKILL) | signal_bit(SIGSTOP);
constexpr SignalSet stop_signals =
    signal_bit(SIGSTOP) | signal_bit(SIGTSTP) | signal_bit(SIGTTIN) | signal_bit(SIGTTOU);

int lowest(SignalSet set) { return std::countr_zero(set) + 1; }

}  // namespace

SignalEffect default_effect(int signal)
{
    switch (signal) {
    case SIGCHLD:
    case SIGURG:
    case SIGWINCH:
        return SignalEffect::none;
    case SIGCONT:
        return SignalEffect::resume;
    case SIGSTOP:
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU:
        return SignalEffect::stop;
    case SIGQUIT:
    case SIGILL:
    case SIGTRAP:
    case SIGABRT:
    case SIGBUS:
    case SIGFPE:
    case SIGSEGV:
    case SIGSYS:
    case SIGXCPU:
    case SIGXFSZ:
        return SignalEffect::terminate_with_core;
    default:
        return SignalEffect::terminate;
    }
}

SignalEffect SignalState::effect_of(int signal) const
{
    switch (actions_[index(signal)].disposition) {
    case UNIX_SIGNAL_IGNORE:
        return SignalEffect::none;
    case UNIX_SIGNAL_CATCH:
        return SignalEffect::catch_it;
    default:
        return default_effect(signal);
    }
}

// SIGCONT continues the process whatever else becomes of it; that part is the caller's, by the number.
SignalEffect SignalState::post(const SignalDetails& details)
{
    const int signal = details.number;
    if (signal == SIGCONT)
        drop(stop_signals);  // (S3)
    else if ((stop_signals & signal_bit(signal)) != 0)
        drop(signal_bit(SIGCONT));  // (S3)

    const SignalEffect effect = effect_of(signal);
    if (blocked(signal)) {
        if ((pending_ & signal_bit(signal)) == 0)
            details_[index(signal)] = details;
        pending_ |= signal_bit(signal);
        return SignalEffect::none;
    }
    if (effect == SignalEffect::catch_it && (pending_ & signal_bit(signal)) == 0) {
        details_[index(signal)] = details;
        pending_ |= signal_bit(signal);
    }
    return effect;
}

SignalEffect SignalState::next_effect(SignalDetails& details)
{
    while (const SignalSet ready = pending_ & ~mask_) {
        const int signal = lowest(ready);
        const SignalEffect effect = effect_of(signal);
        if (effect == SignalEffect::catch_it)
            return effect;
        drop(signal_bit(signal));
        if (effect != SignalEffect::none && effect != SignalEffect::resume) {
            details = details_[index(signal)];
            return effect;
        }
    }
    return SignalEffect::none;
}

SignalSet SignalState::deliverable() const
{
    SignalSet set = 0;
    for (SignalSet ready = pending_ & ~mask_; ready != 0; ready &= ready - 1) {
        const int signal = lowest(ready);
        if (effect_of(signal) == SignalEffect::catch_it)
            set |= signal_bit(signal);
    }
    return set;
}

unix_signal_t SignalState::describe(int signal, SignalSet saved_mask) const
{
    const SignalDetails& details = details_[index(signal)];
    unix_signal_t taken{};
    taken.number = signal;
    taken.code = details.code;
    taken.sender_pid = details.sender_pid;
    taken.sender_uid = details.sender_uid;
    taken.status = details.status;
    taken.flags = actions_[index(signal)].flags;
    taken.value = details.value;
    taken.address = details.address;
    taken.saved_mask = saved_mask;
    return taken;
}

std::optional<unix_signal_t> SignalState::take()
{
    const SignalSet ready = deliverable();
    if (ready == 0)
        return std::nullopt;

    const int signal = lowest(ready);
    SignalAction& action = actions_[index(signal)];
    const SignalSet restored = mask_before_suspend_.value_or(mask_);
    const unix_signal_t taken = describe(signal, restored);

    drop(signal_bit(signal));
    mask_before_suspend_.reset();
    mask_ |= action.mask & ~never_blocked;
    if ((action.flags & SA_NODEFER) == 0)
        mask_ |= signal_bit(signal);
    if ((action.flags & static_cast<uint32_t>(SA_RESETHAND)) != 0)
        action = SignalAction{};
    return taken;
}

std::optional<unix_signal_t> SignalState::take_from(SignalSet set)
{
    const SignalSet ready = pending_ & set;
    if (ready == 0)
        return std::nullopt;
    const int signal = lowest(ready);
    drop(signal_bit(signal));
    return describe(signal, mask_);
}

mach::Result<void> SignalState::set_action(int signal, const SignalAction& action)
{
    if (!is_signal(signal))
        return unix_failure(EINVAL);
    if ((signal_bit(signal) & never_blocked) != 0 && action.disposition != UNIX_SIGNAL_DEFAULT)
        return unix_failure(EINVAL);  // (S2)
    actions_[index(signal)] = action;
    if (ignored(signal))
        drop(signal_bit(signal));  // (S1); POSIX drops it also if it is blocked.
    return {};
}

void SignalState::set_mask(SignalSet mask) { mask_ = mask & ~never_blocked; }

mach::Result<SignalSet> SignalState::change_mask(int how, SignalSet set)
{
    const SignalSet old = mask_;
    switch (how) {
    case SIG_BLOCK:
        set_mask(mask_ | set);
        break;
    case SIG_UNBLOCK:
        set_mask(mask_ & ~set);
        break;
    case SIG_SETMASK:
        set_mask(set);
        break;
    default:
        return unix_failure(EINVAL);
    }
    return old;
}

void SignalState::begin_suspend(SignalSet mask)
{
    mask_before_suspend_ = mask_;
    set_mask(mask);
}

void SignalState::end_suspend()
{
    if (mask_before_suspend_)
        mask_ = *mask_before_suspend_;
    mask_before_suspend_.reset();
}

SignalState SignalState::for_fork() const
{
    SignalState child = *this;
    child.pending_ = 0;
    child.mask_before_suspend_.reset();
    return child;
}

void SignalState::reset_for_exec()
{
    for (SignalAction& action : actions_) {
        if (action.disposition == UNIX_SIGNAL_CATCH)
            action = SignalAction{};
    }
    stack = {};
    for (int signal = 1; signal <= signal_count; ++signal) {
        if (ignored(signal))
            drop(signal_bit(signal));
    }
}

}  // namespace portico
