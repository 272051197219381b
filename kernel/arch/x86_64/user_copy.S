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
        .macro MAY_FAULT_TO after, instruction:vararg
88:     \instruction
        .pushsection .user_access, "a"
        .quad 88b, \after
        .popsection
        .endm
        .macro MAY_FAULT instruction:vararg
        MAY_FAULT_TO 99f, \instruction
        .endm

        .text
// size_t x86_copy_user(void* to, const void* from, size_t size)
// The number of bytes that were not copied; 0 if all were.  A string instruction that faults says how far it has come.
        .globl x86_copy_user
        .balign 16
x86_copy_user:
        ALLOW_USER_ACCESS
        movq %rdx, %rcx
        andl $7, %edx
        shrq $3, %rcx
        MAY_FAULT_TO 2f, rep movsq
        movl %edx, %ecx
        MAY_FAULT rep movsb
99:     FORBID_USER_ACCESS
        movq %rcx, %rax
        ret
2:      leaq (%rdx, %rcx, 8), %rcx
        jmp 99b

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
