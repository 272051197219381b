/* libc/mach/c/mach_msg_registers.c: the traps that take and give a message in registers. */
#include <mach/mach_msg_registers.h>

#include "internal.h"

/* The entry behind the slot moves the fourth argument to %r10, where the answer's is, too. */
static mach_msg_return_t registers_trap(mach_msg_return_t number, mach_msg_registers_t* message)
{
    uint64_t first = message->ports;
    uint64_t second = message->info;
    uint64_t third = message->word[0];
    register uint64_t fourth __asm__("rcx") = message->word[1];
    register uint64_t fourth_back __asm__("r10");
    register uint64_t fifth __asm__("r8") = message->word[2];
    register uint64_t sixth __asm__("r9") = message->word[3];

    __asm__ volatile("call *__mach_trap_slot(%%rip)"
                     : "+a"(number), "+D"(first), "+S"(second), "+d"(third), "+r"(fourth), "=r"(fourth_back),
                       "+r"(fifth), "+r"(sixth)
                     :
                     : "r11", "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
                       "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
    message->ports = first;
    message->info = second;
    message->word[0] = third;
    message->word[1] = fourth_back;
    message->word[2] = fifth;
    message->word[3] = sixth;
    return number;
}

static mach_msg_return_t send_and_receive(mach_msg_return_t number, mach_msg_registers_t* message)
{
    const mach_port_name_t receive_name = MACH_MSG_REGISTERS_LOCAL(message->ports);
    mach_msg_return_t code = registers_trap(number, message);

    /* As if the message had come back to its sender: rights that were moved may have other names now. */
    while (code == MACH_SEND_INTERRUPTED)
        code = registers_trap(number, message);
    while (code == MACH_RCV_INTERRUPTED) {
        message->ports = MACH_MSG_REGISTERS_PORTS(MACH_PORT_NULL, receive_name);
        message->info = 0;
        code = registers_trap(MACH_TRAP_MACH_MSG_REPLY_TRAP, message);
    }
    return code;
}

mach_msg_return_t mach_msg_call(mach_msg_registers_t* message)
{
    return send_and_receive(MACH_TRAP_MACH_MSG_CALL_TRAP, message);
}

mach_msg_return_t mach_msg_reply(mach_msg_registers_t* message)
{
    return send_and_receive(MACH_TRAP_MACH_MSG_REPLY_TRAP, message);
}
