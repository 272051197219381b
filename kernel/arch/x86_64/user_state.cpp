// kernel/arch/x86_64/user_state.cpp: thread state by flavour (machine/user_state.h).
#include <machine/user_state.h>

#include <algorithm>
#include <cstring>

#include <arch/cpu.h>
#include <arch/vector_state.h>
#include <mach/vm_param.h>

namespace machine {
namespace {

constexpr uint64_t flags_always = 0x202;           // Interrupts on, and the bit that is always one.
constexpr uint64_t flags_user_may_set = 0x4'0dd5;  // CF PF AF ZF SF TF DF OF AC
constexpr uint64_t debug_control_allowed =
    0xffff'0355;  // Local enables and conditions; LE; the bit that is always one.

// An address that iret may load: user mode's own half, including one past its end (U1; docs/x86.md, X2).
bool is_user_address(uint64_t address) { return address < VM_MAX_ADDRESS; }

template <class State>
mach::Result<natural_t> give(const State& from, natural_t* state, natural_t max_count)
{
    constexpr natural_t count = sizeof(State) / sizeof(natural_t);
    if (max_count < count)
        return mach::failure(KERN_INVALID_ARGUMENT);
    memcpy(state, &from, sizeof from);
    return count;
}

template <class State>
bool take(State& into, const natural_t* state, natural_t count)
{
    if (count != sizeof(State) / sizeof(natural_t))
        return false;
    memcpy(&into, state, sizeof into);
    return true;
}

x86_thread_state64_t general_state(const UserState& u)
{
    return {u.rax, u.rbx, u.rcx, u.rdx, u.rdi, u.rsi,    u.rbp, u.rsp, u.r8, u.r9,      u.r10,    u.r11,
            u.r12, u.r13, u.r14, u.r15, u.rip, u.rflags, u.cs,  0,     0,    u.fs_base, u.gs_base};
}

mach::Result<void> set_general_state(UserState& u, const x86_thread_state64_t& s)
{
    if (!is_user_address(s.rip) || !is_user_address(s.fs_base) || !is_user_address(s.gs_base))
        return mach::failure(KERN_INVALID_ARGUMENT);
    u.rax = s.rax, u.rbx = s.rbx, u.rcx = s.rcx, u.rdx = s.rdx, u.rdi = s.rdi, u.rsi = s.rsi, u.rbp = s.rbp;
    u.r8 = s.r8, u.r9 = s.r9, u.r10 = s.r10, u.r11 = s.r11, u.r12 = s.r12, u.r13 = s.r13, u.r14 = s.r14,
    u.r15 = s.r15;
    u.rsp = s.rsp, u.rip = s.rip;
    u.rflags = flags_always | (s.rflags & flags_user_may_set);
    u.fs_base = s.fs_base, u.gs_base = s.gs_base;
    u.entry = ENTRY_EXCEPTION;
    return {};
}

// MXCSR with a reserved bit, or a header that names unknown state, would make the restoring instruction fault (X7).
void set_fxsave_image(UserState& u, const uint8_t* image)
{
    auto& area = u.vector;
    memcpy(area.fxsave.data(), image, area.fxsave.size());
    uint32_t mxcsr;
    memcpy(&mxcsr, area.fxsave.data() + 24, sizeof mxcsr);
    mxcsr &= mxcsr_mask();
    memcpy(area.fxsave.data() + 24, &mxcsr, sizeof mxcsr);
    memset(area.fxsave.data() + 464, 0, 48);
    u.vector_valid = true;
}

mach::Result<void> set_debug_state(UserState& u, const x86_debug_state64_t& s)
{
    for (uint64_t address : {s.dr0, s.dr1, s.dr2, s.dr3}) {
        if (!is_user_address(address))
            return mach::failure(KERN_INVALID_ARGUMENT);
    }
    u.debug_address = {s.dr0, s.dr1, s.dr2, s.dr3};
    u.debug_status = s.dr6 & 0xf;
    u.debug_control = s.dr7 & debug_control_allowed;
    u.debug_used = (u.debug_control & 0xff) != 0;
    return {};
}

}  // namespace

void UserState::init_for_thread(user_address_t start, user_address_t stack)
{
    r15 = r14 = r13 = r12 = rbp = rbx = r11 = r10 = r9 = r8 = rax = rcx = rdx = rsi = rdi = 0;
    exception_vector = error_code = 0;
    cs = SELECTOR_USER_CODE;
    ss = SELECTOR_USER_DATA;
    rflags = flags_always;
    rsp = stack;
    mxcsr = 0x1f80;
    x87_control = 0x37f;
    vector_valid = debug_used = false;
    fs_base = gs_base = fault_address = 0;
    set_ip(start);
}

void UserState::set_ip(user_address_t address)
{
    rip = std::min<uint64_t>(address, VM_MAX_ADDRESS);
    entry = ENTRY_EXCEPTION;
}

void UserState::set_thread_pointer(user_address_t address)
{
    fs_base = address;
    if (is_loaded(*this))
        load_segment_bases(*this);
}

mach::Result<natural_t> UserState::get_state(int flavor, natural_t* state, natural_t max_count) const
{
    UserState& self = const_cast<UserState&>(*this);  // Registers may still be in the processor.
    switch (flavor) {
    case x86_THREAD_STATE64:
        store_if_loaded(self);
        return give(general_state(*this), state, max_count);
    case x86_FLOAT_STATE64:
        make_vector_valid(self);
        if (max_count < x86_FLOAT_STATE64_COUNT)
            return mach::failure(KERN_INVALID_ARGUMENT);
        memcpy(state, vector.fxsave.data(), vector.fxsave.size());
        return natural_t{x86_FLOAT_STATE64_COUNT};
    case x86_AVX_STATE64:
        if (!x86::features.avx)
            return mach::failure(KERN_NOT_SUPPORTED);
        make_vector_valid(self);
        return give(vector, state, max_count);
    case x86_EXCEPTION_STATE64:
        return give(x86_exception_state64_t{static_cast<uint16_t>(exception_vector), 0,
                                            static_cast<uint32_t>(error_code), fault_address},
                    state, max_count);
    case x86_DEBUG_STATE64:
        return give(x86_debug_state64_t{debug_address[0], debug_address[1], debug_address[2],
                                        debug_address[3], 0, 0, debug_status, debug_control},
                    state, max_count);
    default:
        return mach::failure(KERN_INVALID_ARGUMENT);
    }
}

mach::Result<void> UserState::set_state(int flavor, const natural_t* state, natural_t count)
{
    switch (flavor) {
    case x86_THREAD_STATE64: {
        x86_thread_state64_t s;
        if (!take(s, state, count))
            return mach::failure(KERN_INVALID_ARGUMENT);
        store_if_loaded(*this);
        TRY(set_general_state(*this, s));
        break;
    }
    case x86_FLOAT_STATE64: {
        if (count != x86_FLOAT_STATE64_COUNT)
            return mach::failure(KERN_INVALID_ARGUMENT);
        make_vector_valid(*this);
        set_fxsave_image(*this, reinterpret_cast<const uint8_t*>(state));
        vector.header[0] |= 3;  // x87 and SSE are as given.
        break;
    }
    case x86_AVX_STATE64: {
        x86_avx_state64_t s;
        if (!x86::features.avx)
            return mach::failure(KERN_NOT_SUPPORTED);
        if (!take(s, state, count))
            return mach::failure(KERN_INVALID_ARGUMENT);
        make_vector_valid(*this);
        set_fxsave_image(*this, s.fxsave);
        memcpy(vector.ymm_high.data(), s.ymm_high, vector.ymm_high.size());
        vector.header[0] = x86::features.xcr0;
        break;
    }
    case x86_DEBUG_STATE64: {
        x86_debug_state64_t s;
        if (!take(s, state, count))
            return mach::failure(KERN_INVALID_ARGUMENT);
        TRY(set_debug_state(*this, s));
        break;
    }
    default:
        return mach::failure(KERN_INVALID_ARGUMENT);
    }
    reload_if_loaded(*this);
    return {};
}

}  // namespace machine
