// kernel/ipc/mach_msg_fast.cpp
//
// The shortest RPC: a small plain message, handed straight to a thread that waits for it; the sender waits for the
// answer in its place.  docs/ipc-fast-path.md tells what each check rules out, and what it may cost.
//
// Until the line below that says so nothing has a side effect but in the receiver's buffer, whose contents are undefined
// until its receive returns.  So giving up is a plain return, and the general path in mach_msg.cpp starts afresh.
//
// Two shapes of message come this way:
//   - a request: its destination a copied send right, its reply port the one that the sender receives on next, which
//     gives the receiver a send-once right;
//   - a reply: to a send-once right, which is used up.
//
// Locks, in the order in which they are taken.  Those of a rank that is held already are only tried, since they have no
// order among themselves here; if one is taken, the general path waits for it.
//     sender's space, destination port [, set in which the receiver waits], port or set in which the sender will wait
//     [, receiver's space], receiver, sender
#include <ipc/mach_msg.h>

#include <bit>

#include <ipc/ipc_port.h>
#include <ipc/ipc_pset.h>
#include <ipc/ipc_space.h>
#include <kern/scheduler.h>
#include <kern/task.h>
#include <kern/thread.h>
#include <machine/hand_off.h>
#include <machine/user_copy.h>

// What an RPC costs is counted in instructions: everything below is one function for each shape of message, with its
// state in registers.
#define INLINE_CHECK __attribute__((always_inline)) NO_THREAD_SAFETY_ANALYSIS

namespace {

static_assert(machine::message_header_size == sizeof(mach_msg_header_t) &&
              machine::message_body_max == sizeof(machine::Processor::message_body));

// Runs the rest of the checks with the lock held, and leaves it held if they have all passed.
template <class Lock, class Rest>
[[gnu::always_inline]] inline bool holding(Lock& lock, Rest rest) NO_THREAD_SAFETY_ANALYSIS
{
    lock.acquire();
    if (rest()) [[likely]]
        return true;
    lock.release();
    return false;
}
template <class Lock, class Rest>
[[gnu::always_inline]] inline bool trying(Lock& lock, Rest rest) NO_THREAD_SAFETY_ANALYSIS
{
    if (!lock.try_acquire()) [[unlikely]]
        return false;
    if (rest()) [[likely]]
        return true;
    lock.release();
    return false;
}

constexpr mach_msg_bits_t request_bits =
    MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE);
constexpr mach_msg_bits_t reply_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0);

constexpr mach_msg_option_t both = MACH_SEND_MSG | MACH_RCV_MSG;
// Options that ask for nothing to be done here: how to wait for room, what to do with a message that is too large, which
// trailer the next receive wants.
constexpr mach_msg_option_t harmless_options =
    MACH_SEND_TIMEOUT | MACH_SEND_INTERRUPT | MACH_SEND_NOTIFY | MACH_RCV_LARGE | MACH_RCV_LARGE_IDENTITY |
    MACH_RCV_INTERRUPT | MACH_RCV_TRAILER_MASK | static_cast<mach_msg_option_t>(MACH_RCV_TRAILER_TYPE(0xfu));

// A trailer with more than its own size, over the minimal one.
[[gnu::noinline, gnu::cold]] bool give_trailer(const Task& sender, IpcPort& port, mach_msg_option_t options,
                                               user_address_t to) REQUIRES(port.lock())
{
    mach_msg_max_trailer_t trailer{};
    trailer.msgh_trailer_type = MACH_MSG_TRAILER_FORMAT_0;
    trailer.msgh_trailer_size = REQUESTED_TRAILER_SIZE(options);
    trailer.msgh_seqno = port.queue().next_sequence_number;
    if (trailer.msgh_trailer_size >= sizeof(mach_msg_security_trailer_t)) {
        trailer.msgh_sender = sender.security_token();
        trailer.msgh_audit = sender.audit_token();
        trailer.msgh_context = port.context();
    }
    return static_cast<bool>(machine::copy_out(to, &trailer, trailer.msgh_trailer_size));
}

template <bool IsRequest>
class FastRpc {
public:
    [[gnu::always_inline]] FastRpc(Thread& self, machine::Processor& here,
                                   const machine::MessageWords& message, uint64_t body_words,
                                   const void* body, mach_port_name_t receive_name)
        : self_{self},
          processor_{here},
          message_{message},
          body_words_{body_words},
          body_{body},
          receive_name_{receive_name},
          space_{self.task().space()}
    {
    }

    [[gnu::always_inline]] bool prepare();
    [[noreturn, gnu::always_inline]] void commit();

private:
    [[gnu::always_inline]] bool find_names() REQUIRES(space_.lock());
    template <class Rest>
    [[gnu::always_inline]] bool with_receivers_place(Rest rest) REQUIRES(port_ -> lock());
    template <class Rest>
    [[gnu::always_inline]] bool with_place_to_wait(Rest rest);
    [[gnu::always_inline]] bool may_hand_over() REQUIRES(receiver_ -> lock(), self_.lock());
    [[gnu::always_inline]] bool write_header() REQUIRES(home_ -> space->lock());
    [[gnu::always_inline]] bool give_message() REQUIRES(port_ -> lock());

    bool is_other_space() const { return IsRequest && home_->space != &space_; }
    mach_msg_size_t size_with(size_t trailer) const
    {
        return static_cast<mach_msg_size_t>(body_words_ * 4 + machine::message_header_size + trailer);
    }
    mach_msg_size_t size() const { return size_with(0); }

    Thread& self_;
    machine::Processor& processor_;
    machine::MessageWords message_;
    const uint64_t body_words_;
    const void* const body_;
    const mach_port_name_t receive_name_;
    IpcSpace& space_;  // The sender's.

    IpcEntry* destination_ = nullptr;         // In it.
    IpcPort* port_ = nullptr;                 // That the message goes to,
    const IpcPort::InSpace* home_ = nullptr;  // and its place.
    IpcPset* its_set_ = nullptr;              // In which its receiver waits; null: in the port itself.
    WaitQueue* its_place_ = nullptr;
    Thread* receiver_ = nullptr;

    IpcPort* wait_port_ = nullptr;  // Where the sender will wait; null: in the set.
    IpcPset* wait_set_ = nullptr;
    WaitQueue* wait_place_ = nullptr;

    IpcEntry* reply_entry_ = nullptr;  // What will name the reply right in the receiver's space.
};

// The rights that the header names, and where the sender will wait.
template <bool IsRequest>
bool FastRpc<IsRequest>::find_names()
{
    destination_ = space_.find(message_.remote, self_.ipc.recent_destination);
    if (destination_ == nullptr)
        return false;
    // The reply right is made from a receive right, and not from what else may be named as reply port.
    if (message_.local != (IsRequest ? receive_name_ : MACH_PORT_NULL) ||
        !destination_->has(IsRequest ? IpcEntry::Send : IpcEntry::SendOnce))
        return false;
    // Who asked to be told that the right's name is gone is told by the general path.
    if (!IsRequest && destination_->request != nullptr)
        return false;
    port_ = destination_->port;

    const IpcEntry* const receive = space_.find(receive_name_, self_.ipc.recent_receive);
    if (receive == nullptr)
        return false;
    if (receive->has(IpcEntry::Receive)) [[likely]] {
        wait_port_ = receive->port;
        return wait_port_ != port_;
    }
    wait_set_ = receive->pset;
    return !IsRequest && receive->has(IpcEntry::PortSet);
}

// Calls the rest if a thread waits for the port's messages, in the port itself or in the first set that it is in.
template <bool IsRequest>
template <class Rest>
bool FastRpc<IsRequest>::with_receivers_place(Rest rest)
{
    home_ = port_->in_space();
    if (home_ == nullptr)
        return false;
    its_place_ = &port_->queue().receivers;
    if (!its_place_->empty()) [[likely]]
        return rest();
    if (port_->links().begin() == port_->links().end())
        return false;
    its_set_ = &port_->links().begin()->set;
    if (its_set_ == wait_set_)
        return false;
    return holding(its_set_->lock(), [&]() INLINE_CHECK {
        its_place_ = &its_set_->receivers();
        return !its_place_->empty() && rest();
    });
}

// Calls the rest if there is nothing to receive where the sender will wait.
template <bool IsRequest>
template <class Rest>
bool FastRpc<IsRequest>::with_place_to_wait(Rest rest)
{
    if (IsRequest || wait_port_ != nullptr) [[likely]]
        return trying(wait_port_->lock(), [&]() INLINE_CHECK {
            wait_place_ = &wait_port_->queue().receivers;
            return !wait_port_->queue().has_something() && rest();
        });
    return trying(wait_set_->lock(), [&]() INLINE_CHECK {
        wait_place_ = &wait_set_->receivers();
        return wait_set_->active() && !wait_set_->has_ready() && rest();
    });
}

// Nobody wants anything of the two, and the receiver may run here at once.  A receiver that waits until some time, whose
// arguments are not in its registers, or that is not in mach_msg_trap at all, is "particular".
template <bool IsRequest>
bool FastRpc<IsRequest>::may_hand_over()
{
    return self_.user.nothing_particular() && receiver_->user.nothing_particular() &&
           Scheduler::can_take_over(*receiver_, processor_.sched);
}

// The header as the receiver will see it, with the name that it will know the reply right by.
template <bool IsRequest>
bool FastRpc<IsRequest>::write_header()
{
    if constexpr (IsRequest) {
        reply_entry_ = home_->space->next_free();
        if (reply_entry_ == nullptr)
            return false;
        message_.bits = MACH_MSGH_BITS(MACH_MSG_TYPE_PORT_SEND_ONCE, MACH_MSG_TYPE_PORT_SEND);
        message_.remote = reply_entry_->name;
    } else {
        message_.bits = MACH_MSGH_BITS(0, MACH_MSG_TYPE_PORT_SEND_ONCE);
        message_.remote = MACH_PORT_NULL;
    }
    message_.local = home_->name;
    return true;
}

// Into the receiver's buffer: the last of the checks, and that buffer is there.
template <bool IsRequest>
bool FastRpc<IsRequest>::give_message()
{
    const machine::UserState& its = receiver_->user;
    const auto options = static_cast<mach_msg_option_t>(its.trap_argument(1));
    if ((options & MACH_RCV_TRAILER_MASK) == 0) [[likely]] {
        if (size_with(sizeof(mach_msg_trailer_t)) > static_cast<mach_msg_size_t>(its.trap_argument(3)))
            return false;
        machine::hand_over_address_space(processor_, self_, *receiver_);
        if (machine::store_message(its.trap_argument(0), size(), body_words_, message_, body_)) [[likely]]
            return true;
    } else {
        if (size_with(REQUESTED_TRAILER_SIZE(options)) > static_cast<mach_msg_size_t>(its.trap_argument(3)))
            return false;
        machine::hand_over_address_space(processor_, self_, *receiver_);
        const user_address_t to = its.trap_argument(0);
        if (machine::store_message(to, size(), body_words_, message_, body_) &&
            give_trailer(self_.task(), *port_, options, to + size()))
            return true;
    }
    machine::hand_over_address_space(processor_, *receiver_, self_);
    return false;
}

template <bool IsRequest>
bool FastRpc<IsRequest>::prepare()
{
    const auto with_threads = [&]() INLINE_CHECK {
        receiver_ = &its_place_->first();
        return holding(receiver_->lock(), [&]() INLINE_CHECK {
            return trying(self_.lock(),
                          [&]() INLINE_CHECK { return may_hand_over() && write_header() && give_message(); });
        });
    };
    const auto with_port = [&]() INLINE_CHECK {
        return with_receivers_place([&]() INLINE_CHECK {
            return with_place_to_wait([&]() INLINE_CHECK {
                return is_other_space() ? trying(home_->space->lock(), with_threads) : with_threads();
            });
        });
    };
    return holding(space_.lock(),
                   [&]() INLINE_CHECK { return find_names() && holding(port_->lock(), with_port); });
}

// ---- Point of no return: from here on nothing can fail, and every lock that is needed is held.
template <bool IsRequest>
void FastRpc<IsRequest>::commit() NO_THREAD_SAFETY_ANALYSIS
{
    Thread& receiver = *receiver_;
    ++port_->queue().next_sequence_number;
    // Both ports are kept by their receive rights, so the references of other rights never are the last ones.
    if constexpr (IsRequest) {
        IpcSpace& its_space = *home_->space;
        its_space.take_next_free();
        its_space.begin_use(*reply_entry_, IpcEntry::SendOnce);
        reply_entry_->port = wait_port_;
        reply_entry_->user_references = 1;
        wait_port_->place_send_once();
        wait_port_->reference();
    } else {
        space_.end_use(*destination_);
        port_->take_back_send_once();
        port_->release_some(1);
    }
    Scheduler::take_over(self_, *wait_place_, mach_msg_receive_continue, receiver, *its_place_, processor_);
    machine::hand_over_registers(processor_, self_, receiver);
    ++self_.fast_sent;
    ++receiver.fast_received;
    receiver.user.set_trap_result(MACH_MSG_SUCCESS);

    self_.lock().release();
    receiver.lock().release();
    if (is_other_space())
        home_->space->lock().release();
    if (IsRequest || wait_port_ != nullptr) [[likely]]
        wait_port_->lock().release();
    else
        wait_set_->lock().release();
    if (its_set_ != nullptr)
        its_set_->lock().release();
    port_->lock().release();
    space_.lock().release();
    lock_check_none_held("hand-over");
    census_assert_none("hand-over");
    machine::return_from_trap(receiver);
}

template <bool IsRequest>
[[gnu::noinline]] MACHINE_TRAP_CALL void hand_over(Thread& self, machine::Processor& here, const void* body,
                                                   mach_port_name_t receive_name, uint64_t body_words,
                                                   mach_msg_bits_t bits, mach_port_name_t remote,
                                                   mach_port_name_t local, uint64_t last)
{
    FastRpc<IsRequest> rpc{self, here, {bits, remote, local, last}, body_words, body, receive_name};
    if (rpc.prepare()) [[likely]]
        rpc.commit();
}

}  // namespace

// Rules out whatever is not plain and small.
MACHINE_TRAP_CALL void mach_msg_fast(Thread& self, machine::Processor& here, uint64_t, uint64_t,
                                     user_address_t msg, mach_msg_option_t option, mach_msg_size_t send_size,
                                     mach_msg_size_t, mach_port_name_t rcv_name)
{
    // A multiple of four, and not too large: the remainder would be in the highest bits.
    const uint64_t body_words = std::rotr(send_size - machine::message_header_size, 2);
    if ((option != both && (option & ~harmless_options) != both) ||
        body_words > machine::message_body_max / 4)
        return;
    machine::MessageWords message;
    void* const body = here.message_body;
    if (!machine::load_message(msg, body_words, message, body))
        return;
    if (static_cast<mach_port_name_t>(message.last) != MACH_PORT_NULL)
        return;  // A voucher.
    if (message.bits == request_bits)
        return hand_over<true>(self, here, body, rcv_name, body_words, message.bits, message.remote,
                               message.local, message.last);
    if (message.bits == reply_bits)
        return hand_over<false>(self, here, body, rcv_name, body_words, message.bits, message.remote,
                                message.local, message.last);
}
