/* libc/posix/trap.S: the three places where a program of ours is not ordinary C: the interruptible message trap, the
 * child's side of fork, and where a signal makes a thread go. */

/* mach_msg_return_t __portico_interruptible_trap(msg, option, send_size, rcv_size, rcv_name, timeout, *signalled,
 *                                               *handlers_run)
 *
 * rbx is clear when the trap is entered; the process service sets its bit 0 if a signal arrives while ip lies
 * behind the trap instruction and not yet behind the stretch (docs/signals.md).  If a handler has run since the caller
 * cleared *handlers_run, the trap is not made and the answer is MACH_RCV_INTERRUPTED: a thread that is redirected between
 * that check and the trap comes back to the check (signals.c).
 * It has its own trap instruction and not the shared slot's, because the stretch must be known by address; programs with
 * signals are never collocated. */
    .text
    .globl __portico_interruptible_trap
    .hidden __portico_interruptible_trap
    .type __portico_interruptible_trap, @function
__portico_interruptible_trap:
    pushq   %rbx
    .globl __portico_trap_check
    .hidden __portico_trap_check
__portico_trap_check:
    movq    24(%rsp), %rax          /* handlers_run, the eighth argument */
    xorl    %ebx, %ebx
    cmpl    $0, (%rax)
    jne     1f
    movq    %rcx, %r10
    xorl    %eax, %eax              /* mach_msg_trap is number 0 of mach_traps.defs */
    .globl __portico_trap_begin
    .hidden __portico_trap_begin
__portico_trap_begin:
    syscall
    .globl __portico_trap_end
    .hidden __portico_trap_end
__portico_trap_end:
    movq    16(%rsp), %rcx          /* signalled, the seventh argument */
    movq    %rbx, (%rcx)
    popq    %rbx
    ret
1:  movl    $0x10004005, %eax       /* MACH_RCV_INTERRUPTED */
    jmp     __portico_trap_end
    .size __portico_interruptible_trap, . - __portico_interruptible_trap

/* pid_t __portico_fork_call(pid_t (*request)(uint64_t ip, uint64_t sp)): calls request with where the child is to
 * start, and returns what it returns; in the child returns 0, after __portico_child_start(). */
    .globl __portico_fork_call
    .hidden __portico_fork_call
    .type __portico_fork_call, @function
__portico_fork_call:
    pushq   %rbp
    pushq   %rbx
    pushq   %r12
    pushq   %r13
    pushq   %r14
    pushq   %r15
    subq    $8, %rsp
    stmxcsr (%rsp)
    fnstcw  4(%rsp)
    movq    %rdi, %rax
    leaq    1f(%rip), %rdi
    movq    %rsp, %rsi
    call    *%rax
2:  addq    $8, %rsp
    popq    %r15
    popq    %r14
    popq    %r13
    popq    %r12
    popq    %rbx
    popq    %rbp
    ret
1:  cld
    ldmxcsr (%rsp)
    fldcw   4(%rsp)
    call    __portico_child_start
    xorl    %eax, %eax
    jmp     2b
    .size __portico_fork_call, . - __portico_fork_call

/* Where a thread goes to take signals.  Every register but ip (and sp, for an alternate stack) is as the
 * interrupted code had it; our code has no red zone.  Builds a struct portico_signal_frame (signals.c), lets C code run
 * the handlers, and returns to the ip and sp that the frame then holds. */
    .globl __portico_signal_trampoline
    .hidden __portico_signal_trampoline
    .type __portico_signal_trampoline, @function
__portico_signal_trampoline:
    leaq    -8(%rsp), %rsp          /* ip's place: flags below must outlive its being written.  lea keeps the flags. */
    pushfq
    cld
    pushq   %rsp                    /* becomes frame.sp: set by C code */
    pushq   %rax
    pushq   %rcx
    pushq   %rdx
    pushq   %rbx
    pushq   %rbp
    pushq   %rsi
    pushq   %rdi
    pushq   %r8
    pushq   %r9
    pushq   %r10
    pushq   %r11
    pushq   %r12
    pushq   %r13
    pushq   %r14
    pushq   %r15
    movq    %rsp, %rdi
    movq    %rsp, %rbx
    subq    $512, %rsp
    andq    $-64, %rsp
    fxsave64 (%rsp)
    movq    %rsp, %rsi
    call    __portico_signal_entry
    fxrstor64 (%rsp)
    movq    %rbx, %rsp
    popq    %r15
    popq    %r14
    popq    %r13
    popq    %r12
    popq    %r11
    popq    %r10
    popq    %r9
    popq    %r8
    popq    %rdi
    popq    %rsi
    popq    %rbp
    popq    %rbx
    popq    %rdx
    popq    %rcx
    popq    %rax
    pushq   8(%rsp)
    popfq
    movq    (%rsp), %rsp            /* ip lies there: the C code has put it below the interrupted stack */
    ret
    .size __portico_signal_trampoline, . - __portico_signal_trampoline

    .section .note.GNU-stack, "", @progbits
