// kernel/arch/x86_64/start_other.S
//
// Where a processor that another one has woken begins: in real mode, at START_OTHER_AT, to which start_processors() has
// copied what lies between the two labels.  It goes the way of boot.S, with the page tables that boot.S has made.
#include <arch/offsets.h>

#define COPIED(label) (START_OTHER_AT + (label - start_other_begin))

        .section .rodata.start_other, "a"
        .globl start_other_begin
start_other_begin:
        .code16
        cli
        cld
        xorw %ax, %ax
        movw %ax, %ds
        lgdtl COPIED(other_gdt_pointer)
        movl %cr0, %eax
        orl $1, %eax                    // protection
        movl %eax, %cr0
        ljmpl $0x08, $COPIED(other_32)

        .code32
other_32:
        movw $0x10, %ax
        movw %ax, %ds
        movl %cr4, %eax
        orl $(1 << 5), %eax             // PAE
        movl %eax, %cr4
        movl $(boot_top - KERNEL_BASE), %eax
        movl %eax, %cr3
        movl $0xc0000080, %ecx          // EFER
        rdmsr
        orl $(1 << 8), %eax             // long mode
        wrmsr
        movl %cr0, %eax
        orl $0x80000000, %eax           // paging
        movl %eax, %cr0
        ljmpl $0x18, $COPIED(other_64)

        .code64
other_64:
        xorl %eax, %eax
        movl %eax, %ds
        movl %eax, %es
        movl %eax, %ss
        movl %eax, %fs
        movl %eax, %gs
        movabsq $other_high, %rax
        jmp *%rax

        .balign 8
other_gdt:
        .quad 0
        .quad 0x00cf9b000000ffff        // 32-bit code
        .quad 0x00cf93000000ffff        // data
        .quad 0x00af9b000000ffff        // 64-bit code
other_gdt_pointer:
        .short 31
        .long COPIED(other_gdt)
        .globl start_other_end
start_other_end:

        .section .text.start_other, "ax"
other_high:
        movq start_other_stack(%rip), %rsp
        movq start_other_processor(%rip), %rdi
        xorl %ebp, %ebp
        pushq $0                        // The end of every backtrace.
        pushq $0
        call x86_start_other
        ud2
