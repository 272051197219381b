// kernel/arch/x86_64/include/arch/offsets.h
//
// Where assembler finds things.  user_state.h and processor.h assert that these agree with the structures.
#ifndef PORTICO_ARCH_OFFSETS_H
#define PORTICO_ARCH_OFFSETS_H

// struct machine::UserState.  The first 22 words are in the order in which an exception pushes them.
#define USER_R15 0
#define USER_R14 8
#define USER_R13 16
#define USER_R12 24
#define USER_RBP 32
#define USER_RBX 40
#define USER_R11 48
#define USER_R10 56
#define USER_R9 64
#define USER_R8 72
#define USER_RAX 80
#define USER_RCX 88
#define USER_RDX 96
#define USER_RSI 104
#define USER_RDI 112
#define USER_VECTOR 120
#define USER_ERROR 128
#define USER_RIP 136
#define USER_CS 144
#define USER_RFLAGS 152
#define USER_RSP 160
#define USER_SS 168
#define USER_FRAME_END 176
#define USER_ENTRY 176

// UserState::entry
#define ENTRY_TRAP 0       // By syscall: rcx and r11 are dead, as are the vector registers.
#define ENTRY_EXCEPTION 1  // By an exception or interrupt, or set from outside: everything counts.

// Numbers of traps that entry.S knows (asserted in traps.cpp); mach_msg_trap is 0.
#define TRAP_MACH_MSG_CALL 19
#define TRAP_MACH_MSG_REPLY 20

// struct machine::ProcessorArch, at %gs:0
#define CPU_SELF 0
#define CPU_THREAD 8
#define CPU_STACK_TOP 16
#define CPU_SCRATCH 24
#define CPU_FRAME_END 8196  // tables.tss.rsp0: the end of the thread's pushed frame

// Segment selectors.
#define SELECTOR_KERNEL_CODE 0x08
#define SELECTOR_KERNEL_DATA 0x10
#define SELECTOR_USER_DATA 0x1b  // sysret wants data before code.
#define SELECTOR_USER_CODE 0x23
#define SELECTOR_TSS 0x28

#define KERNEL_STACK_SIZE 16384
#define INTERRUPT_STACK_SIZE 8192

// Addresses.
#define START_OTHER_AT 0x8000  // A page of the first MiB, where other processors begin (start_other.S).
#define KERNEL_BASE 0xffffffff80000000
#define DIRECT_MAP_BASE 0xffff800000000000

#endif
