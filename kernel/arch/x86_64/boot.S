// kernel/arch/x86_64/boot.S
//
// From the boot loader to x86_start(): two headers, and the way into long mode.
//
// GRUB reads the multiboot 2 header and loads the ELF segments.  QEMU's -kernel reads the multiboot 1 header; since it
// refuses 64-bit ELF, the header gives the addresses itself (the "a.out kludge").  Both enter boot_entry in 32-bit
// protected mode, paging off, with a magic number in eax and the physical address of the boot information in ebx.
#include <arch/offsets.h>

#define MB1_MAGIC 0x1badb002
#define MB1_FLAGS 0x00010003        /* modules on page boundaries, memory map, addresses given here */
#define MB2_MAGIC 0xe85250d6

        .section .multiboot, "a"
        .balign 8
multiboot1_header:
        .long MB1_MAGIC, MB1_FLAGS, -(MB1_MAGIC + MB1_FLAGS)
        .long multiboot1_header         // header's own address
        .long image_physical_start      // load here
        .long image_physical_data_end   // as far as this
        .long image_physical_end        // and clear as far as this
        .long boot_entry

        .balign 8
multiboot2_header:
        .long MB2_MAGIC, 0, multiboot2_end - multiboot2_header
        .long -(MB2_MAGIC + 0 + (multiboot2_end - multiboot2_header))
        // What we want to know: command line, modules, memory map; if they are there, the ACPI tables.
        .balign 8
1:      .short 1, 0
        .long 2f - 1b
        .long 1, 3, 6
2:      .balign 8
1:      .short 1, 1
        .long 2f - 1b
        .long 14, 15
2:      .balign 8
        .short 6, 0                     // modules on page boundaries
        .long 8
        .balign 8
        .short 0, 0
        .long 8
multiboot2_end:

        .section .boot.text, "ax"
        .code32
        .globl boot_entry
boot_entry:
        cli
        cld
        movl $boot_stack_top - KERNEL_BASE, %esp
        movl %eax, %edi                 // x86_start()'s arguments
        movl %ebx, %esi

        movl $0x80000000, %eax
        cpuid
        cmpl $0x80000001, %eax
        jb no_long_mode
        movl $0x80000001, %eax
        cpuid
        testl $(1 << 29), %edx
        jz no_long_mode

        // The first page tables: 4 GiB in 2 MiB pages, seen at 0 and in the direct map, and the first of them as the image.
#define TABLE(name) (name - KERNEL_BASE)
        movl $TABLE(boot_directories), %ebx
        xorl %ecx, %ecx
1:      movl %ecx, %eax
        shll $21, %eax
        orl $0x83, %eax                 // present, write, large
        movl %eax, (%ebx,%ecx,8)
        movl $0, 4(%ebx,%ecx,8)
        incl %ecx
        cmpl $2048, %ecx
        jb 1b
        movl $TABLE(boot_directories) + 3, %eax
        xorl %ecx, %ecx
2:      movl %eax, TABLE(boot_pointers)(,%ecx,8)
        addl $4096, %eax
        incl %ecx
        cmpl $4, %ecx
        jb 2b
        movl $TABLE(boot_directories) + 3, TABLE(boot_image_pointers) + 510 * 8
        movl $TABLE(boot_pointers) + 3, TABLE(boot_top)
        movl $TABLE(boot_pointers) + 3, TABLE(boot_top) + 256 * 8
        movl $TABLE(boot_image_pointers) + 3, TABLE(boot_top) + 511 * 8

        movl %cr4, %eax
        orl $(1 << 5), %eax             // PAE
        movl %eax, %cr4
        movl $TABLE(boot_top), %eax
        movl %eax, %cr3
        movl $0xc0000080, %ecx          // EFER
        rdmsr
        orl $(1 << 8), %eax             // long mode
        wrmsr
        movl %cr0, %eax
        orl $0x80000001, %eax           // paging, protection
        movl %eax, %cr0
        lgdt boot_gdt_pointer
        ljmp $SELECTOR_KERNEL_CODE, $boot_64

no_long_mode:
        movw $0x3f8, %dx                // No more than this can be said.
        movb $'?', %al
        outb %al, %dx
1:      hlt
        jmp 1b

        .code64
boot_64:
        xorl %eax, %eax
        movl %eax, %ds
        movl %eax, %es
        movl %eax, %ss
        movl %eax, %fs
        movl %eax, %gs
        movabsq $boot_high, %rax
        jmp *%rax

        .balign 8
boot_gdt:
        .quad 0
        .quad 0x00af9b000000ffff        // 64-bit code
boot_gdt_pointer:
        .short 15
        .long boot_gdt

        .section .text.boot, "ax"
boot_high:
        movq $boot_stack_top, %rsp
        xorl %ebp, %ebp
        pushq $0                        // The end of every backtrace.
        pushq $0
        call x86_start
        ud2

        .bss
        .balign 4096
        .globl boot_top
boot_top:               .skip 4096
boot_pointers:          .skip 4096
boot_image_pointers:    .skip 4096
boot_directories:       .skip 4 * 4096
boot_stack:             .skip 16384
boot_stack_top:
