// kernel/kern/host_calls.cpp: mach_host.defs, host_priv.defs, clock.defs, mach_debug.defs.

#include <algorithm>
#include <string_view>

#include <ipc/ipc_audit.h>
#include <ipc/ipc_kmsg.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_pset.h>
#include <kern/call_support.h>
#include <kern/death_point.h>
#include <kern/kernel_objects.h>
#include <kern/stack.h>
#include <kern/time_page.h>
#include <kern/zone.h>
#include <lib/print.h>
#include <mach/host_info.h>
#include <machine/boot.h>
#include <machine/clock.h>
#include <machine/console.h>
#include <machine/processor.h>
#include <vm/memory_entry.h>
#include <vm/vm_page.h>
#include <vm/vm_statistics.h>

#include <clock_kernel.h>  // Made by mig.
#include <host_priv_kernel.h>
#include <mach_debug_kernel.h>
#include <mach_host_kernel.h>

using mach::failure;
using mach::Result;

namespace {

constexpr std::string_view kernel_version = "Portico 0.1: a Mach-style microkernel for x86-64";

Result<void> answer_text(mig::OutArray<char>& out, std::string_view text)
{
    out.assign({text.data(), std::min<size_t>(text.size(), out.capacity())});
    return {};
}

std::string_view text_in(const char* text, size_t room)
{
    return {text, static_cast<size_t>(std::find(text, text + room, '\0') - text)};
}

Result<void> basic_info(mig::OutArray<integer_t>& out)
{
    host_basic_info_data_t info{};
    info.max_cpus = info.avail_cpus = static_cast<integer_t>(machine::processor_count());
    info.memory_size = vm_page_total() * page_size;
    info.cpu_type = CPU_TYPE_X86_64;
    return answer_info(out, info, KERN_FAILURE);
}

// Hundredths of a second.  What is not idle counts as system time: the processors do not tell the two apart.
Result<void> processor_load(mig::OutArray<integer_t>& out)
{
    constexpr uint64_t ns_per_tick = NSEC_PER_SEC / 100;
    uint64_t idle_ns = 0;
    for (uint32_t id = 0; id < machine::processor_count(); ++id)
        idle_ns += machine::processor(id).sched.idle_ns;
    const uint64_t all_ns = machine::now_ns() * machine::processor_count();
    host_cpu_load_info_data_t info{};
    info.cpu_ticks[CPU_STATE_IDLE] = static_cast<natural_t>(idle_ns / ns_per_tick);
    info.cpu_ticks[CPU_STATE_SYSTEM] =
        static_cast<natural_t>((all_ns - std::min(idle_ns, all_ns)) / ns_per_tick);
    return answer_info(out, info, KERN_FAILURE);
}

}  // namespace

namespace mach_host_calls {

Result<void> host_info(HostRef, host_flavor_t flavor, mig::OutArray<integer_t>& host_info_out)
{
    switch (flavor) {
    case HOST_BASIC_INFO:
        return basic_info(host_info_out);
    case HOST_SCHED_INFO:
        return answer_info(host_info_out,
                           host_sched_info_data_t{1, static_cast<integer_t>(quantum_ns / NSEC_PER_MSEC)},
                           KERN_FAILURE);
    default:
        return failure(KERN_INVALID_ARGUMENT);
    }
}

Result<void> host_kernel_version(HostRef, mig::OutArray<char>& version)
{
    return answer_text(version, kernel_version);
}

Result<vm_size_t> host_page_size(HostRef) { return page_size; }

Result<SendRight> mach_memory_object_memory_entry(HostRef, boolean_t internal, vm_size_t size,
                                                  vm_prot_t permission, SendRight pager)
{
    if (internal != TRUE)
        return failure(KERN_INVALID_ARGUMENT);
    return memory_entry_of_pager(std::move(pager), size, permission);
}

Result<SendRight> host_get_clock_service(HostRef, clock_id_t clock_id)
{
    if (clock_id != SYSTEM_CLOCK && clock_id != CALENDAR_CLOCK)
        return failure(KERN_INVALID_ARGUMENT);
    return the_clock(clock_id).port();
}

Result<void> host_statistics(HostRef, host_flavor_t flavor, mig::OutArray<integer_t>& host_info_out)
{
    switch (flavor) {
    case HOST_VM_INFO: {
        vm_statistics_data_t statistics{};
        vm_page_statistics(statistics);
        return answer_info(host_info_out, statistics, KERN_FAILURE);
    }
    case HOST_CPU_LOAD_INFO:
        return processor_load(host_info_out);
    default:
        return failure(KERN_INVALID_ARGUMENT);
    }
}

Result<SendRight> host_get_time_page(HostRef) { return the_time_page().right(); }

Result<SendRight> memory_object_establish(HostRef, SendRight memory_object, memory_object_flavor_t flavor,
                                          std::span<const int> attributes)
{
    const MemoryObject::Attributes wanted = TRY(MemoryObject::Attributes::from_info(flavor, attributes));
    const RefPtr<MemoryObject> object = TRY(MemoryObject::establish(std::move(memory_object), wanted));
    return ipc_kobject_make_send(object->control_port());
}

}  // namespace mach_host_calls

namespace host_priv_calls {

Result<void> host_get_boot_info(HostPrivRef, mig::OutArray<char>& boot_info)
{
    const auto& line = machine::boot_info().command_line;
    return answer_text(boot_info, text_in(line.data(), line.size()));
}

Result<void> host_reboot(HostPrivRef, int options)
{
    switch (options) {
    case HOST_REBOOT_HALT:
        machine::halt();
    case HOST_REBOOT_RESTART:
        (void)machine::reboot();
        return failure(KERN_NOT_SUPPORTED);
    case HOST_REBOOT_POWER_OFF:
        (void)machine::power_off();
        return failure(KERN_NOT_SUPPORTED);
    default:
        return failure(KERN_INVALID_ARGUMENT);
    }
}

Result<SendRight> host_get_special_port(HostPrivRef, int node, int which)
{
    if (node != HOST_LOCAL_NODE)
        return failure(KERN_INVALID_ARGUMENT);
    switch (which) {
    case HOST_SECURITY_PORT:
        return the_host_security().port();
    case HOST_PORT:
        return the_host().port();
    case HOST_PRIV_PORT:
        return the_host_priv().port();
    case HOST_IO_MASTER_PORT:
        return DeviceMaster::port();
    case HOST_LEDGER_PORT:
        return kernel_ledger()->port();
    default:
        return failure(KERN_INVALID_ARGUMENT);
    }
}

Result<void> host_set_exception_ports(HostPrivRef, exception_mask_t exception_mask, SendRight new_port,
                                      exception_behavior_t behavior, thread_state_flavor_t new_flavor)
{
    TRY(exception_check(exception_mask, behavior, new_flavor));
    ExceptionActions actions = exception_actions_for(exception_mask, new_port, behavior, new_flavor);
    Guard guard{host_lock};
    exception_actions_replace(host_exception_actions(), exception_mask, actions);
    return {};
}

Result<natural_t> host_boot_module_count(HostPrivRef)
{
    return static_cast<natural_t>(machine::boot_info().modules().size());
}

Result<HostBootModuleReply> host_boot_module(HostPrivRef, natural_t index, mig::OutArray<char>& name)
{
    SendRight entry = TRY(memory_entry_of_boot_module(index));
    const machine::BootModule& module = machine::boot_info().modules()[index];
    TRY(answer_text(name, text_in(module.name, sizeof module.name)));
    return HostBootModuleReply{module.size, std::move(entry)};
}

Result<void> host_log(HostPrivRef, std::span<const char> text)
{
    log_write({text.data(), text.size()});
    return {};
}

}  // namespace host_priv_calls

namespace clock_calls {

Result<mach_timespec_t> clock_get_time(ClockRef clock_serv) { return timespec_of(clock_serv->now_ns()); }

Result<void> clock_get_attributes(ClockRef, clock_flavor_t flavor, mig::OutArray<int>& clock_attr)
{
    switch (flavor) {
    case CLOCK_GET_TIME_RES:
    case CLOCK_ALARM_CURRES:
    case CLOCK_ALARM_MINRES:
    case CLOCK_ALARM_MAXRES:
        return answer_info(clock_attr, int{1}, KERN_FAILURE);
    default:
        return failure(KERN_INVALID_VALUE);
    }
}

}  // namespace clock_calls

namespace {

size_t live(std::string_view zone_name)
{
    struct Search {
        std::string_view name;
        size_t live = 0;
    } search{zone_name};
    zone_visit(
        [](const ZoneBase& zone, void* context) {
            auto& wanted = *static_cast<Search*>(context);
            if (wanted.name == zone.name())
                wanted.live += zone.live();
        },
        &search);
    return search.live;
}

size_t pages_of_zones()
{
    size_t pages = 0;
    zone_visit([](const ZoneBase& zone, void* context) { *static_cast<size_t*>(context) += zone.pages(); },
               &pages);
    return pages;
}

uint64_t processor_time_ns(Task& task)
{
    uint64_t sum = task.events.user_time_ns + task.events.system_time_ns;
    Guard guard{task.lock()};
    for (const Thread& thread : task.threads())
        sum += thread.user_time_ns() + thread.system_time_ns();
    return sum;
}

uint32_t thread_count(Task& task)
{
    Guard guard{task.lock()};
    return task.thread_count();
}

}  // namespace

namespace mach_debug_calls {

Result<mach_debug_counts_t> mach_debug_counts(HostRef)
{
    vm_statistics_data_t pages{};
    vm_page_statistics(pages);
    mach_debug_counts_t counts{};
    counts.tasks = Task::count();
    counts.threads = Thread::count();
    counts.ports = ipc_port_count();
    counts.port_sets = ipc_pset_count();
    counts.rights = ipc_right_count();
    counts.messages = ipc_kmsg_count();
    counts.vm_maps = live("vm maps");
    counts.vm_map_entries = live("vm map entries");
    counts.vm_objects = live("vm objects");
    counts.pages_total = vm_page_total();
    counts.pages_free = vm_page_free_count();
    counts.pages_wired = pages.wire_count;
    counts.pages_file_cache = vm_object_cached_pages();
    counts.pages_kernel = pages_of_zones();
    counts.kernel_stacks = stack_count();
    return counts;
}

Result<mach_debug_task_t> mach_debug_task(HostRef, uint64_t first)
{
    const RefPtr<Task> task = Task::next(first);
    if (!task)
        return failure(KERN_INVALID_VALUE);
    const IpcSpaceCounts rights = task->space().counts();
    mach_debug_task_t counts{};
    counts.id = task->id();
    counts.threads = thread_count(*task);
    counts.ports = rights.receive_rights;
    counts.port_sets = rights.port_sets;
    counts.rights = rights.names;
    counts.dead_names = rights.dead_names;
    counts.virtual_pages = task->map().virtual_size() / page_size;
    counts.resident_pages = task->map().resident_pages();
    counts.messages_sent = task->events.messages_sent;
    counts.messages_received = task->events.messages_received;
    counts.faults = task->events.faults;
    counts.time_ns = processor_time_ns(*task);
    std::ranges::copy(task->name(), counts.name);
    return counts;
}

Result<void> task_set_name(TaskRef task, std::span<const char> name)
{
    Task::Name stored{};
    std::ranges::copy(name.first(std::min(name.size(), stored.size())), stored.begin());
    task->set_name(stored);
    return {};
}

Result<uint64_t> mach_debug_death_point(HostRef, ThreadRef thread, uint32_t kinds, uint64_t n)
{
    return death_plan_arm(*thread, kinds, n);
}

}  // namespace mach_debug_calls
