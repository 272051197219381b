// kernel/kern/core_init.cpp

#include <algorithm>

#include <device/device.h>
#include <ipc/ipc_init.h>
#include <kern/ablation.h>
#include <kern/host.h>
#include <kern/ledger.h>
#include <kern/reaper.h>
#include <kern/sched.h>
#include <kern/startup.h>
#include <kern/task.h>
#include <machine/processor.h>
#include <vm/vm_init.h>
#include <vm/vm_page.h>

namespace {

void give_free_memory(const machine::BootInfo& boot)
{
    std::array<VmPhysicalRange, machine::BootInfo::max_ranges> ranges;
    size_t count = 0;
    for (const machine::MemoryRange& range : boot.memory())
        if (range.kind == machine::MemoryRange::Kind::Free)
            ranges[count++] = {range.start, range.end};
    vm_page_bootstrap({ranges.data(), count});
}

}  // namespace

void kernel_core_init(const machine::BootInfo& boot)
{
    give_free_memory(boot);
    machine::find_processors();
    const auto line_end = std::find(boot.command_line.begin(), boot.command_line.end(), '\0');
    ablation_init({boot.command_line.begin(), line_end});
    ledger_init();
    KVERIFY(Task::create_kernel_task().has_value(), "there is memory for the kernel's task");
    for (uint32_t id = 0; id < machine::processor_count(); ++id)
        sched_init_processor(id);
    reaper_start();
    ipc_init();
    vm_init();
    host_init();
    KVERIFY(device_init().has_value(), "there is memory for the device master port");
}
