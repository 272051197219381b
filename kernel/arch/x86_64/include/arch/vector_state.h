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

#include <machine/user_state.h>

namespace machine {

uint32_t mxcsr_mask();  // The bits of MXCSR that this processor has.

bool is_loaded(const UserState& user);  // On this processor.

void store_segment_bases(UserState& user);
void load_segment_bases(const UserState& user);

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
