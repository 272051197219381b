// kernel/arch/x86_64/context.cpp: kernel stacks, and which thread's state is in the processor (machine/context.h).
#include <machine/context.h>

#include <new>

#include <arch/cpu.h>
#include <arch/io_bitmap.h>
#include <arch/pmap_switch.h>
#include <arch/vector_state.h>
#include <kern/task.h>
#include <kern/thread.h>
#include <lib/assert.h>
#include <machine/hand_off.h>
#include <machine/processor.h>
#include <vm/vm_map.h>
#include <vm/vm_page.h>

extern "C" {
void switch_stacks(uint64_t* save_sp, uint64_t load_sp);
[[noreturn]] void load_stack(uint64_t load_sp);
[[noreturn]] void call_on_stack(uint64_t top, Continuation continuation, Thread& thread);
void start_on_stack();
[[noreturn]] void return_to_user_by_exception(machine::UserState& user);
}

namespace machine {
namespace {

constexpr unsigned stack_order = 2;
static_assert(KERNEL_STACK_SIZE == page_size << stack_order);

void check(const KernelStack& stack) { KVERIFY(!stack.overflowed(), "a kernel stack is large enough"); }

void set_stack(ProcessorArch& cpu, KernelStack& stack)
{
    check(stack);
    cpu.stack_top = stack.top();
}

// Debug registers are rarely used: what is loaded is remembered, so that nothing is done for two threads without.
void load_debug_registers(ProcessorArch& cpu, const UserState& user)
{
    if (!user.debug_used && !cpu.debug_loaded)
        return;
    asm volatile("mov %0, %%dr7" ::"r"(0x400ull));
    asm volatile("mov %0, %%dr0" ::"r"(user.debug_address[0]));
    asm volatile("mov %0, %%dr1" ::"r"(user.debug_address[1]));
    asm volatile("mov %0, %%dr2" ::"r"(user.debug_address[2]));
    asm volatile("mov %0, %%dr3" ::"r"(user.debug_address[3]));
    asm volatile("mov %0, %%dr7" ::"r"(user.debug_used ? user.debug_control | 0x400 : 0x400ull));
    cpu.debug_loaded = user.debug_used;
}

void unload(ProcessorArch& cpu)
{
    if (cpu.thread == nullptr)
        return;
    store_segment_bases(cpu.thread->user);
    store_vector_state(cpu.thread->user);
    cpu.thread = nullptr;
}

}  // namespace

KernelStack* allocate_stack()
{
    void* memory = vm_page_grab_kernel(stack_order);
    return memory != nullptr ? new (memory) KernelStack{} : nullptr;
}

void free_stack(KernelStack* stack)
{
    check(*stack);
    vm_page_release_kernel(stack);
}

KernelStack* current_stack()
{
    const uint64_t top = current_processor().arch.stack_top;
    return top != 0 ? reinterpret_cast<KernelStack*>(top - KERNEL_STACK_SIZE) : nullptr;
}

void call_continuation_on(KernelStack& stack, Continuation continuation, Thread& thread)
{
    set_stack(current_processor().arch, stack);
    stack.live_objects = 0;
    call_on_stack(stack.top(), continuation, thread);
}

void prepare_stack(KernelStack& stack, Thread& thread, Continuation start)
{
    auto* sp = reinterpret_cast<uint64_t*>(stack.top());
    *--sp = 0;
    *--sp =
        reinterpret_cast<uint64_t>(&start_on_stack);  // Returned to; the stack is then aligned for a call.
    *--sp = 0;                                        // rbp
    *--sp = reinterpret_cast<uint64_t>(&thread);      // rbx
    *--sp = reinterpret_cast<uint64_t>(start);        // r12
    *--sp = 0;                                        // r13, r14, r15
    *--sp = 0;
    *--sp = 0;
    stack.saved_sp = reinterpret_cast<uint64_t>(sp);
    stack.live_objects = 0;
}

void load_context(Thread& to)
{
    KernelStack& stack = *to.kernel_stack();
    set_stack(current_processor().arch, stack);
    load_stack(stack.saved_sp);
}

void switch_context(Thread& from, Thread& to)
{
    KernelStack& old_stack = *from.kernel_stack();
    KernelStack& new_stack = *to.kernel_stack();
    check(old_stack);
    set_stack(current_processor().arch, new_stack);
    switch_stacks(&old_stack.saved_sp, new_stack.saved_sp);
}

void activate(Thread& thread)
{
    ProcessorArch& cpu = current_processor().arch;
    if (cpu.thread == &thread)
        return;
    unload(cpu);
    if (thread.is_kernel_thread())
        return;
    UserState& user = thread.user;
    cpu.thread = &thread;
    cpu.tables.tss.rsp0 = user.frame_end();
    switch_pmap(cpu, thread.task().map().pmap());
    load_segment_bases(user);
    load_vector_state(user);
    load_debug_registers(cpu, user);
    load_io_bitmap(cpu, thread);
}

void return_to_user(Thread& thread)
{
    UserState& user = thread.user;
    KASSERT(current_processor().arch.thread == &thread, "the thread that returns to user mode is active");
    if (user.entry == ENTRY_TRAP)
        return_to_user_by_trap(user.frame_end());
    return_to_user_by_exception(user);
}

}  // namespace machine
