// tests/unit/libc_posix/signal_trampoline_test.cpp
//
// The place where a signal makes a thread go (libc/posix/trap.S), run as it is.  The test plays the process service: it
// "redirects" a stretch of code by a jump, and libc's C part, which writes where to go on.
#include <array>
#include <cstdint>

#include <gtest/gtest.h>

namespace {

// As libc/posix/signals.c has it.
struct SignalFrame {
    std::array<uint64_t, 15> registers;  // r15 first, rax last
    uint64_t sp;
    uint64_t flags;
    uint64_t place_of_ip;
};

constexpr uint64_t carry_flag = 1;
constexpr uint64_t direction_flag = 1 << 10;
constexpr uint64_t overflow_flag = 1 << 11;

}  // namespace

extern "C" {

// Fills every register and the flags, is interrupted, and stores what it finds afterwards.
void interrupted_code(uint64_t flags, std::array<uint64_t, 17>* found);

uint64_t interrupted_sp;
extern const char interrupted_ip[];
bool direction_was_clear;

[[gnu::visibility("hidden")]] void __portico_signal_entry(SignalFrame* frame, void* /*vector_state*/)
{
    uint64_t flags;
    asm volatile("pushfq; popq %0" : "=r"(flags));
    direction_was_clear = (flags & direction_flag) == 0;
    frame->sp = interrupted_sp - sizeof(uint64_t);
    *reinterpret_cast<uint64_t*>(frame->sp) = reinterpret_cast<uint64_t>(interrupted_ip);
    asm volatile("" ::: "rbx", "r12", "r13", "r14", "r15", "memory");
}

[[gnu::visibility("hidden")]] void __portico_child_start() {}

asm(R"(
    .text
    .globl interrupted_code
interrupted_code:
    pushq   %rbx
    pushq   %rbp
    pushq   %r12
    pushq   %r13
    pushq   %r14
    pushq   %r15
    pushq   %rsi
    movq    %rsp, interrupted_sp(%rip)
    pushq   %rdi
    movq    $100, %rax
    movq    $101, %rbx
    movq    $102, %rcx
    movq    $103, %rdx
    movq    $104, %rsi
    movq    $105, %rdi
    movq    $106, %rbp
    movq    $108, %r8
    movq    $109, %r9
    movq    $110, %r10
    movq    $111, %r11
    movq    $112, %r12
    movq    $113, %r13
    movq    $114, %r14
    movq    $115, %r15
    popfq
    jmp     __portico_signal_trampoline
    .globl interrupted_ip
interrupted_ip:
    pushfq
    cld
    pushq   %rax
    movq    16(%rsp), %rax
    movq    %rbx, 8(%rax)
    movq    %rcx, 16(%rax)
    movq    %rdx, 24(%rax)
    movq    %rsi, 32(%rax)
    movq    %rdi, 40(%rax)
    movq    %rbp, 48(%rax)
    movq    %r8, 64(%rax)
    movq    %r9, 72(%rax)
    movq    %r10, 80(%rax)
    movq    %r11, 88(%rax)
    movq    %r12, 96(%rax)
    movq    %r13, 104(%rax)
    movq    %r14, 112(%rax)
    movq    %r15, 120(%rax)
    popq    (%rax)
    popq    128(%rax)
    movq    %rsp, 56(%rax)
    popq    %rsi
    popq    %r15
    popq    %r14
    popq    %r13
    popq    %r12
    popq    %rbp
    popq    %rbx
    ret
)");

}  // extern "C"

namespace {

TEST(SignalTrampoline, InterruptedCodeGoesOnWithItsRegistersAndStack)
{
    std::array<uint64_t, 17> found{};

    interrupted_code(0x202, &found);

    for (uint64_t i = 0; i < 16; ++i)
        EXPECT_EQ(found[i], i == 7 ? interrupted_sp : 100 + i) << "register " << i;
}

TEST(SignalTrampoline, InterruptedCodeGoesOnWithItsFlags)
{
    constexpr uint64_t shown = carry_flag | direction_flag | overflow_flag;
    for (const uint64_t flags : {uint64_t{0}, carry_flag, direction_flag, overflow_flag, shown}) {
        std::array<uint64_t, 17> found{};
        interrupted_code(0x202 | flags, &found);
        EXPECT_EQ(found[16] & shown, flags);
    }
}

TEST(SignalTrampoline, HandlersRunWithTheDirectionFlagClear)
{
    std::array<uint64_t, 17> found{};

    interrupted_code(0x202 | direction_flag, &found);

    EXPECT_TRUE(direction_was_clear);
}

}  // namespace
