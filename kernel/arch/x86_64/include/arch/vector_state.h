// kernel/arch/x86_64/include/arch/vector_state.h
//
// What of a thread's registers stays in the processor while its kernel code runs: the vector registers, the segment
// bases, the debug registers.  The kernel does not use them, so they are stored only when another thread gets the
// processor (context.cpp) or when somebody asks.
//
// A trap destroys the vector registers (design D2), so a thread that is switched away from in a trap keeps MXCSR and the
// x87 control word only, and finds the rest cleared: nothing of another thread's is ever left there.  A thread that was
// interrupted, or has taken a fault, keeps everything.
#ifndef PORTICO_ARCH_VECTOR_STATE_H
#define PORTICO_ARCH_VECTOR_STATE_H

#include <cstdint>

#include <arch/cpu.h>
#include <machine/user_state.h>

namespace machine {

uint32_t mxcsr_mask();  // The bits of MXCSR that this processor has.

bool is_loaded(const UserState& user);  // On this processor.

// User mode's %gs base is the other one of swapgs; the instructions of FSGSBASE are shorter than a model-specific register.
// An exception that may come in between asks neither of the two (X4).
inline void store_segment_bases(UserState& user)
{
    if (x86::features.fsgsbase)  // Else user mode cannot change them.
        asm volatile("rdfsbase %0\n\tswapgs\n\trdgsbase %1\n\tswapgs"
                     : "=r"(user.fs_base), "=r"(user.gs_base));
}

// A selector that user mode loaded would stay for the next thread, and tell it something (X8).  Before the bases.
inline void clear_selectors()
{
    uint64_t ds, es, fs, gs;
    asm volatile("mov %%ds, %0\n\tmov %%es, %1\n\tmov %%fs, %2\n\tmov %%gs, %3"
                 : "=r"(ds), "=r"(es), "=r"(fs), "=r"(gs));
    if ((ds | es | fs | gs) != 0) [[unlikely]] {
        asm volatile(
            "mov %0, %%ds\n\tmov %0, %%es\n\tmov %0, %%fs\n\tswapgs\n\tmov %0, %%gs\n\tswapgs" ::"r"(0));
    }
}

inline void load_segment_bases(const UserState& user)
{
    clear_selectors();
    if (x86::features.fsgsbase) {
        asm volatile("wrfsbase %0\n\tswapgs\n\twrgsbase %1\n\tswapgs" ::"r"(user.fs_base), "r"(user.gs_base));
    } else {
        x86::write_msr(x86::msr_fs_base, user.fs_base);
        x86::write_msr(x86::msr_kernel_gs_base, user.gs_base);
    }
}

// ---- Exchanges, on a processor with FSGSBASE and XSAVE.
// Both bases, for two threads of which one has just sent the other a message.  Selectors stay: they tell the receiver nothing
// that the sender could not say, and everyone else is protected by load_segment_bases().
[[gnu::always_inline]] inline void exchange_segment_bases(UserState& from, const UserState& to)
{
    uint64_t fs_base;
    uint64_t gs_base;
    asm volatile("rdfsbase %0\n\twrfsbase %2\n\tswapgs\n\trdgsbase %1\n\twrgsbase %3\n\tswapgs"
                 : "=&r"(fs_base), "=&r"(gs_base)
                 : "r"(to.fs_base), "r"(to.gs_base));
    from.fs_base = fs_base;
    from.gs_base = gs_base;
}

// All that a thread in a trap has: MXCSR and the x87 control word.  Whoever loads them finds the vector registers cleared.
extern const UserState::VectorArea initial_vector_state;
[[gnu::always_inline]] inline void restore_vector_state(const UserState::VectorArea& area)
{
    if (x86::features.xsave)
        asm volatile("xrstor64 %0" ::"m"(area), "a"(static_cast<uint32_t>(x86::features.xcr0)), "d"(0));
    else
        asm volatile("fxrstor64 %0" ::"m"(area));
}
[[gnu::always_inline]] inline void store_control_words(UserState& user)
{
    asm volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(user.mxcsr), "=m"(user.x87_control));
}
[[gnu::always_inline]] inline void load_control_words(const UserState& user)
{
    restore_vector_state(initial_vector_state);
    asm volatile("ldmxcsr %0\n\tfldcw %1" ::"m"(user.mxcsr), "m"(user.x87_control));
}
[[gnu::always_inline]] inline void exchange_control_words(UserState& from, const UserState& to)
{
    store_control_words(from);
    asm volatile("xrstor64 %0" ::"m"(initial_vector_state), "a"(static_cast<uint32_t>(x86::features.xcr0)),
                 "d"(0));
    asm volatile("ldmxcsr %0\n\tfldcw %1" ::"m"(to.mxcsr), "m"(to.x87_control));
}

// Before another thread's are loaded.
void store_vector_state(UserState& user);
void load_vector_state(UserState& user);

// Everything that may have changed in the processor, if `user` is loaded; and back.
void store_if_loaded(UserState& user);
void reload_if_loaded(UserState& user);
// user.vector holds the vector registers afterwards: the initial ones, if a trap has destroyed them.
void make_vector_valid(UserState& user);

}  // namespace machine

#endif
