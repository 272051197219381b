// kernel/machine/irq.h
//
// Interrupt lines, by ISA number; the machine layer translates as the firmware's tables say.
//
// Lock        none for the caller's data: a handler runs with no lock held, and is never running once disconnect()
//             has returned.
#ifndef PORTICO_MACHINE_IRQ_H
#define PORTICO_MACHINE_IRQ_H

#include <cstdint>

#include <mach/result.h>

namespace machine {

// The line is masked when the handler is called, and stays so until irq_unmask().
using InterruptHandler = void (*)(uint32_t line, void* context);

// The line is masked until irq_unmask().  KERN_INVALID_ARGUMENT: no such line.  KERN_NAME_EXISTS: it is taken.
[[nodiscard]] mach::Result<void> irq_connect(uint32_t line, InterruptHandler handler, void* context);
void irq_disconnect(uint32_t line);
void irq_mask(uint32_t line);
// If an interrupt came while the line was masked, the handler is called from here, and the line is masked again.
void irq_unmask(uint32_t line);

}  // namespace machine

#endif
