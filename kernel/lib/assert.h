// kernel/lib/assert.h
//
// Assertions about the kernel's own invariants, and the panic that a broken one causes.  Nothing that user space does
// may reach either (design D10).
#ifndef PORTICO_LIB_ASSERT_H
#define PORTICO_LIB_ASSERT_H

// Prints the message, the registers and a backtrace, and stops the machine.
[[noreturn, gnu::format(printf, 1, 2), gnu::cold]] void panic(const char* format, ...);

[[noreturn, gnu::cold]] void assertion_failed(const char* condition, const char* why, const char* file,
                                              int line);

// Checked in every build: where going on would be worse than stopping.
#define KVERIFY(condition, why)                                                                              \
    do {                                                                                                     \
        if (!(condition)) [[unlikely]]                                                                       \
            assertion_failed(#condition, why, __FILE_NAME__, __LINE__);                                      \
    } while (false)

// Checked in debug builds; `why` names the invariant ("P1: ...").
#if PORTICO_DEBUG_CHECKS
#define KASSERT(condition, why) KVERIFY(condition, why)
#else
#define KASSERT(condition, why) ((void)sizeof((condition) ? 1 : 0))
#endif

#endif
