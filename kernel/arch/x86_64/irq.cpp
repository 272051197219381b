// kernel/arch/x86_64/irq.cpp: from a vector to whoever cares (machine/irq.h).
#include <machine/irq.h>

#include <array>

#include <arch/apic.h>
#include <arch/cpu.h>
#include <arch/descriptors.h>
#include <arch/frame.h>
#include <arch/io_bitmap.h>
#include <arch/start.h>
#include <kern/timer.h>
#include <lib/lock.h>
#include <machine/processor.h>

namespace machine {
namespace {

// A masked line stays open in hardware at first: an edge that an IO-APIC's input sees while it is masked is lost.  The
// first interrupt that comes nevertheless is remembered and closes it; irq_unmask() then calls the handler once more.
struct Line {
    InterruptHandler handler = nullptr;
    void* context = nullptr;
    bool masked = true;
    bool pending = false;
    unsigned running = 0;  // Calls of the handler under way, on any processor.
};
SpinLock<LockRank::Interrupt> lines_lock;
std::array<Line, x86::vector_line_count> lines GUARDED_BY(lines_lock);

// Calls the handler without the lock: it posts messages, which takes locks that come before this one.
void call_handler(uint32_t number, const Line& line)
{
    if (line.handler == nullptr)
        return;
    line.handler(number, line.context);
    Guard guard{lines_lock};
    --lines[number].running;
}

// Masks the line; what is to be called, if anything.
Line note_interrupt(uint32_t number)
{
    Guard guard{lines_lock};
    Line& line = lines[number];
    if (line.masked || line.handler == nullptr) {
        line.pending = true;
        x86::line_mask(number);
        return {};
    }
    line.masked = true;
    ++line.running;
    return line;
}

// Level-triggered lines would come again at once: those are closed in hardware before the processor is told to go on.
void line_interrupt(uint32_t number)
{
    if (x86::line_is_level(number))
        x86::line_mask(number);
    const Line line = note_interrupt(number);
    x86::line_end_of_interrupt(number);
    call_handler(number, line);
}

}  // namespace

void interrupts_start()
{
    x86::local_apic_start();
    x86::lines_start();
}

mach::Result<void> irq_connect(uint32_t line, InterruptHandler handler, void* context)
{
    if (!x86::line_exists(line))
        return mach::failure(KERN_INVALID_ARGUMENT);
    Guard guard{lines_lock};
    if (lines[line].handler != nullptr)
        return mach::failure(KERN_NAME_EXISTS);
    lines[line] = {handler, context};
    return {};
}

// On return the handler does not run and will not: what it is about may go.
void irq_disconnect(uint32_t number)
{
    for (;; while_spinning()) {
        Guard guard{lines_lock};
        Line& line = lines[number];
        x86::line_mask(number);
        line.handler = nullptr;
        if (line.running != 0)
            continue;
        line = {};
        return;
    }
}

void irq_mask(uint32_t line)
{
    Guard guard{lines_lock};
    lines[line].masked = true;
}

void irq_unmask(uint32_t number)
{
    Line late;
    {
        Guard guard{lines_lock};
        Line& line = lines[number];
        if (line.pending && line.handler != nullptr) {
            line.pending = false;
            ++line.running;
            late = line;  // It stays masked: the handler is called at once.
        } else {
            line.masked = false;
        }
        x86::line_unmask(number);
    }
    call_handler(number, late);
}

}  // namespace machine

void x86::handle_interrupt(unsigned vector)
{
    if (vector < vector_lines + vector_line_count) {
        machine::line_interrupt(vector - vector_lines);
        return;
    }
    switch (vector) {
    case vector_timer:
        local_apic_end_of_interrupt();
        clock_interrupt();
        break;
    case vector_shootdown:
        local_apic_end_of_interrupt();
        answer_shootdown(machine::current_processor().arch);
        break;
    case vector_wake:
        local_apic_end_of_interrupt();
        machine::refresh_io_bitmap(machine::current_processor().arch);
        break;
    default:  // Spurious: no end of interrupt.
        break;
    }
}
