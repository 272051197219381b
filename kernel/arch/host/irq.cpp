// kernel/arch/host/irq.cpp
//
// Interrupt lines of the simulated machine: a test raises them (host::raise_line), and the handler runs at once if the
// line is open, or when it is opened.

#include <machine/irq.h>

#include <array>

#include <arch/host/host.h>

namespace machine {

namespace {

struct Line {
    InterruptHandler handler = nullptr;
    void* context = nullptr;
    bool masked = true;
    bool raised = false;
};
std::array<Line, 24> lines;

void deliver(uint32_t number)
{
    Line& line = lines[number];
    if (line.handler == nullptr || line.masked || !line.raised)
        return;
    line.raised = false;
    line.masked = true;
    line.handler(number, line.context);
}

}  // namespace

mach::Result<void> irq_connect(uint32_t line, InterruptHandler handler, void* context)
{
    if (line >= lines.size())
        return mach::failure(KERN_INVALID_ARGUMENT);
    if (lines[line].handler != nullptr)
        return mach::failure(KERN_NAME_EXISTS);
    lines[line] = {handler, context, /*masked=*/true, /*raised=*/false};
    return {};
}

void irq_disconnect(uint32_t line) { lines[line] = {}; }
void irq_mask(uint32_t line) { lines[line].masked = true; }
void irq_unmask(uint32_t line)
{
    lines[line].masked = false;
    deliver(line);
}

namespace host {

void raise_line(uint32_t line)
{
    lines[line].raised = true;
    deliver(line);
}

}  // namespace host

}  // namespace machine
