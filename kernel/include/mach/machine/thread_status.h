/* mach/machine/thread_status.h: the registers of a thread on x86-64.
 *
 * Flavours have Darwin's numbers. x86_THREAD_STATE64 is Darwin's structure with fs_base and gs_base added at
 * its end, since those are what a thread's storage hangs on here. State travels as an array of natural_t.
 */
#ifndef MACH_MACHINE_THREAD_STATUS_H
#define MACH_MACHINE_THREAD_STATUS_H

#include <mach/vm_types.h>

#define x86_THREAD_STATE64 4
#define x86_FLOAT_STATE64 5
#define x86_EXCEPTION_STATE64 6
#define x86_DEBUG_STATE64 11
#define x86_AVX_STATE64 17

#define MACHINE_THREAD_STATE x86_THREAD_STATE64
#define MACHINE_THREAD_STATE_COUNT x86_THREAD_STATE64_COUNT
#define MACHINE_THREAD_STATE_MAX 224 /* integers: the longest flavour */

#pragma pack(push, 4)

typedef struct x86_thread_state64 {
    uint64_t rax, rbx, rcx, rdx;
    uint64_t rdi, rsi, rbp, rsp;
    uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
    uint64_t rip, rflags;      /* set: only the status flags, DF, TF and AC are taken */
    uint64_t cs, fs, gs;       /* set: ignored, user code has one of each */
    uint64_t fs_base, gs_base; /* set: must be canonical and below VM_MAX_ADDRESS */
} x86_thread_state64_t;
#define x86_THREAD_STATE64_COUNT ((natural_t)(sizeof(x86_thread_state64_t) / sizeof(natural_t)))

/* The 512-byte image of FXSAVE64: x87, MMX, SSE, MXCSR. */
typedef struct x86_float_state64 {
    uint8_t fxsave[512];
} x86_float_state64_t;
#define x86_FLOAT_STATE64_COUNT ((natural_t)(sizeof(x86_float_state64_t) / sizeof(natural_t)))

/* As XSAVE's standard form: the image above, its header, and the upper halves of the sixteen YMM registers.
 * KERN_NOT_SUPPORTED on a processor without AVX. */
typedef struct x86_avx_state64 {
    uint8_t fxsave[512];
    uint64_t xstate_bv;
    uint64_t xcomp_bv; /* 0 */
    uint8_t reserved[48];
    uint8_t ymm_high[16][16];
} x86_avx_state64_t;
#define x86_AVX_STATE64_COUNT ((natural_t)(sizeof(x86_avx_state64_t) / sizeof(natural_t)))

/* Of the last exception; get only. */
typedef struct x86_exception_state64 {
    uint16_t trapno; /* the processor's vector */
    uint16_t cpu;
    uint32_t err;        /* its error code, 0 where there is none */
    uint64_t faultvaddr; /* the page fault's address, else 0 */
} x86_exception_state64_t;
#define x86_EXCEPTION_STATE64_COUNT ((natural_t)(sizeof(x86_exception_state64_t) / sizeof(natural_t)))

/* Break points and watch points; addresses above VM_MAX_ADDRESS are KERN_INVALID_ARGUMENT. */
typedef struct x86_debug_state64 {
    uint64_t dr0, dr1, dr2, dr3, dr4, dr5, dr6, dr7;
} x86_debug_state64_t;
#define x86_DEBUG_STATE64_COUNT ((natural_t)(sizeof(x86_debug_state64_t) / sizeof(natural_t)))

#pragma pack(pop)

#endif
