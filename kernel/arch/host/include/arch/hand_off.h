// kernel/arch/host/include/arch/hand_off.h: see machine/hand_off.h.
#ifndef PORTICO_ARCH_HAND_OFF_H
#define PORTICO_ARCH_HAND_OFF_H

#include <kern/task.h>
#include <kern/thread.h>
#include <mach/message.h>
#include <machine/user_copy.h>
#include <vm/vm_map.h>

#define MACHINE_TRAP_CALL

namespace machine {

inline void hand_over_address_space(Processor& processor, Thread& from, Thread& to)
{
    (void)from;
    processor.arch.pmap = &to.task().map().pmap();
}

inline void hand_over_registers(Processor& processor, Thread&, Thread&) { processor.arch.pmap = nullptr; }

[[noreturn]] inline void return_from_trap(Thread& thread) { return_to_user(thread); }

[[noreturn]] inline void return_from_trap_with(Thread& thread, uint64_t first, uint64_t second,
                                               uint64_t third, uint64_t fourth, uint64_t fifth,
                                               uint64_t sixth)
{
    thread.user.set_message_in_registers({first, second, third, fourth, fifth, sixth});
    thread.user.set_trap_result(0);
    return_to_user(thread);
}

template <bool>
inline bool load_message(user_address_t from, uint64_t body_words, MessageWords& message, void* body)
{
    mach_msg_header_t header;
    if (!copy_in(&header, from, sizeof header) || !copy_in(body, from + sizeof header, body_words * 4))
        return false;
    message.bits = header.msgh_bits;
    message.remote = header.msgh_remote_port;
    message.local = header.msgh_local_port;
    __builtin_memcpy(&message.last, &header.msgh_voucher_port, sizeof message.last);
    return true;
}

template <bool>
inline bool store_message(user_address_t to, uint32_t size, uint64_t body_words, const MessageWords& message,
                          const void* body)
{
    mach_msg_header_t header{};
    header.msgh_bits = message.bits;
    header.msgh_size = size;
    header.msgh_remote_port = message.remote;
    header.msgh_local_port = message.local;
    __builtin_memcpy(&header.msgh_voucher_port, &message.last, sizeof message.last);
    const mach_msg_trailer_t trailer{MACH_MSG_TRAILER_FORMAT_0, sizeof(mach_msg_trailer_t)};
    return copy_out(to, &header, sizeof header) && copy_out(to + sizeof header, body, body_words * 4) &&
           copy_out(to + size, &trailer, sizeof trailer);
}

}  // namespace machine

#endif
