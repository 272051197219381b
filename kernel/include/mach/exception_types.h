/* mach/exception_types.h: exceptions, and who is told about them (exc.defs).
 *
 * Codes have 64 bits, so that an address fits; that is the only form (in Darwin's terms, MACH_EXCEPTION_CODES
 * is always on).
 */
#ifndef MACH_EXCEPTION_TYPES_H
#define MACH_EXCEPTION_TYPES_H

#include <mach/port.h>
#include <mach/thread_status.h>
#include <mach/vm_types.h>

typedef int exception_type_t;
typedef int64_t exception_data_type_t;
typedef exception_data_type_t* exception_data_t;
typedef exception_data_t mach_exception_data_t;
typedef unsigned int exception_mask_t;
typedef exception_mask_t* exception_mask_array_t;
typedef int exception_behavior_t;
typedef exception_behavior_t* exception_behavior_array_t;
typedef thread_state_flavor_t* exception_flavor_array_t;
typedef mach_port_t exception_port_t;
typedef exception_port_t* exception_port_array_t;
#define EXCEPTION_CODE_MAX 2

#define EXC_BAD_ACCESS 1      /* code 0: a kern_return_t; code 1: the address */
#define EXC_BAD_INSTRUCTION 2 /* code 0: EXC_I386_*; code 1: the address of the instruction */
#define EXC_ARITHMETIC 3      /* code 0: EXC_I386_*; code 1: status register, if any */
#define EXC_EMULATION 4
#define EXC_SOFTWARE 5
#define EXC_BREAKPOINT 6 /* code 0: EXC_I386_SGL or EXC_I386_BPT; code 1: the address */
#define EXC_SYSCALL 7    /* a trap number outside the table. code 0: the number */
#define EXC_MACH_SYSCALL 8
#define EXC_RPC_ALERT 9
#define EXC_CRASH 10 /* a task is about to be terminated because nobody took its exception */
#define EXC_RESOURCE 11
#define EXC_GUARD 12
#define EXC_TYPES_COUNT 13 /* one more than the last */

#define EXC_MASK(exception) (1u << (exception))
#define EXC_MASK_BAD_ACCESS EXC_MASK(EXC_BAD_ACCESS)
#define EXC_MASK_BAD_INSTRUCTION EXC_MASK(EXC_BAD_INSTRUCTION)
#define EXC_MASK_ARITHMETIC EXC_MASK(EXC_ARITHMETIC)
#define EXC_MASK_EMULATION EXC_MASK(EXC_EMULATION)
#define EXC_MASK_SOFTWARE EXC_MASK(EXC_SOFTWARE)
#define EXC_MASK_BREAKPOINT EXC_MASK(EXC_BREAKPOINT)
#define EXC_MASK_SYSCALL EXC_MASK(EXC_SYSCALL)
#define EXC_MASK_MACH_SYSCALL EXC_MASK(EXC_MACH_SYSCALL)
#define EXC_MASK_RPC_ALERT EXC_MASK(EXC_RPC_ALERT)
#define EXC_MASK_CRASH EXC_MASK(EXC_CRASH)
#define EXC_MASK_RESOURCE EXC_MASK(EXC_RESOURCE)
#define EXC_MASK_GUARD EXC_MASK(EXC_GUARD)
#define EXC_MASK_ALL ((EXC_MASK(EXC_TYPES_COUNT) - 1u) & ~1u)

#define EXCEPTION_DEFAULT 1              /* exception_raise: thread and task */
#define EXCEPTION_STATE 2                /* exception_raise_state: registers, which the reply may change */
#define EXCEPTION_STATE_IDENTITY 3       /* exception_raise_state_identity: both */
#define MACH_EXCEPTION_CODES 0x80000000u /* accepted, and without effect */

/* x86 codes of EXC_BAD_INSTRUCTION and EXC_ARITHMETIC */
#define EXC_I386_INVOP 1
#define EXC_I386_GPFLT 13 /* a general-protection or other fault that has no code of its own */
#define EXC_I386_DIV 1
#define EXC_I386_INTO 2
#define EXC_I386_EXTERR 5
#define EXC_I386_SSEEXTERR 8
#define EXC_I386_SGL 1
#define EXC_I386_BPT 2

#endif
