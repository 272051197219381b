// kernel/arch/x86_64/include/arch/io_bitmap.h
//
// Which I/O ports a task may use, as the TSS wants it: a clear bit allows a port.  Only drivers have one; the TSS holds
// the last one loaded, and switching to a task without one moves the TSS's bitmap out of its limit.
#ifndef PORTICO_ARCH_IO_BITMAP_H
#define PORTICO_ARCH_IO_BITMAP_H

#include <arch/processor.h>
#include <kern/task.h>

namespace machine {

void load_own_io_bitmap(ProcessorArch& cpu, Thread& thread, const IoBitmap& allowed);

// A thread with ports is marked (ParticularMachine), and from then on never switched to or from by the shortest way: which
// therefore need not look here.
inline void load_io_bitmap(ProcessorArch& cpu, Thread& thread)
{
    const IoBitmap* bitmap = thread.task().io_bitmap.load(std::memory_order_acquire);
    if (bitmap == nullptr) [[likely]]
        cpu.tables.tss.io_bitmap_offset = x86::no_io_bitmap;
    else
        load_own_io_bitmap(cpu, thread, *bitmap);
}
// The running task's, which may have changed.
void refresh_io_bitmap(ProcessorArch& cpu);

}  // namespace machine

#endif
