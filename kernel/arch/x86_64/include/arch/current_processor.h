// kernel/arch/x86_64/include/arch/current_processor.h: in the kernel, %gs points at this processor's record.
#ifndef PORTICO_ARCH_CURRENT_PROCESSOR_H
#define PORTICO_ARCH_CURRENT_PROCESSOR_H

namespace machine {

// Volatile, so that it is read again after a switch: a thread that kept its stack may go on elsewhere.  Nobody keeps
// the result across a block.
inline Processor& current_processor()
{
    Processor* self;
    asm volatile("mov %%gs:0, %0" : "=r"(self));
    return *self;
}

}  // namespace machine

#endif
