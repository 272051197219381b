// kernel/arch/x86_64/include/arch/hand_off.h: see machine/hand_off.h.
#ifndef PORTICO_ARCH_HAND_OFF_H
#define PORTICO_ARCH_HAND_OFF_H

#include <arch/io_bitmap.h>
#include <arch/pmap_switch.h>
#include <arch/user_access.h>
#include <arch/vector_state.h>
#include <kern/task.h>
#include <kern/thread.h>
#include <mach/message.h>

#include <vm/vm_map.h>

#define MACHINE_TRAP_CALL [[clang::preserve_none]]

namespace machine {

// As switch_pmap(), for two threads with address spaces of their own: so this processor's bit is set in one of them and
// clear in the other.
[[gnu::always_inline]] inline void hand_over_address_space(Processor& processor, Thread& from, Thread& to)
{
    ProcessorArch& cpu = processor.arch;
    Pmap& pmap = to.task().map().pmap();
    Pmap* const old = cpu.pmap;
    (void)from;
    if (old == &pmap)
        return;
    pmap.state().running_on.fetch_or(cpu.running_bit, std::memory_order_seq_cst);
    x86::write_cr3(pmap.state().top_physical);
    old->state().running_on.fetch_sub(cpu.running_bit, std::memory_order_seq_cst);
    cpu.pmap = &pmap;
}

[[gnu::always_inline]] inline void hand_over_registers(Processor& processor, Thread& from, Thread& to)
{
    ProcessorArch& cpu = processor.arch;
    cpu.thread = &to;
    cpu.tables.tss.rsp0 = to.user.frame_end();
    exchange_segment_bases(from.user, to.user);
    exchange_control_words(from.user, to.user);
}

extern "C" [[noreturn]] void return_to_user_by_trap(uint64_t frame_end);
[[noreturn, gnu::always_inline]] inline void return_from_trap(Thread& thread)
{
    return_to_user_by_trap(thread.user.frame_end());
}

[[noreturn, gnu::always_inline]] inline void return_from_trap_with(Thread& thread, uint64_t first,
                                                                   uint64_t second, uint64_t third,
                                                                   uint64_t fourth, uint64_t fifth,
                                                                   uint64_t sixth)
{
    register uint64_t r10 asm("r10") = fourth;
    register uint64_t r8 asm("r8") = fifth;
    register uint64_t r9 asm("r9") = sixth;
    asm volatile("jmp return_to_user_with_message"
                 :
                 : "c"(thread.user.frame_end()), "D"(first), "S"(second), "d"(third), "r"(r10), "r"(r8),
                   "r"(r9)
                 : "memory");
    __builtin_unreachable();
}

// An address in the lower half.  The page that ends there is never mapped, so whatever is read or written from here on in
// ascending order faults before it could leave user space (X6).
[[gnu::always_inline]] inline bool is_user_address(user_address_t address) { return address >> 47 == 0; }

// rep movs is counted by its turns in the emulator, and costs little where it is fast.  Short bodies are moved by words of four
// bytes, since to split them would cost more than it saves.
// clang-format off
#define X86_LOAD_HEADER                                                                                      \
    X86_MAY_FAULT("movl (%%rsi), %k[bits]", "%l[absent]")                                                    \
    X86_MAY_FAULT("movl 8(%%rsi), %k[remote]", "%l[absent]")                                                 \
    X86_MAY_FAULT("movl 12(%%rsi), %k[local]", "%l[absent]")                                                 \
    X86_MAY_FAULT("movq 16(%%rsi), %[last]", "%l[absent]")                                                   \
    "addq $24, %%rsi\n"
#define X86_STORE_HEADER                                                                                     \
    X86_MAY_FAULT("movl %[bits], (%%rdi)", "%l[absent]")                                                     \
    X86_MAY_FAULT("movl %[size], 4(%%rdi)", "%l[absent]")                                                    \
    X86_MAY_FAULT("movl %[remote], 8(%%rdi)", "%l[absent]")                                                  \
    X86_MAY_FAULT("movl %[local], 12(%%rdi)", "%l[absent]")                                                  \
    X86_MAY_FAULT("movq %[last], 16(%%rdi)", "%l[absent]")                                                   \
    "addq $24, %%rdi\n"
#define X86_STORE_TRAILER                                                                                    \
    X86_MAY_FAULT("movl %[type], (%%rdi)", "%l[absent]")                                                     \
    X86_MAY_FAULT("movl %[trailer], 4(%%rdi)", "%l[absent]")
#define X86_MOVE_BODY                                                                                        \
    ".if %c[by_pairs]\n"                                                                                     \
    X86_MAY_FAULT("rep movsq", "%l[absent]")                                                                 \
    "movl %k[odd], %%ecx\n"                                                                                  \
    ".endif\n"                                                                                               \
    X86_MAY_FAULT("rep movsl", "%l[absent]")

template <bool IsLong>
[[gnu::always_inline]] inline bool load_message(user_address_t from, uint64_t body_words, MessageWords& message, void* body)
{
    if (!is_user_address(from)) [[unlikely]]
        return false;
    static_assert(message_header_size == 24);
    uint64_t turns = IsLong ? body_words / 2 : body_words;
    asm goto(X86_ALLOW_USER_ACCESS
             X86_LOAD_HEADER
             X86_MOVE_BODY
             X86_FORBID_USER_ACCESS
             : [bits] "=&r"(message.bits), [remote] "=&r"(message.remote), [local] "=&r"(message.local),
               [last] "=&r"(message.last), "+S"(from), "+D"(body), "+c"(turns)
             : [by_pairs] "i"(int{IsLong}), [odd] "ri"(IsLong ? body_words % 2 : 0)
             : "memory", "cc"
             : absent);
    return true;
absent:
    forbid_user_access();
    return false;
}

template <bool IsLong>
[[gnu::always_inline]] inline bool store_message(user_address_t to, uint32_t size, uint64_t body_words,
                                                 const MessageWords& message, const void* body)
{
    if (!is_user_address(to)) [[unlikely]]
        return false;
    uint64_t turns = IsLong ? body_words / 2 : body_words;
    asm goto(X86_ALLOW_USER_ACCESS
             X86_STORE_HEADER
             X86_MOVE_BODY
             X86_STORE_TRAILER
             X86_FORBID_USER_ACCESS
             : "+S"(body), "+D"(to), "+c"(turns)
             : [bits] "ri"(message.bits), [size] "r"(size), [remote] "ri"(message.remote), [local] "r"(message.local),
               [last] "r"(message.last), [by_pairs] "i"(int{IsLong}), [odd] "ri"(IsLong ? body_words % 2 : 0),
               [type] "i"(MACH_MSG_TRAILER_FORMAT_0), [trailer] "i"(sizeof(mach_msg_trailer_t))
             : "memory", "cc"
             : absent);
    return true;
absent:
    forbid_user_access();
    return false;
}
#undef X86_LOAD_HEADER
#undef X86_STORE_HEADER
#undef X86_STORE_TRAILER
#undef X86_MOVE_BODY
// clang-format on

}  // namespace machine

#endif
