/* libc/mach/trap/trap_slot.S: the one place through which a program traps (design D21).
 *
 * Every trap stub loads its number into %eax and jumps through the slot. It holds the stub below until a
 * collocating loader, which finds the slot by its symbol, puts the kernel's own entry there. The arguments
 * are where a C call left them; the fourth moves to %r10, because the instruction destroys %rcx.
 */
    .text
    .globl __mach_trap_syscall
    .hidden __mach_trap_syscall
    .type __mach_trap_syscall, @function
    .p2align 4
__mach_trap_syscall:
    movq    %rcx, %r10
    syscall
    ret
    .size __mach_trap_syscall, . - __mach_trap_syscall

    .section .data.rel.ro.local, "aw", @progbits
    .globl __mach_trap_slot
    .type __mach_trap_slot, @object
    .p2align 3
__mach_trap_slot:
    .quad   __mach_trap_syscall
    .size __mach_trap_slot, 8

    .section .note.GNU-stack, "", @progbits
