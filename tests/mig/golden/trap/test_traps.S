/* Stubs of test_traps, made by mig from traps.defs.  Changes here will be lost. */
/* The slot holds what enters the kernel; arguments are where a C call leaves them. */
    .text

    .globl self_trap
    .type self_trap, @function
    .p2align 4
self_trap:
    movl    $10, %eax
    jmpq    *__mach_trap_slot(%rip)
    .size self_trap, . - self_trap

    .globl read_trap
    .type read_trap, @function
    .p2align 4
read_trap:
    movl    $12, %eax
    jmpq    *__mach_trap_slot(%rip)
    .size read_trap, . - read_trap

    .section .note.GNU-stack, "", @progbits
