// kernel/arch/x86_64/include/arch/user_state.h
//
// The user-mode registers of a thread (machine/user_state.h).
//
// The general registers lie in the order in which an exception from user mode pushes them: the processor finds the end
// of this frame in its TSS, so that hardware and entry code write straight into the thread's record, and nothing is
// copied (entry.S).  A system call stores into the same places.
//
// Invariants  (U1) entry == ENTRY_TRAP  =>  rip and rflags are what the syscall instruction left: so sysret may load
//                  them.  Whoever changes them from outside says ENTRY_EXCEPTION, and iret loads everything.
//             (U2) cs and ss are always user mode's; rflags has IF set, and IOPL, NT, VM clear.
//             (U3) vector_valid: `vector` holds the thread's vector registers, and the processor does not.
#ifndef PORTICO_ARCH_USER_STATE_H
#define PORTICO_ARCH_USER_STATE_H

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include <arch/offsets.h>

namespace machine {

struct UserState {
    void init_for_thread(user_address_t entry, user_address_t stack);

    uint64_t trap_number() const { return rax; }
    uint64_t trap_argument(unsigned i) const
    {
        switch (i) {
        case 0:
            return rdi;
        case 1:
            return rsi;
        case 2:
            return rdx;
        case 3:
            return r10;
        case 4:
            return r8;
        default:
            return r9;
        }
    }
    void set_trap_result(uint64_t value) { rax = value; }

    user_address_t ip() const { return rip; }
    user_address_t sp() const { return rsp; }
    void set_ip(user_address_t address);
    void set_sp(user_address_t address) { rsp = address; }
    void set_thread_pointer(user_address_t address);

    mach::Result<natural_t> get_state(int flavor, natural_t* state, natural_t max_count) const;
    mach::Result<void> set_state(int flavor, const natural_t* state, natural_t count);

    // ---- A message in registers (mach/message_registers.h).  Its argument registers are those of the trap.
    void begin_message_in_registers() { message_in_registers = true; }
    bool has_message_in_registers() const { return message_in_registers; }
    void set_message_in_registers(const std::array<uint64_t, 6>& message)
    {
        rdi = message[0], rsi = message[1], rdx = message[2], r10 = message[3], r8 = message[4],
        r9 = message[5];
    }

    // True: the thread is in a trap, has no registers but the general ones, its bases and control words, and nobody wants
    // anything of it: pending is 0.  One instruction, for the shortest ways.
    bool nothing_particular() const { return particulars() == ENTRY_TRAP; }
    // The same of a thread in a trap whose message is in registers.
    bool nothing_particular_in_registers() const
    {
        return particulars() == (ENTRY_TRAP | uint64_t{true} << 8);
    }

    // Where the processor finds the end of the pushed frame, as its stack for ring 0.
    uint64_t frame_end() const { return reinterpret_cast<uint64_t>(this) + USER_FRAME_END; }

    // ---- The pushed frame.
    uint64_t r15 = 0, r14 = 0, r13 = 0, r12 = 0, rbp = 0, rbx = 0;
    uint64_t r11 = 0, r10 = 0, r9 = 0, r8 = 0, rax = 0, rcx = 0, rdx = 0, rsi = 0, rdi = 0;
    uint64_t exception_vector = 0;  // Of the last exception or interrupt.
    uint64_t error_code = 0;
    uint64_t rip = 0;
    uint64_t cs = SELECTOR_USER_CODE;
    uint64_t rflags = 0x202;
    uint64_t rsp = 0;
    uint64_t ss = SELECTOR_USER_DATA;

    // ---- The rest.
    // These five are looked at as one word (nothing_particular).  A trap's entry sets the first two.
    alignas(8) uint8_t entry = ENTRY_EXCEPTION;
    bool message_in_registers = false;
    bool vector_valid = false;
    bool debug_used = false;            // The debug registers below are not all zero.
    std::atomic<uint32_t> pending = 0;  // Thread::Pending

    uint32_t mxcsr = 0x1f80;  // While !vector_valid and the thread is not loaded.
    uint16_t x87_control = 0x37f;
    user_address_t fs_base = 0;
    user_address_t gs_base = 0;
    user_address_t fault_address = 0;  // Of the last page fault.
    std::array<uint64_t, 4> debug_address{};
    uint64_t debug_status = 0;
    uint64_t debug_control = 0;

    // XSAVE's standard form with x87, SSE and AVX; FXSAVE's image is its beginning.
    struct alignas(64) VectorArea {
        std::array<uint8_t, 512> fxsave{};
        std::array<uint64_t, 8> header{};
        std::array<uint8_t, 256> ymm_high{};
    } vector;

private:
    uint64_t particulars() const
    {
        uint64_t all;
        __builtin_memcpy(&all, &entry, sizeof all);
        return all;
    }
};

static_assert(offsetof(UserState, r15) == USER_R15 && offsetof(UserState, rbx) == USER_RBX &&
              offsetof(UserState, rax) == USER_RAX && offsetof(UserState, rdi) == USER_RDI &&
              offsetof(UserState, exception_vector) == USER_VECTOR && offsetof(UserState, rip) == USER_RIP &&
              offsetof(UserState, ss) == USER_SS && offsetof(UserState, entry) == USER_ENTRY);
static_assert(offsetof(UserState, message_in_registers) == offsetof(UserState, entry) + 1 &&
              offsetof(UserState, pending) == offsetof(UserState, entry) + 4);
static_assert(USER_FRAME_END % 16 == 0, "the processor aligns the stack that it pushes the frame on");

}  // namespace machine

#endif
