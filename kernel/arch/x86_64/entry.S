// kernel/arch/x86_64/entry.S
//
// Where the processor enters the kernel, and where it leaves it.
//
// From user mode everything is saved straight into the thread's UserState (include/arch/user_state.h), and the kernel then runs
// on the thread's empty kernel stack.  A system call stores there by mov; an exception pushes there, because the TSS names
// the end of that frame as the stack for ring 0.  Only exceptions from the kernel itself (a fault in a user copy, an
// interrupt while idle) have a frame on a stack.
//
// docs/x86.md lists the hazards of this interface, and what is done about each; "X" numbers refer to it.
#include <arch/offsets.h>

        .section .text.entry, "ax"

// ---- System calls.  rcx: return address, r11: flags.  Interrupts, TF, DF, AC and NT are off (FMASK; X1).
        .macro SAVE_AT_TRAP
        swapgs
        movq %rsp, %gs:CPU_SCRATCH
        movq %gs:CPU_FRAME_END, %rsp
        movq %rax, USER_RAX - USER_FRAME_END(%rsp)
        movq %rdi, USER_RDI - USER_FRAME_END(%rsp)
        movq %rsi, USER_RSI - USER_FRAME_END(%rsp)
        movq %rdx, USER_RDX - USER_FRAME_END(%rsp)
        movq %r10, USER_R10 - USER_FRAME_END(%rsp)
        movq %r8, USER_R8 - USER_FRAME_END(%rsp)
        movq %r9, USER_R9 - USER_FRAME_END(%rsp)
        movq %rbx, USER_RBX - USER_FRAME_END(%rsp)
        movq %rbp, USER_RBP - USER_FRAME_END(%rsp)
        movq %r12, USER_R12 - USER_FRAME_END(%rsp)
        movq %r13, USER_R13 - USER_FRAME_END(%rsp)
        movq %r14, USER_R14 - USER_FRAME_END(%rsp)
        movq %r15, USER_R15 - USER_FRAME_END(%rsp)
        movq %rcx, USER_RIP - USER_FRAME_END(%rsp)
        movq %r11, USER_RFLAGS - USER_FRAME_END(%rsp)
        movq %gs:CPU_SCRATCH, %rbx
        movq %rbx, USER_RSP - USER_FRAME_END(%rsp)
        movw $ENTRY_TRAP, USER_ENTRY - USER_FRAME_END(%rsp)     // And no message in registers, so far.
        .endm

        .globl syscall_entry
        .balign 64
syscall_entry:
        SAVE_AT_TRAP
        movq %gs:CPU_THREAD, %r12
        movq %gs:CPU_SELF, %r13
        movq %gs:CPU_STACK_TOP, %rsp
        movq %r10, %rcx
        testq %rax, %rax                // mach_msg_trap is number 0 (asserted in traps.cpp).
        jnz 2f
        call mach_msg_fast              // By preserve_none: r12, r13, and from rdi on the arguments of the trap.
1:      movq %gs:CPU_THREAD, %rdi
        movq %gs:CPU_STACK_TOP, %rsp
        xorl %ebp, %ebp
        call x86_system_call            // (Thread&); does not return
        ud2
2:      cmpq $TRAP_MACH_MSG_CALL, %rax
        je 3f
        cmpq $TRAP_MACH_MSG_REPLY, %rax
        jne 1b
        call mach_msg_reply_fast
        jmp 1b
3:      call mach_msg_call_fast
        jmp 1b

// The same without the shortest way for messages in registers, and for any: what it needs not every processor has, and
// somebody may want to see what it is worth (cpu_features.cpp).
        .globl syscall_entry_memory
        .balign 64
syscall_entry_memory:
        SAVE_AT_TRAP
        testq %rax, %rax
        jnz 1b
        movq %gs:CPU_THREAD, %r12
        movq %gs:CPU_SELF, %r13
        movq %gs:CPU_STACK_TOP, %rsp
        movq %r10, %rcx
        call mach_msg_fast
        jmp 1b

        .globl syscall_entry_plain
        .balign 16
syscall_entry_plain:
        SAVE_AT_TRAP
        jmp 1b

// The 32-bit ways in are not offered: syscall from compatibility mode comes here, and there is no such segment.
        .globl syscall_entry_32
syscall_entry_32:
        ud2

// ---- Back to user mode.  rdi: the end of the running thread's frame.
        .globl return_to_user_by_trap
        .balign 64
return_to_user_by_trap:
        movq USER_RAX - USER_FRAME_END(%rdi), %rax
        movq USER_RSI - USER_FRAME_END(%rdi), %rsi
        movq USER_RDX - USER_FRAME_END(%rdi), %rdx
        movq USER_R10 - USER_FRAME_END(%rdi), %r10
        movq USER_R8 - USER_FRAME_END(%rdi), %r8
        movq USER_R9 - USER_FRAME_END(%rdi), %r9
        movq USER_RBX - USER_FRAME_END(%rdi), %rbx
        movq USER_RBP - USER_FRAME_END(%rdi), %rbp
        movq USER_R12 - USER_FRAME_END(%rdi), %r12
        movq USER_R13 - USER_FRAME_END(%rdi), %r13
        movq USER_R14 - USER_FRAME_END(%rdi), %r14
        movq USER_R15 - USER_FRAME_END(%rdi), %r15
        movq USER_RIP - USER_FRAME_END(%rdi), %rcx       // Canonical, because syscall left it (U1, X2).
        movq USER_RFLAGS - USER_FRAME_END(%rdi), %r11
        movq USER_RSP - USER_FRAME_END(%rdi), %rsp
        movq USER_RDI - USER_FRAME_END(%rdi), %rdi
        swapgs
        sysretq

// The same from a trap that answers 0 and a message in registers: rdi, rsi, rdx, r10, r8, r9.  rcx: that end.
        .globl return_to_user_with_message
        .balign 64
return_to_user_with_message:
        xorl %eax, %eax
        movq USER_RBX - USER_FRAME_END(%rcx), %rbx
        movq USER_RBP - USER_FRAME_END(%rcx), %rbp
        movq USER_R12 - USER_FRAME_END(%rcx), %r12
        movq USER_R13 - USER_FRAME_END(%rcx), %r13
        movq USER_R14 - USER_FRAME_END(%rcx), %r14
        movq USER_R15 - USER_FRAME_END(%rcx), %r15
        movq USER_RFLAGS - USER_FRAME_END(%rcx), %r11
        movq USER_RSP - USER_FRAME_END(%rcx), %rsp
        movq USER_RIP - USER_FRAME_END(%rcx), %rcx       // As above.
        swapgs
        sysretq

// rdi: the UserState.
        .globl return_to_user_by_exception
return_to_user_by_exception:
        movq %rdi, %rsp
        popq %r15
        popq %r14
        popq %r13
        popq %r12
        popq %rbp
        popq %rbx
        popq %r11
        popq %r10
        popq %r9
        popq %r8
        popq %rax
        popq %rcx
        popq %rdx
        popq %rsi
        popq %rdi
        addq $16, %rsp                  // vector and error code
        swapgs
        iretq

// ---- Exceptions and interrupts.  Each stub leaves vector and error code below the processor's frame.
        .macro PUSH_REGISTERS
        pushq %rdi
        pushq %rsi
        pushq %rdx
        pushq %rcx
        pushq %rax
        pushq %r8
        pushq %r9
        pushq %r10
        pushq %r11
        pushq %rbx
        pushq %rbp
        pushq %r12
        pushq %r13
        pushq %r14
        pushq %r15
        .endm

        .macro POP_REGISTERS
        popq %r15
        popq %r14
        popq %r13
        popq %r12
        popq %rbp
        popq %rbx
        popq %r11
        popq %r10
        popq %r9
        popq %r8
        popq %rax
        popq %rcx
        popq %rdx
        popq %rsi
        popq %rdi
        addq $16, %rsp
        .endm

// AC, DF, NT, TF and the interrupt flag: what user mode had set stays in its frame (X1).
        .macro CLEAN_FLAGS
        pushq $2
        popfq
        .endm

exception_common:
        testb $3, 24(%rsp)
        jz exception_from_kernel
        PUSH_REGISTERS                  // rsp is now the UserState.
        swapgs
        movq %rsp, %rdi
exception_from_user:                    // rdi: UserState
        movb $ENTRY_EXCEPTION, USER_ENTRY(%rdi)
        movq %gs:CPU_STACK_TOP, %rsp
        CLEAN_FLAGS
        xorl %ebp, %ebp
        call x86_exception_from_user    // (UserState&); does not return
        ud2

exception_from_kernel:
        PUSH_REGISTERS
        CLEAN_FLAGS
        movq %rsp, %rdi
        xorl %ebp, %ebp
        call x86_exception_from_kernel  // (KernelFrame&)
        POP_REGISTERS
        iretq

// Exceptions that may come at any instruction, with %rsp and %gs in any state, have stacks of their own (X4).
exception_any_time:
        testb $3, 24(%rsp)
        jz any_time_from_kernel
        // From user mode: move the frame to where the others have it, and go on as they do.
        swapgs
        movq %rdi, %gs:CPU_SCRATCH
        movq %gs:CPU_FRAME_END, %rdi
        leaq -USER_FRAME_END(%rdi), %rdi
        movq %rax, USER_RAX(%rdi)
        .irp offset, 0, 8, 16, 24, 32, 40, 48
        movq \offset(%rsp), %rax
        movq %rax, USER_VECTOR + \offset(%rdi)
        .endr
        movq %gs:CPU_SCRATCH, %rax
        movq %rax, USER_RDI(%rdi)
        movq %rsi, USER_RSI(%rdi)
        movq %rdx, USER_RDX(%rdi)
        movq %rcx, USER_RCX(%rdi)
        movq %r8, USER_R8(%rdi)
        movq %r9, USER_R9(%rdi)
        movq %r10, USER_R10(%rdi)
        movq %r11, USER_R11(%rdi)
        movq %rbx, USER_RBX(%rdi)
        movq %rbp, USER_RBP(%rdi)
        movq %r12, USER_R12(%rdi)
        movq %r13, USER_R13(%rdi)
        movq %r14, USER_R14(%rdi)
        movq %r15, USER_R15(%rdi)
        jmp exception_from_user

any_time_from_kernel:
        PUSH_REGISTERS
        CLEAN_FLAGS
        movl $0xc0000101, %ecx          // GS base: the kernel's, or user mode's if we were about to leave or enter.
        rdmsr
        shlq $32, %rdx
        orq %rdx, %rax
        movq %rax, %rbx
        movq %rsp, %rdx                 // The processor's record is at the top of this stack.
        orq $INTERRUPT_STACK_SIZE - 1, %rdx
        movq -15(%rdx), %rax
        movq %rax, %rdx
        shrq $32, %rdx
        wrmsr
        movq %rsp, %rdi
        movq %rsp, %r12
        xorl %ebp, %ebp
        call x86_exception_any_time     // (KernelFrame&)
        movq %r12, %rsp
        movq %rbx, %rax
        movq %rbx, %rdx
        shrq $32, %rdx
        movl $0xc0000101, %ecx
        wrmsr
        POP_REGISTERS
        iretq

// The stubs: 16 bytes each, so that the IDT is filled by arithmetic.  Vectors with an error code: 8, 10-14, 17, 21, 29, 30.
        .balign 16
        .globl exception_stubs
exception_stubs:
        .set vector, 0
        .rept 0x50
        .balign 16
        .if (vector != 8) && ((vector < 10) || (vector > 14)) && (vector != 17) && (vector != 21) && (vector != 29) && (vector != 30)
        pushq $0
        .endif
        pushq $vector
        .if (vector == 1) || (vector == 2) || (vector == 8) || (vector == 18)
        jmp exception_any_time
        .else
        jmp exception_common
        .endif
        .set vector, vector + 1
        .endr

// ---- Moving between kernel stacks.
// void switch_stacks(uint64_t* save_sp, uint64_t load_sp)
        .globl switch_stacks
switch_stacks:
        pushq %rbp
        pushq %rbx
        pushq %r12
        pushq %r13
        pushq %r14
        pushq %r15
        movq %rsp, (%rdi)
        movq %rsi, %rsp
        popq %r15
        popq %r14
        popq %r13
        popq %r12
        popq %rbx
        popq %rbp
        ret

// [[noreturn]] void load_stack(uint64_t load_sp)
        .globl load_stack
load_stack:
        movq %rdi, %rsp
        popq %r15
        popq %r14
        popq %r13
        popq %r12
        popq %rbx
        popq %rbp
        ret

// Where prepare_stack() lets a new stack begin.  r12: continuation, rbx: thread.
        .globl start_on_stack
start_on_stack:
        movq %rbx, %rdi
        xorl %ebp, %ebp
        call *%r12
        ud2

// [[noreturn]] void call_on_stack(uint64_t top, Continuation, Thread&)
        .globl call_on_stack
call_on_stack:
        movq %rdi, %rsp
        movq %rdx, %rdi
        xorl %ebp, %ebp
        call *%rsi
        ud2
