/* libc/mach/c/internal.h: what the files of this library share. */
#ifndef PORTICO_LIBC_MACH_INTERNAL_H
#define PORTICO_LIBC_MACH_INTERNAL_H

#include <mach/mach.h>

#define HIDDEN __attribute__((visibility("hidden")))

/* The calling thread's reply port belonged to another space: it has none now. */
HIDDEN void __portico_forget_reply_port(void);

/* mach_msg_trap() in place: a trap keeps its arguments' registers, so what is started again need not be saved. The
 * entry behind the slot moves the fourth argument to %r10, where it stays. */
static inline mach_msg_return_t message_trap(mach_msg_header_t* msg, mach_msg_option_t option,
                                             mach_msg_size_t send_size, mach_msg_size_t* rcv_size,
                                             mach_port_name_t rcv_name, mach_msg_timeout_t timeout)
{
    mach_msg_return_t code = MACH_TRAP_MACH_MSG_TRAP;
    register mach_msg_size_t kept __asm__("r10");
    register mach_msg_size_t fourth __asm__("rcx") = *rcv_size;
    register mach_port_name_t fifth __asm__("r8") = rcv_name;
    register mach_msg_timeout_t sixth __asm__("r9") = timeout;

    __asm__ volatile("call *__mach_trap_slot(%%rip)"
                     : "+a"(code), "=r"(kept), "+r"(fourth)
                     : "D"(msg), "S"(option), "d"(send_size), "r"(fifth), "r"(sixth)
                     : "r11", "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
                       "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
    *rcv_size = kept;
    return code;
}

#endif
