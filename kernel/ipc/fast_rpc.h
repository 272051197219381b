// kernel/ipc/fast_rpc.h
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
// A request in memory to a kernel object is none of these, but a call (kernel_call_fast.cpp): the checks that both share find
// that out, and take its rights.
//
// They come in two forms, which do not meet here: in memory (mach_msg_fast.cpp) and in registers (mach_msg_registers.cpp).
//
// Locks, in the order in which they are taken.  Those of a rank that is held already are only tried, since they have no
// order among themselves here; if one is taken, the general path waits for it.
//     sender's space, destination port [, set in which the receiver waits], port or set in which the sender will wait
//     [, receiver's space], receiver, sender
#ifndef PORTICO_IPC_FAST_RPC_H
#define PORTICO_IPC_FAST_RPC_H

#include <array>
#include <cstddef>

#include <ipc/ipc_port.h>
#include <ipc/ipc_pset.h>
#include <ipc/ipc_space.h>
#include <ipc/mach_msg.h>
#include <kern/scheduler.h>
#include <kern/task.h>
#include <kern/thread.h>
#include <lib/death_point.h>
#include <machine/hand_off.h>

// What an RPC costs is counted in instructions: everything below is one function for each shape and form of message, with
// its state in registers.
#define INLINE_CHECK __attribute__((always_inline)) NO_THREAD_SAFETY_ANALYSIS

namespace fast_rpc {

// The same address, of which the compiler shall not remember what it has computed from it: a lock's address in a register
// all the way to its release would cost more than computing it again.
template <class T>
[[gnu::always_inline]] inline T& afresh(T& object)
{
    T* address = &object;
    if constexpr (LockWord::for_many_processors)
        asm("" : "+r"(address));
    return *address;
}

// Runs the rest of the checks with the owner's lock held, and leaves it held if they have all passed.
template <class Owner, class Rest>
[[gnu::always_inline]] inline bool holding(Owner& owner, Rest rest) NO_THREAD_SAFETY_ANALYSIS
{
    owner.lock().acquire();
    if (rest()) [[likely]]
        return true;
    afresh(owner).lock().release();
    return false;
}
template <class Owner, class Rest>
[[gnu::always_inline]] inline bool trying(Owner& owner, Rest rest) NO_THREAD_SAFETY_ANALYSIS
{
    if (!owner.lock().try_acquire()) [[unlikely]]
        return false;
    if (rest()) [[likely]]
        return true;
    afresh(owner).lock().release();
    return false;
}

// What stubs send.
inline constexpr mach_msg_bits_t request_bits =
    MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE);
inline constexpr mach_msg_bits_t reply_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0);

// A short message, from its header on.
struct ShortRoom {
    alignas(8) std::array<std::byte, machine::message_header_size + machine::short_body_max> bytes;

    mach_msg_header_t& header() { return reinterpret_cast<mach_msg_header_t&>(bytes); }
    void* body() { return bytes.data() + machine::message_header_size; }
};

// ---- Calls on kernel objects (kernel_call_fast.cpp).
// If the target is one, and the caller nothing_particular: takes a send right to it and a send-once right to the reply port.
[[nodiscard]] bool take_rights_for_call(Thread& self, IpcPort& target, IpcPort& reply_port)
    REQUIRES(target.lock());
// With these rights; the body of the request is in `request`, which is on the stack.
[[noreturn]] void call_kernel(Thread& self, IpcPort& target, IpcPort& reply_port, ShortRoom& request,
                              mach_msg_id_t id);

// Message, a form:
//     may_call_kernel()                     whether calls on kernel objects may come in it
//     remote(), local()                     the names that the sender gave
//     is_form_of(user)                      the thread sends or receives in this form, and is nothing_particular
//     set_header(bits, remote, local)       as the receiver will see it
//     give(here, from, to, port)            the last of the checks; then the receiver's address space is loaded.  False:
//                                           the sender's is
//     take_along(from, to)                  under the locks of both: what is not there yet
//     go_to(to)                             the end
template <bool IsRequest, class Message>
class FastRpc {
public:
    [[gnu::always_inline]] FastRpc(Thread& self, machine::Processor& here, const Message& message,
                                   mach_port_name_t receive_name)
        : self_{self},
          processor_{here},
          message_{message},
          receive_name_{receive_name},
          space_{self.task().space()}
    {
    }

    [[gnu::always_inline]] bool prepare();
    [[noreturn, gnu::always_inline]] void commit();
    // If prepare() has said no: is it a call on a kernel object, whose rights are taken?
    bool is_kernel_call() const { return IsRequest && is_kernel_call_; }
    [[noreturn, gnu::always_inline]] void call(ShortRoom& request, mach_msg_id_t id)
    {
        call_kernel(self_, *port_, *wait_port_, request, id);
    }

private:
    [[gnu::always_inline]] bool find_names() REQUIRES(space_.lock());
    template <class Rest>
    [[gnu::always_inline]] bool with_receivers_place(Rest rest) REQUIRES(port_ -> lock());
    [[gnu::always_inline]] bool find_receivers_set() REQUIRES(port_ -> lock());
    template <class Rest>
    [[gnu::always_inline]] bool with_place_to_wait(Rest rest);
    [[gnu::always_inline]] bool may_hand_over() REQUIRES(receiver_ -> lock(), self_.lock());
    [[gnu::always_inline]] bool write_header() REQUIRES(home_ -> space->lock());

    bool is_other_space() const { return IsRequest && home_->space != &space_; }

    Thread& self_;
    machine::Processor& processor_;
    Message message_;
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

    bool is_kernel_call_ = false;
    IpcEntry* reply_entry_ = nullptr;  // What will name the reply right in the receiver's space.
};

// The rights that the header names, and where the sender will wait.
template <bool IsRequest, class Message>
bool FastRpc<IsRequest, Message>::find_names()
{
    destination_ = space_.find(message_.remote(), self_.ipc.recent_destination);
    if (destination_ == nullptr)
        return false;
    // The reply right is made from a receive right, and not from what else may be named as reply port.
    if (message_.local() != (IsRequest ? receive_name_ : MACH_PORT_NULL) ||
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
    if constexpr (IsRequest)
        return false;
    wait_set_ = receive->pset;
    return receive->has(IpcEntry::PortSet);
}

// Calls the rest if a thread waits for the port's messages, in the port itself or in the first set that it is in.
template <bool IsRequest, class Message>
template <class Rest>
bool FastRpc<IsRequest, Message>::with_receivers_place(Rest rest) NO_THREAD_SAFETY_ANALYSIS
{
    home_ = port_->in_space();
    if (home_ == nullptr) [[unlikely]] {
        if (IsRequest && message_.may_call_kernel())
            is_kernel_call_ = take_rights_for_call(self_, *port_, *wait_port_);
        return false;
    }
    its_place_ = &port_->queue().receivers;
    if (its_place_->empty()) [[unlikely]]
        if (!find_receivers_set())
            return false;
    if (rest()) [[likely]]
        return true;
    if (its_set_ != nullptr)
        its_set_->lock().release();
    return false;
}

// The first set that the port is in: locked, if somebody waits there.
template <bool IsRequest, class Message>
bool FastRpc<IsRequest, Message>::find_receivers_set() NO_THREAD_SAFETY_ANALYSIS
{
    if (port_->links().begin() == port_->links().end())
        return false;
    IpcPset& set = port_->links().begin()->set;
    if (!IsRequest && &set == wait_set_)
        return false;
    set.lock().acquire();
    its_place_ = &set.receivers();
    if (its_place_->empty()) {
        set.lock().release();
        return false;
    }
    its_set_ = &set;
    return true;
}

// Calls the rest if there is nothing to receive where the sender will wait.
template <bool IsRequest, class Message>
template <class Rest>
bool FastRpc<IsRequest, Message>::with_place_to_wait(Rest rest)
{
    if (IsRequest || wait_port_ != nullptr) [[likely]]
        return trying(*wait_port_, [&]() INLINE_CHECK {
            wait_place_ = &wait_port_->queue().receivers;
            return !wait_port_->queue().has_something() && rest();
        });
    return trying(*wait_set_, [&]() INLINE_CHECK {
        wait_place_ = &wait_set_->receivers();
        return wait_set_->active() && !wait_set_->has_ready() && rest();
    });
}

// Nobody wants anything of the two, they send and receive in one form, and the receiver may run here at once.  A receiver
// that waits until some time, whose arguments are not in its registers, or that is not in a message trap at all, is
// "particular".
template <bool IsRequest, class Message>
bool FastRpc<IsRequest, Message>::may_hand_over()
{
    // Both before the look at what is pending: who would end the sender later has to wait for its lock.
    death_point(DeathPoint::Copy);
    death_point(DeathPoint::HandOver);
    return Message::is_form_of(self_.user) && Message::is_form_of(receiver_->user) &&
           Scheduler::can_take_over(*receiver_, processor_.sched);
}

// The header as the receiver will see it, with the name that it will know the reply right by.
template <bool IsRequest, class Message>
bool FastRpc<IsRequest, Message>::write_header()
{
    if constexpr (IsRequest) {
        reply_entry_ = home_->space->next_free();
        if (reply_entry_ == nullptr)
            return false;
        message_.set_header(MACH_MSGH_BITS(MACH_MSG_TYPE_PORT_SEND_ONCE, MACH_MSG_TYPE_PORT_SEND),
                            reply_entry_->name, home_->name);
    } else {
        message_.set_header(MACH_MSGH_BITS(0, MACH_MSG_TYPE_PORT_SEND_ONCE), MACH_PORT_NULL, home_->name);
    }
    return true;
}

template <bool IsRequest, class Message>
bool FastRpc<IsRequest, Message>::prepare()
{
    death_point(DeathPoint::Message);
    const auto with_threads = [&]() INLINE_CHECK {
        receiver_ = &its_place_->first();
        return holding(*receiver_, [&]() INLINE_CHECK {
            return trying(self_, [&]() INLINE_CHECK {
                return may_hand_over() && write_header() &&
                       message_.give(processor_, self_, *receiver_, *port_);
            });
        });
    };
    const auto with_port = [&]() INLINE_CHECK {
        return with_receivers_place([&]() INLINE_CHECK {
            return with_place_to_wait([&]() INLINE_CHECK {
                return is_other_space() ? trying(*home_->space, with_threads) : with_threads();
            });
        });
    };
    return holding(space_, [&]() INLINE_CHECK { return find_names() && holding(*port_, with_port); });
}

// ---- Point of no return: from here on nothing can fail, and every lock that is needed is held.
template <bool IsRequest, class Message>
void FastRpc<IsRequest, Message>::commit() NO_THREAD_SAFETY_ANALYSIS
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
    message_.take_along(self_, receiver);

    afresh(self_).lock().release();
    afresh(receiver).lock().release();
    if (is_other_space())
        afresh(*home_->space).lock().release();
    if (IsRequest || wait_port_ != nullptr) [[likely]]
        afresh(*wait_port_).lock().release();
    else
        afresh(*wait_set_).lock().release();
    if (its_set_ != nullptr)
        afresh(*its_set_).lock().release();
    afresh(*port_).lock().release();
    afresh(space_).lock().release();
    lock_check_none_held("hand-over");
    census_assert_none("hand-over");
    message_.go_to(receiver);
}

}  // namespace fast_rpc

#endif
