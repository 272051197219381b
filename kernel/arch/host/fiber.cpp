// kernel/arch/host/fiber.cpp

#include <arch/host/fiber.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include <pthread.h>
#include <sys/mman.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HOST_ASAN 1
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if __has_feature(thread_sanitizer)
#define HOST_TSAN 1
#include <sanitizer/tsan_interface.h>
#endif
#endif

namespace machine::host {

namespace {

constexpr size_t guard_size = 4096;

[[noreturn]] void fail(const char* what)
{
    std::perror(what);
    std::abort();
}

}  // namespace

// Saves what the calling convention preserves, stores the stack pointer, and takes the other one up.  A fiber that
// starts has the trampoline's address where a suspended one has its return address.
extern "C" void portico_host_switch(void** save, void* load);
asm(R"(
    .text
    .globl portico_host_switch
    .type portico_host_switch, @function
portico_host_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
    .globl portico_host_start
    .type portico_host_start, @function
portico_host_start:
    movq %rdi, %rsp
    xorl %ebp, %ebp
    pushq %rbp
    jmp *%rsi
)");
// Sets the stack pointer and jumps; nothing is saved.
extern "C" [[noreturn]] void portico_host_start(void* stack_top, void (*entry)());

Fiber::Fiber()
{
    pthread_attr_t attributes;
    void* low = nullptr;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0 ||
        pthread_attr_getstack(&attributes, &low, &size_) != 0)
        fail("stack of the test program");
    pthread_attr_destroy(&attributes);
    bottom_ = static_cast<std::byte*>(low);
#ifdef HOST_TSAN
    tsan_fiber_ = __tsan_get_current_fiber();
#endif
    running_ = this;
}

Fiber::Fiber(size_t size) : size_{size}, owns_stack_{true}
{
    void* memory =
        mmap(nullptr, size + guard_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        fail("mmap of a stack");
    bottom_ = static_cast<std::byte*>(memory) + guard_size;
    if (mprotect(bottom_, size, PROT_READ | PROT_WRITE) != 0)
        fail("mprotect of a stack");
}

Fiber::~Fiber()
{
    if (!owns_stack_)
        return;
#ifdef HOST_ASAN
    __asan_unpoison_memory_region(bottom_, size_);
#endif
#ifdef HOST_TSAN
    for (void* fiber : {tsan_fiber_, tsan_old_})
        if (fiber != nullptr && fiber != __tsan_get_current_fiber())
            __tsan_destroy_fiber(fiber);
#endif
    munmap(bottom_ - guard_size, size_ + guard_size);
}

void Fiber::prepare(Entry entry, void* argument)
{
    entry_ = entry;
    argument_ = argument;
}

// In a fiber that is about to run something new on its empty stack, from the stack that is left or from a deeper part of
// the same one.  No locals of its own below the new stack pointer are used after that is set.
__attribute__((no_sanitize("address", "thread"))) void Fiber::begin()
{
#ifdef HOST_ASAN
    __asan_unpoison_memory_region(bottom_, size_);
#endif
    portico_host_start(bottom_ + size_ - 64, trampoline);
}

__attribute__((no_sanitize("address", "thread"))) void Fiber::trampoline()
{
    note_arrived();
    Fiber& self = *running_;
    self.fake_stack_ = nullptr;
    const Entry entry = std::exchange(self.entry_, nullptr);
    entry(self.argument_);
    std::abort();
}

__attribute__((no_sanitize("address", "thread"))) void Fiber::note_leaving(Fiber& next,
                                                                           [[maybe_unused]] bool for_good)
{
#ifdef HOST_ASAN
    __sanitizer_start_switch_fiber(for_good ? nullptr : &fake_stack_, next.bottom_, next.size_);
#endif
#ifdef HOST_TSAN
    if (next.entry_ != nullptr) {
        next.tsan_old_ = std::exchange(next.tsan_fiber_, __tsan_create_fiber(0));
    }
    __tsan_switch_to_fiber(next.tsan_fiber_, __tsan_switch_to_fiber_no_sync);
    if (next.tsan_old_ != nullptr)
        __tsan_destroy_fiber(std::exchange(next.tsan_old_, nullptr));
#endif
    running_ = &next;
}

__attribute__((no_sanitize("address", "thread"))) void Fiber::note_arrived()
{
#ifdef HOST_ASAN
    __sanitizer_finish_switch_fiber(running_->fake_stack_, nullptr, nullptr);
#endif
}

__attribute__((noinline, no_sanitize("address", "thread"))) void Fiber::switch_to()
{
    Fiber& self = *running_;
    if (&self == this)
        return;
    self.note_leaving(*this, /*for_good=*/false);
    if (entry_ != nullptr) {
        // Suspend here as portico_host_switch does, and resume in the trampoline: give it a frame that says so.
        auto* top = reinterpret_cast<void**>(bottom_ + size_ - 64);
#ifdef HOST_ASAN
        __asan_unpoison_memory_region(bottom_, size_);
#endif
        *--top = nullptr;
        *--top = reinterpret_cast<void*>(&trampoline);
        for (int preserved = 0; preserved < 6; ++preserved)
            *--top = nullptr;
        stack_pointer_ = top;
    }
    portico_host_switch(&self.stack_pointer_, stack_pointer_);
    note_arrived();
}

__attribute__((noinline, no_sanitize("address", "thread"))) void Fiber::jump_to()
{
    running_->note_leaving(*this, /*for_good=*/true);
    if (entry_ != nullptr)
        begin();
    void* nowhere;
    portico_host_switch(&nowhere, stack_pointer_);
    std::abort();
}

}  // namespace machine::host
