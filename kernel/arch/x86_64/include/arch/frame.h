// kernel/arch/x86_64/include/arch/frame.h: what an exception from the kernel leaves on the stack (entry.S), and who
// looks at it.
#ifndef PORTICO_ARCH_FRAME_H
#define PORTICO_ARCH_FRAME_H

#include <cstddef>
#include <cstdint>

#include <arch/offsets.h>

namespace x86 {

// As the beginning of machine::UserState.
struct KernelFrame {
    uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
    uint64_t vector, error_code, rip, cs, rflags, rsp, ss;
};
static_assert(sizeof(KernelFrame) == USER_FRAME_END && offsetof(KernelFrame, vector) == USER_VECTOR);

// In a non-maskable interrupt: stops here if another processor panics and wants that.
void stop_if_told();
const char* exception_name(unsigned vector);

// A panic whose registers and backtrace are those of the frame.
[[noreturn]] void panic_in_frame(const KernelFrame& frame, uint64_t fault_address);

// An interrupt (not an exception) has come.  With no lock held.
void handle_interrupt(unsigned vector);

}  // namespace x86

#endif
