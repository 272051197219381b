// bootstrap/task_loader.h: makes a task from a program in the boot archive.
//
// The program's pages are copied, not mapped: the servers' text and data are anonymous memory, so that no
// server ever waits for a pager to run.
#ifndef PORTICO_BOOTSTRAP_TASK_LOADER_H
#define PORTICO_BOOTSTRAP_TASK_LOADER_H

#include <string>
#include <vector>

#include <mach/result.h>
#include <portico/rights.h>

#include "elf_image.h"

namespace boot {

// A task that runs `image` with these arguments (the first is its name) and no environment, and whose
// bootstrap port is `bootstrap_port`. The right to its port is the caller's. On failure no task is left.
// KERN_RESOURCE_SHORTAGE, KERN_NO_SPACE: no memory for it; else what the kernel says.
// It is charged to `ledger`, or to ours if that is null.
mach::Result<mach::SendRight> start_task(const ElfImage& image, const std::vector<std::string>& arguments,
                                         const mach::SendRight& bootstrap_port, mach_port_t ledger);

}  // namespace boot

#endif
