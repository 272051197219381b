// kernel/arch/x86_64/include/arch/io_bitmap.h
//
// Which I/O ports a task may use, as the TSS wants it: a clear bit allows a port.  Only drivers have one; the TSS holds
// the last one loaded, and switching to a task without one moves the TSS's bitmap out of its limit.
#ifndef PORTICO_ARCH_IO_BITMAP_H
#define PORTICO_ARCH_IO_BITMAP_H

#include <arch/processor.h>

class Task;

namespace machine {

void load_io_bitmap(ProcessorArch& cpu, Task& task);
// The running task's, which may have changed.
void refresh_io_bitmap(ProcessorArch& cpu);

}  // namespace machine

#endif
