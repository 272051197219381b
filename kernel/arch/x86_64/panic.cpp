// kernel/arch/x86_64/panic.cpp: registers, a backtrace, and the end.
#include <array>
#include <cstdint>

#include <arch/cpu.h>
#include <arch/frame.h>
#include <arch/memory_ranges.h>
#include <debug/symbols.h>
#include <kern/thread.h>
#include <lib/assert.h>
#include <lib/print.h>
#include <machine/console.h>
#include <machine/memory.h>
#include <machine/processor.h>

namespace machine {

void report_panic_to_host();

namespace {

const x86::KernelFrame* panic_frame = nullptr;  // If an exception was the cause.

// Kernel stacks and the image's data: nothing else is read, whatever the frame pointers say.
bool is_readable(uint64_t address)
{
    if (address % 8 != 0)
        return false;
    if (address >= kernel_base)
        return address < kernel_base + (64 << 20);
    for (const MemoryRange& range : boot_info().memory()) {
        const uint64_t start = direct_map_base + range.start, end = direct_map_base + range.end;
        if (range.kind != MemoryRange::Kind::Device && address >= start && address + 16 <= end)
            return true;
    }
    return false;
}

void print_backtrace(uint64_t frame_pointer)
{
    constexpr unsigned longest = 32;
    for (unsigned depth = 0; depth < longest && is_readable(frame_pointer); ++depth) {
        const auto* frame = reinterpret_cast<const uint64_t*>(frame_pointer);
        if (frame[1] == 0)
            return;
        print_return_address(frame[1]);
        if (frame[0] <= frame_pointer)  // Callers lie above.
            return;
        frame_pointer = frame[0];
    }
}

void print_registers(const x86::KernelFrame& f)
{
    kprint("  rip %016lx  rflags %08lx  cs %02lx  ss %02lx  error %lx\n", f.rip, f.rflags, f.cs, f.ss,
           f.error_code);
    kprint("  rax %016lx  rbx %016lx  rcx %016lx  rdx %016lx\n", f.rax, f.rbx, f.rcx, f.rdx);
    kprint("  rsi %016lx  rdi %016lx  rbp %016lx  rsp %016lx\n", f.rsi, f.rdi, f.rbp, f.rsp);
    kprint("  r8  %016lx  r9  %016lx  r10 %016lx  r11 %016lx\n", f.r8, f.r9, f.r10, f.r11);
    kprint("  r12 %016lx  r13 %016lx  r14 %016lx  r15 %016lx\n", f.r12, f.r13, f.r14, f.r15);
}

void print_control_registers()
{
    kprint("  cr0 %08lx  cr2 %016lx  cr3 %012lx  cr4 %08lx\n", x86::read_cr0(), x86::read_cr2(),
           x86::read_cr3(), x86::read_cr4());
}

void print_thread()
{
    const Processor& self = current_processor();
    const Thread* thread = self.sched.current.load(std::memory_order_relaxed);
    if (thread != nullptr)
        kprint("  processor %u, thread %lu\n", self.id, thread->id());
    if (const Thread* loaded = self.arch.thread)
        kprint("  user mode: rip %016lx  rsp %016lx  rax %lx\n", loaded->user.rip, loaded->user.rsp,
               loaded->user.rax);
}

}  // namespace

void stop_after_panic(bool again)
{
    if (!again) {
        print_thread();
        if (panic_frame != nullptr)
            print_registers(*panic_frame);
        print_control_registers();
        kprint("backtrace:\n");
        if (panic_frame != nullptr) {
            print_instruction(panic_frame->rip);
            print_backtrace(panic_frame->rbp);
        } else {
            print_backtrace(reinterpret_cast<uint64_t>(__builtin_frame_address(0)));
        }
        kprint("end of panic\n");
    }
    report_panic_to_host();
    halt();
}

}  // namespace machine

void x86::panic_in_frame(const KernelFrame& frame, uint64_t fault_address)
{
    machine::panic_frame = &frame;
    panic("%s in the kernel (address %lx)", exception_name(static_cast<unsigned>(frame.vector)),
          fault_address);
}
