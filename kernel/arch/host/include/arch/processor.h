// kernel/arch/host/include/arch/processor.h
#ifndef PORTICO_ARCH_PROCESSOR_H
#define PORTICO_ARCH_PROCESSOR_H

#include <cstdint>

#include <arch/kernel_stack.h>

class Pmap;

namespace machine {

struct ProcessorArch {
    host::Fiber* resume_at = nullptr;  // Where it goes on, while another processor is simulated.
    Pmap* pmap = nullptr;  // Of another thread than the running one, while it gives way; null: its own.
    KernelStack* stack = nullptr;    // The kernel stack that it runs on; null before the first thread.
    uint64_t deadline = UINT64_MAX;  // Its clock.
    bool interrupted = false;        // wake_processor()
    bool waiting = false;            // In idle_wait().
};

}  // namespace machine

#endif
