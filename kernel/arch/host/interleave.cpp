// kernel/arch/host/interleave.cpp
//
// The processors of the simulated machine, its clock, and the seeded choice of who goes on.

#include <arch/host/interleave.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>

#include <sys/mman.h>

#include <arch/host/host.h>
#include <kern/sched.h>
#include <kern/thread.h>
#include <kern/timer.h>
#include <machine/clock.h>
#include <machine/context.h>
#include <machine/memory.h>
#include <machine/processor.h>

namespace machine {

namespace host {

std::byte* physical_memory = nullptr;
Processor* simulated = nullptr;

namespace {

constexpr uint64_t ns_per_look = 50;         // Each look at the clock takes that long.
constexpr uint64_t spin_limit = 10'000'000;  // So many fruitless steps mean that nobody will ever let go.

struct Machine {
    std::array<Processor, max_processors> processors;
    uint32_t count = 0;
    Fiber outside;
    bool started = false;
    bool is_outside = true;
    uint64_t now = 1'000'000;
    uint64_t run_until = 0;
    std::mt19937_64 generator{1};
    uint32_t every_nth = 0;
    uint32_t until_next = 0;
    uint32_t until_preemption = 0;
    uint64_t fruitless = 0;
    BootInfo boot;
};

Machine* the_machine = nullptr;

bool has_interrupt(const Processor& processor)
{
    return processor.arch.interrupted || processor.arch.deadline <= the_machine->now ||
           processor.sched.preempt.load(std::memory_order_relaxed);
}

bool can_run(const Processor& processor) { return !processor.arch.waiting || has_interrupt(processor); }

uint32_t next_countdown()
{
    return the_machine->every_nth == 0 ? 0
                                       : 1 + static_cast<uint32_t>(random() % (2 * the_machine->every_nth));
}

void go_on_with(Processor& processor)
{
    if (&processor == simulated && !the_machine->is_outside)
        return;
    if (!the_machine->is_outside)
        simulated->arch.resume_at = &Fiber::running();
    the_machine->is_outside = false;
    simulated = &processor;
    processor.arch.resume_at->switch_to();
}

void go_outside()
{
    simulated->arch.resume_at = &Fiber::running();
    the_machine->is_outside = true;
    the_machine->outside.switch_to();
}

Processor* other_that_can_run()
{
    const uint32_t start =
        the_machine->every_nth == 0 ? simulated->id + 1 : static_cast<uint32_t>(random() % 64);
    for (uint32_t i = 0; i < the_machine->count; ++i) {
        Processor& candidate = the_machine->processors[(start + i) % the_machine->count];
        if (&candidate != simulated && can_run(candidate))
            return &candidate;
    }
    return nullptr;
}

uint64_t first_deadline()
{
    uint64_t first = UINT64_MAX;
    for (uint32_t i = 0; i < the_machine->count; ++i)
        first = std::min(first, the_machine->processors[i].arch.deadline);
    return first;
}

}  // namespace

void power_on(uint32_t processors)
{
    void* memory = mmap(nullptr, physical_memory_size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        std::abort();
    physical_memory = static_cast<std::byte*>(memory);
    the_machine = new Machine;
    the_machine->count = processors;
    for (uint32_t i = 0; i < processors; ++i)
        the_machine->processors[i].id = i;
    simulated = &the_machine->processors[0];

    BootInfo& boot = the_machine->boot;
    boot.range_storage[0] = {0, 1 << 20, MemoryRange::Kind::Firmware};
    boot.range_storage[1] = {1 << 20, physical_memory_size, MemoryRange::Kind::Free};
    boot.range_count = 2;
}

BootInfo& boot_record() { return the_machine->boot; }
bool outside() { return the_machine == nullptr || the_machine->is_outside; }
uint64_t random() { return the_machine->generator(); }
void advance_clock(uint64_t ns) { the_machine->now += ns; }

void seed(uint64_t value, uint32_t every_nth)
{
    the_machine->generator.seed(value);
    the_machine->every_nth = every_nth;
    the_machine->until_next = next_countdown();
    the_machine->until_preemption = next_countdown();
}

void interleave()
{
    if (outside() || the_machine->until_next == 0 || --the_machine->until_next != 0)
        return;
    the_machine->until_next = next_countdown();
    if (Processor* other = other_that_can_run())
        go_on_with(*other);
}

bool interrupts_pending() { return has_interrupt(*simulated); }

void force_preemption()
{
    simulated->sched.quantum_used_up = true;
    simulated->sched.preempt.store(true, std::memory_order_relaxed);
}

bool wants_preemption()
{
    if (the_machine->until_preemption == 0 || --the_machine->until_preemption != 0)
        return false;
    the_machine->until_preemption = next_countdown();
    return true;
}

void yield_processor()
{
    if (++the_machine->fruitless > spin_limit) {
        std::fprintf(stderr, "simulated machine: nobody gets on any more\n");
        std::abort();
    }
    if (Processor* other = other_that_can_run()) {
        go_on_with(*other);
        return;
    }
    if (can_run(*simulated))
        return;
    const uint64_t deadline = first_deadline();
    if (deadline <= the_machine->run_until)
        the_machine->now = std::max(the_machine->now, deadline);
    else
        go_outside();
}

void deliver_interrupts()
{
    Processor& self = *simulated;
    the_machine->fruitless = 0;
    self.arch.interrupted = false;
    if (self.arch.deadline > the_machine->now)
        return;
    self.arch.deadline = UINT64_MAX;
    clock_interrupt();
}

bool run_until_idle(uint64_t until_ns)
{
    constexpr uint64_t an_hour = 3'600'000'000'000;
    the_machine->run_until = until_ns != 0 ? until_ns : the_machine->now + an_hour;
    if (!std::exchange(the_machine->started, true))
        for (uint32_t i = 0; i < the_machine->count; ++i) {
            Processor& processor = the_machine->processors[i];
            KernelStack* stack = processor.sched.idle_thread->kernel_stack();
            stack->fiber.prepare([](void*) { sched_start_processor(); }, nullptr);
            processor.arch.resume_at = &stack->fiber;
        }
    Processor* first = can_run(*simulated) ? simulated : other_that_can_run();
    if (first == nullptr) {  // All wait, perhaps for a clock.
        if (first_deadline() > the_machine->run_until)
            return first_deadline() != UINT64_MAX;
        the_machine->now = std::max(the_machine->now, first_deadline());
        first = can_run(*simulated) ? simulated : other_that_can_run();
    }
    go_on_with(*first);
    return first_deadline() != UINT64_MAX;
}

}  // namespace host

// ---- machine/processor.h

const BootInfo& boot_info() { return host::the_machine->boot; }
Processor& processor(uint32_t id) { return host::the_machine->processors[id]; }
// They exist from the start, and run when the simulation lets them.
void find_processors() {}
void start_processors() {}
void stop_other_processors() {}

uint32_t processor_count() { return host::the_machine->count; }
LockState& lock_state() { return host::simulated->locks; }

void idle_wait()
{
    Processor& self = current_processor();
    self.arch.waiting = true;
    while (!host::has_interrupt(self))
        host::yield_processor();
    self.arch.waiting = false;
    host::deliver_interrupts();
}

void poll_interrupts() { host::deliver_interrupts(); }
void wake_processor(uint32_t id) { processor(id).arch.interrupted = true; }
void while_spinning() { host::yield_processor(); }

// ---- machine/clock.h

uint64_t now_ns() { return host::the_machine->now += host::ns_per_look; }
// User threads have no counter of their own; a scale of one describes now_ns() itself.
CounterScale counter_scale() { return {0, 1, 0}; }
uint64_t wall_clock_at_start() { return uint64_t{1'700'000'000} * 1'000'000'000; }
void set_deadline(uint64_t deadline) { host::simulated->arch.deadline = deadline; }

}  // namespace machine
