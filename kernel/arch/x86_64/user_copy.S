// kernel/arch/x86_64/user_copy.S
//
// The accesses to user memory (machine/user_copy.h).  Each that may fault has an entry in .user_access: its address, and
// where to go on after a fault (traps.cpp).  The three-byte nops become stac and clac where the processor has SMAP
// (cpu_features.cpp).
        .macro ALLOW_USER_ACCESS
77:     .byte 0x0f, 0x1f, 0x00          // nopl (%rax)
        .pushsection .smap_sites, "a"
        .quad 77b
        .quad 1
        .popsection
        .endm
        .macro FORBID_USER_ACCESS
77:     .byte 0x0f, 0x1f, 0x00
        .pushsection .smap_sites, "a"
        .quad 77b
        .quad 0
        .popsection
        .endm
        .macro MAY_FAULT instruction:vararg
88:     \instruction
        .pushsection .user_access, "a"
        .quad 88b, 99f
        .popsection
        .endm

        .text
// size_t x86_copy_user(void* to, const void* from, size_t size)
// The number of bytes that were not copied; 0 if all were.
        .globl x86_copy_user
        .balign 16
x86_copy_user:
        ALLOW_USER_ACCESS
        cmpq $32, %rdx
        jb 2f
1:      MAY_FAULT movq (%rsi), %rax
        MAY_FAULT movq 8(%rsi), %rcx
        MAY_FAULT movq 16(%rsi), %r8
        MAY_FAULT movq 24(%rsi), %r9
        MAY_FAULT movq %rax, (%rdi)
        MAY_FAULT movq %rcx, 8(%rdi)
        MAY_FAULT movq %r8, 16(%rdi)
        MAY_FAULT movq %r9, 24(%rdi)
        addq $32, %rsi
        addq $32, %rdi
        subq $32, %rdx
        cmpq $32, %rdx
        jae 1b
2:      cmpq $8, %rdx
        jb 3f
        MAY_FAULT movq (%rsi), %rax
        MAY_FAULT movq %rax, (%rdi)
        addq $8, %rsi
        addq $8, %rdi
        subq $8, %rdx
        jmp 2b
3:      testq %rdx, %rdx
        jz 99f
4:      MAY_FAULT movb (%rsi), %al
        MAY_FAULT movb %al, (%rdi)
        incq %rsi
        incq %rdi
        decq %rdx
        jnz 4b
99:     FORBID_USER_ACCESS
        movq %rdx, %rax
        ret

// bool x86_touch_write(void* at): false if it faulted.  Changes nothing; locked, since other threads write there, too.
        .globl x86_touch_write
        .balign 16
x86_touch_write:
        ALLOW_USER_ACCESS
        xorl %eax, %eax
        MAY_FAULT lock orb $0, (%rdi)
        movl $1, %eax
99:     FORBID_USER_ACCESS
        ret

// bool x86_touch_read(const void* at)
        .globl x86_touch_read
        .balign 16
x86_touch_read:
        ALLOW_USER_ACCESS
        xorl %eax, %eax
        MAY_FAULT testb $0, (%rdi)
        movl $1, %eax
99:     FORBID_USER_ACCESS
        ret
