// kernel/machine/hand_off.h
//
// The machine's part of the shortest hand-over (ipc/fast_rpc.h): the running thread, in a trap, gives the
// processor and its kernel stack to a thread that waits in a trap and has none.  Inline, because every message takes it.
#ifndef PORTICO_MACHINE_HAND_OFF_H
#define PORTICO_MACHINE_HAND_OFF_H

#include <cstdint>

#include <mach/vm_types.h>
#include <machine/context.h>
#include <machine/processor.h>

class Pmap;
class Thread;

namespace machine {

// arch/hand_off.h: MACHINE_TRAP_CALL, an attribute of functions that the entry code calls with nothing to be preserved.

// Which message traps are tried by the shortest way (ipc/mach_msg.h) before they are traps like others.
struct ShortestWays {
    bool messages = true;   // mach_msg_trap
    bool registers = true;  // mach_msg_call_trap, mach_msg_reply_trap
};
// On every processor; before others than this one have started.
void use_shortest_ways(ShortestWays ways);

// Whether a thread may give or take the processor in this way: thread.user.nothing_particular() (arch/user_state.h) says
// that it is in a trap, that only the registers below are to be moved, and that thread.pending() is 0.

// User copies go to the address space of `to` from now on, although `from` runs.  `to` cannot run meanwhile.  The caller
// goes back the same way, or on with hand_over_registers().
inline void hand_over_address_space(Processor& processor, Thread& from, Thread& to);

// What activate(to) does, for two such threads.
inline void hand_over_registers(Processor& processor, Thread& from, Thread& to);

// return_to_user() for such a thread.
[[noreturn]] inline void return_from_trap(Thread& thread);

// The same with a result of 0 and these in the registers of the trap's arguments.
[[noreturn]] inline void return_from_trap_with(Thread& thread, uint64_t first, uint64_t second,
                                               uint64_t third, uint64_t fourth, uint64_t fifth,
                                               uint64_t sixth);

// ---- Copies of a message, without a loop.
inline constexpr uint32_t message_header_size = 24;
inline constexpr uint32_t message_body_max = 8192 - message_header_size;  // Bytes, a multiple of four.
inline constexpr uint32_t short_body_max = 256;

// The words of mach_msg_header_t that mean something, or will.
struct MessageWords {
    uint32_t bits;
    uint32_t remote;
    uint32_t local;
    uint64_t last;  // The voucher, and above it the id.
};

// A message from user memory; its body goes to `body`.  False: something was absent, and what has been read is undefined.
// IsLong: made for bodies of more than short_body_max.
template <bool IsLong>
[[nodiscard]] inline bool load_message(user_address_t from, uint64_t body_words, MessageWords& message,
                                       void* body);
// The reverse, with the smallest trailer behind it.
template <bool IsLong>
[[nodiscard]] inline bool store_message(user_address_t to, uint32_t size, uint64_t body_words,
                                        const MessageWords& message, const void* body);

}  // namespace machine

#include <arch/hand_off.h>

#endif
