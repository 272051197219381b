// kernel/ipc/mach_msg_registers.cpp
//
// Messages in registers (mach/message_registers.h): their traps, and the shortest way (fast_rpc.h) between two threads that
// both use them.  Any other way they become messages like others, and come back to registers at the end (mach_msg.cpp).
#include <ipc/fast_rpc.h>

#include <mach/message_registers.h>
#include <mach_trap_table.h>

namespace {

using namespace fast_rpc;

static_assert(MACH_MSG_REGISTERS_BODY_MAX == MACH_MSG_REGISTERS_WORDS * sizeof(uint64_t));

class InRegisters {
public:
    [[gnu::always_inline]] InRegisters(uint64_t remote, uint64_t local, uint64_t info)
        : ports_{remote}, local_{local}, info_{info}
    {
    }

    static constexpr bool may_call_kernel() { return false; }
    mach_port_name_t remote() const { return static_cast<mach_port_name_t>(ports_); }
    mach_port_name_t local() const { return static_cast<mach_port_name_t>(local_); }
    static bool is_form_of(const machine::UserState& user) { return user.nothing_particular_in_registers(); }
    [[gnu::always_inline]] void set_header(mach_msg_bits_t bits, mach_port_name_t remote,
                                           mach_port_name_t local)
    {
        ports_ = MACH_MSG_REGISTERS_PORTS(remote, local);
        info_ = (info_ & ~uint64_t{0xffff}) | bits;
    }
    [[gnu::always_inline]] bool give(machine::Processor& here, Thread& from, Thread& to, IpcPort&)
    {
        machine::hand_over_address_space(here, from, to);
        return true;
    }
    // The sender may run elsewhere, and use its registers, as soon as it is unlocked.
    [[gnu::always_inline]] void take_along(Thread& from, Thread&)
    {
        for (unsigned i = 0; i < MACH_MSG_REGISTERS_WORDS; ++i)
            words_[i] = from.user.trap_argument(2 + i);
    }
    [[noreturn, gnu::always_inline]] void go_to(Thread& to)
    {
        machine::return_from_trap_with(to, ports_, info_, words_[0], words_[1], words_[2], words_[3]);
    }

private:
    uint64_t ports_;
    const uint64_t local_;
    uint64_t info_;
    uint64_t words_[MACH_MSG_REGISTERS_WORDS];
};

}  // namespace

MACHINE_TRAP_CALL void mach_msg_call_fast(Thread& self, machine::Processor& here, uint64_t, uint64_t,
                                          uint64_t ports, uint64_t info)
{
    self.user.begin_message_in_registers();
    if (MACH_MSG_REGISTERS_BITS(info) != request_bits ||
        MACH_MSG_REGISTERS_BODY(info) > MACH_MSG_REGISTERS_BODY_MAX) [[unlikely]]
        return;
    const mach_port_name_t reply = MACH_MSG_REGISTERS_LOCAL(ports);
    FastRpc<true, InRegisters> rpc{self, here, InRegisters{MACH_MSG_REGISTERS_REMOTE(ports), reply, info},
                                   reply};
    if (rpc.prepare()) [[likely]]
        rpc.commit();
}

MACHINE_TRAP_CALL void mach_msg_reply_fast(Thread& self, machine::Processor& here, uint64_t, uint64_t,
                                           uint64_t ports, uint64_t info)
{
    self.user.begin_message_in_registers();
    if (MACH_MSG_REGISTERS_BITS(info) != reply_bits ||
        MACH_MSG_REGISTERS_BODY(info) > MACH_MSG_REGISTERS_BODY_MAX) [[unlikely]]
        return;
    FastRpc<false, InRegisters> rpc{self, here,
                                    InRegisters{MACH_MSG_REGISTERS_REMOTE(ports), MACH_PORT_NULL, info},
                                    MACH_MSG_REGISTERS_LOCAL(ports)};
    if (rpc.prepare()) [[likely]]
        rpc.commit();
}

// ---- The traps, when that was not the way.

namespace mach_traps {

mach_msg_return_t mach_msg_call_trap(Thread& self, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t)
{
    mach_msg_start_in_registers(self);
}

mach_msg_return_t mach_msg_reply_trap(Thread& self, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t,
                                      uint64_t)
{
    mach_msg_start_in_registers(self);
}

}  // namespace mach_traps
