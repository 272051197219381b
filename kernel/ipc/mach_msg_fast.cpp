// kernel/ipc/mach_msg_fast.cpp
//
// The shortest way (fast_rpc.h) of a message in memory.
#include <ipc/fast_rpc.h>

#include <bit>

#include <lib/death_point.h>
#include <machine/user_copy.h>

namespace {

using namespace fast_rpc;

static_assert(machine::message_header_size == sizeof(mach_msg_header_t) &&
              machine::message_body_max == sizeof(machine::Processor::message_body));

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

// Names and data of a message in memory.  A long one has the same ways, made once more, since with both copies in one function
// there would not be registers enough.
template <bool IsLong>
class InMemory {
public:
    [[gnu::always_inline]] InMemory(const machine::MessageWords& header, uint64_t body_words,
                                    const void* body)
        : header_{header}, body_words_{body_words}, body_{body}
    {
    }

    static constexpr bool may_call_kernel() { return !IsLong; }
    mach_port_name_t remote() const { return header_.remote; }
    mach_port_name_t local() const { return header_.local; }
    static bool is_form_of(const machine::UserState& user) { return user.nothing_particular(); }
    [[gnu::always_inline]] void set_header(mach_msg_bits_t bits, mach_port_name_t remote,
                                           mach_port_name_t local)
    {
        header_.bits = bits;
        header_.remote = remote;
        header_.local = local;
    }
    [[gnu::always_inline]] bool give(machine::Processor& here, Thread& from, Thread& to, IpcPort& port)
        REQUIRES(port.lock());
    [[gnu::always_inline]] void take_along(Thread&, Thread& to) { to.user.set_trap_result(MACH_MSG_SUCCESS); }
    [[noreturn, gnu::always_inline]] void go_to(Thread& to) { machine::return_from_trap(to); }

    mach_msg_id_t id() const { return static_cast<mach_msg_id_t>(header_.last >> 32); }

private:
    mach_msg_size_t size_with(mach_msg_size_t trailer) const
    {
        return static_cast<mach_msg_size_t>(body_words_) * 4 + machine::message_header_size + trailer;
    }
    mach_msg_size_t size() const { return size_with(0); }
    [[gnu::always_inline]] bool store(user_address_t at) const
    {
        return machine::store_message<IsLong>(at, size(), body_words_, header_, body_);
    }

    machine::MessageWords header_;
    const uint64_t body_words_;
    const void* const body_;
};

// Into the receiver's buffer, if that is there and large enough.
template <bool IsLong>
bool InMemory<IsLong>::give(machine::Processor& here, Thread& from, Thread& to, IpcPort& port)
{
    const machine::UserState& its = to.user;
    const auto options = static_cast<mach_msg_option_t>(its.trap_argument(1));
    if ((options & MACH_RCV_TRAILER_MASK) == 0) [[likely]] {
        if (size_with(sizeof(mach_msg_trailer_t)) > static_cast<mach_msg_size_t>(its.trap_argument(3)))
            return false;
        machine::hand_over_address_space(here, from, to);
        if (store(its.trap_argument(0))) [[likely]]
            return true;
    } else {
        if (size_with(REQUESTED_TRAILER_SIZE(options)) > static_cast<mach_msg_size_t>(its.trap_argument(3)))
            return false;
        machine::hand_over_address_space(here, from, to);
        const user_address_t at = its.trap_argument(0);
        if (store(at) && give_trailer(from.task(), port, options, at + size()))
            return true;
    }
    machine::hand_over_address_space(here, to, from);
    return false;
}

template <bool IsRequest, bool IsLong>
[[gnu::always_inline]] inline void hand_over(Thread& self, machine::Processor& here,
                                             const InMemory<IsLong>& message, mach_port_name_t receive_name,
                                             ShortRoom& room)
{
    FastRpc<IsRequest, InMemory<IsLong>> rpc{self, here, message, receive_name};
    if (rpc.prepare()) [[likely]]
        rpc.commit();
    if (rpc.is_kernel_call())
        rpc.call(room, message.id());
}

// A trap that neither sends nor receives: comes back if there is something else to be done.
void return_idle(Thread& self, const machine::Processor& here)
{
    if (!self.user.nothing_particular() || here.sched.preempt.load(std::memory_order_relaxed))
        return;
    self.task().events.traps.fetch_add(1, std::memory_order_relaxed);
    self.user.set_trap_result(MACH_MSG_SUCCESS);
    machine::return_from_trap(self);
}

// Whatever is not plain stays for the general path.
template <bool IsLong>
[[gnu::always_inline]] inline void send(Thread& self, machine::Processor& here, user_address_t msg,
                                        uint64_t body_words, mach_port_name_t receive_name)
{
    death_point(DeathPoint::Copy);
    // A short body is read where a call on a kernel object can keep it.
    ShortRoom room;
    machine::MessageWords message;
    void* const body = IsLong ? here.message_body : room.body();
    if (!machine::load_message<IsLong>(msg, body_words, message, body))
        return;
    if (static_cast<mach_port_name_t>(message.last) != MACH_PORT_NULL)
        return;  // A voucher.
    if (message.bits == request_bits)
        return hand_over<true, IsLong>(self, here, {message, body_words, body}, receive_name, room);
    if (message.bits == reply_bits)
        return hand_over<false, IsLong>(self, here, {message, body_words, body}, receive_name, room);
}

// A multiple of four, and not too large: else the remainder is in the highest bits.
uint64_t body_words_of(mach_msg_size_t size) { return std::rotr(size - machine::message_header_size, 2); }

[[gnu::noinline]] MACHINE_TRAP_CALL void mach_msg_fast_long(Thread& self, machine::Processor& here, uint64_t,
                                                            uint64_t, user_address_t msg, mach_msg_option_t,
                                                            mach_msg_size_t send_size, mach_msg_size_t,
                                                            mach_port_name_t rcv_name)
{
    const uint64_t body_words = body_words_of(send_size);
    if (body_words <= machine::message_body_max / 4)
        send<true>(self, here, msg, body_words, rcv_name);
}

}  // namespace

MACHINE_TRAP_CALL void mach_msg_fast(Thread& self, machine::Processor& here, uint64_t unused,
                                     uint64_t unused_too, user_address_t msg, mach_msg_option_t option,
                                     mach_msg_size_t send_size, mach_msg_size_t rcv_size,
                                     mach_port_name_t rcv_name)
{
    if (option != both) [[unlikely]] {
        if (option == MACH_MSG_OPTION_NONE)
            return return_idle(self, here);
        if ((option & ~harmless_options) != both)
            return;
    }
    const uint64_t body_words = body_words_of(send_size);
    if (body_words > machine::short_body_max / 4) [[unlikely]]
        [[clang::musttail]] return mach_msg_fast_long(self, here, unused, unused_too, msg, option, send_size,
                                                      rcv_size, rcv_name);
    send<false>(self, here, msg, body_words, rcv_name);
}
