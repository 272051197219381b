// kernel/arch/x86_64/traps.cpp: what entry.S calls.
//
// A system call goes to the kernel core's trap table; an exception of a user program becomes a page fault or an exception
// message; an interrupt goes to its handler.  An exception in the kernel is a user copy that stops there, or a panic.
#include <arch/cpu.h>
#include <arch/descriptors.h>
#include <arch/frame.h>
#include <kern/exception.h>
#include <kern/sched.h>
#include <kern/thread.h>
#include <kern/trap.h>
#include <lib/assert.h>
#include <machine/processor.h>
#include <vm/vm_fault.h>

#include <mach_trap_table.h>  // Made by mig.

namespace x86 {
namespace {

struct UserAccess {  // user_copy.S
    uint64_t instruction;
    uint64_t after_fault;
};
extern "C" const UserAccess user_access_start[], user_access_end[];

constexpr uint64_t fault_present = 1 << 0, fault_write = 1 << 1, fault_user = 1 << 2, fault_reserved = 1 << 3,
                   fault_fetch = 1 << 4;

uint64_t take_debug_status()
{
    uint64_t status;
    asm volatile("mov %%dr6, %0" : "=r"(status));
    asm volatile("mov %0, %%dr6" ::"r"(0xffff0ff0ull));
    return status;
}

vm_prot_t access_of(uint64_t error)
{
    if ((error & fault_fetch) != 0)
        return VM_PROT_EXECUTE;
    return (error & fault_write) != 0 ? VM_PROT_WRITE : VM_PROT_READ;
}

// An instruction of user mode made the processor itself look at memory, with the kernel's rights (a descriptor; under QEMU
// also the stack of an iret, which SMAP then forbids).  Mapping the page cannot help: it is there.
bool is_beyond_mending(uint64_t error_code)
{
    return (error_code & (fault_present | fault_user)) == fault_present;
}

[[noreturn]] void raise_user_exception(Thread& self, const machine::UserState& user)
{
    const auto ip = static_cast<exception_data_type_t>(user.rip);
    switch (user.exception_vector) {
    case 0:
        exception_raise(self, EXC_ARITHMETIC, EXC_I386_DIV, ip);
    case vector_debug:
        exception_raise(self, EXC_BREAKPOINT, EXC_I386_SGL, ip);
    case vector_breakpoint:
        exception_raise(self, EXC_BREAKPOINT, EXC_I386_BPT, ip);
    case vector_overflow:
        exception_raise(self, EXC_ARITHMETIC, EXC_I386_INTO, ip);
    case vector_invalid_opcode:
    case vector_no_device:
        exception_raise(self, EXC_BAD_INSTRUCTION, EXC_I386_INVOP, ip);
    case vector_x87:
        exception_raise(self, EXC_ARITHMETIC, EXC_I386_EXTERR, ip);
    case vector_simd:
        exception_raise(self, EXC_ARITHMETIC, EXC_I386_SSEEXTERR, user.mxcsr);
    default:
        exception_raise(self, EXC_BAD_INSTRUCTION, EXC_I386_GPFLT, ip);
    }
}

bool continue_after_user_access(KernelFrame& frame)
{
    for (const UserAccess* access = user_access_start; access != user_access_end; ++access) {
        if (access->instruction != frame.rip)
            continue;
        machine::current_processor().arch.copy_fault_address = read_cr2();
        frame.rip = access->after_fault;
        return true;
    }
    return false;
}

bool is_fatal_anywhere(uint64_t vector)
{
    return vector == vector_nmi || vector == vector_double_fault || vector == vector_machine_check;
}

}  // namespace

const char* exception_name(unsigned vector)
{
    static constexpr const char* names[] = {"division error",
                                            "debug",
                                            "non-maskable interrupt",
                                            "break point",
                                            "overflow",
                                            "bound",
                                            "invalid opcode",
                                            "no x87",
                                            "double fault",
                                            "x87 segment overrun",
                                            "invalid TSS",
                                            "segment not present",
                                            "stack fault",
                                            "general protection",
                                            "page fault",
                                            "reserved",
                                            "x87 error",
                                            "alignment check",
                                            "machine check",
                                            "SIMD error"};
    return vector < std::size(names) ? names[vector] : "unknown exception";
}

static_assert(mach_traps::number_of_mach_msg_trap == 0, "entry.S tests for zero");
static_assert(mach_traps::number_of_mach_msg_call_trap == TRAP_MACH_MSG_CALL &&
              mach_traps::number_of_mach_msg_reply_trap == TRAP_MACH_MSG_REPLY);

extern "C" [[noreturn]] void x86_system_call(Thread& self) { trap_entry(self); }

extern "C" [[noreturn]] void x86_exception_from_user(machine::UserState& user)
{
    machine::Processor& processor = machine::current_processor();
    Thread& self = *processor.arch.thread;
    processor.sched.in_user_mode = true;
    const uint64_t vector = user.exception_vector;
    if (vector >= vector_lines) {
        handle_interrupt(static_cast<unsigned>(vector));
        thread_exception_return(self);
    }
    if (vector == vector_page_fault) {
        user.fault_address = read_cr2();
        KVERIFY((user.error_code & fault_reserved) == 0, "page tables hold no reserved bits");
        if (is_beyond_mending(user.error_code))
            exception_raise(self, EXC_BAD_ACCESS, KERN_PROTECTION_FAILURE,
                            static_cast<exception_data_type_t>(user.fault_address));
        vm_fault_user(self, user.fault_address, access_of(user.error_code));
    }
    if (vector == vector_debug)
        user.debug_status = take_debug_status();
    if (vector == vector_nmi)
        stop_if_told();
    if (is_fatal_anywhere(vector))
        panic("%s in user mode at %lx", exception_name(static_cast<unsigned>(vector)), user.rip);
    raise_user_exception(self, user);
}

extern "C" void x86_exception_from_kernel(KernelFrame& frame)
{
    if (frame.vector >= vector_lines)
        return handle_interrupt(static_cast<unsigned>(frame.vector));
    if (frame.vector == vector_page_fault && continue_after_user_access(frame))
        return;
    panic_in_frame(frame, frame.vector == vector_page_fault ? read_cr2() : 0);
}

// NMI, debug, double fault, machine check, in the kernel.  A debug exception there is a user program's watch point that a
// user copy touched, or the delayed one of `mov %ss` before `syscall`: neither is the kernel's business (docs/x86.md, X5).
extern "C" void x86_exception_any_time(KernelFrame& frame)
{
    if (frame.vector == vector_debug) {
        take_debug_status();
        return;
    }
    if (frame.vector == vector_nmi)
        stop_if_told();
    panic_in_frame(frame, frame.vector == vector_double_fault ? read_cr2() : 0);
}

}  // namespace x86
