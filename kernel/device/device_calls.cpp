// kernel/device/device_calls.cpp: the routines of device_priv.defs.  Their documentation is there.
#include <device/device.h>

#include <array>

#include <kern/task.h>
#include <machine/console.h>
#include <machine/io_ports.h>
#include <vm/memory_entry.h>

#include <device_notify_kernel.h>  // Made by mig.
#include <device_priv_kernel.h>

using mach::failure;
using mach::Result;

namespace {

constexpr mach_msg_id_t device_priv_base = 2850;
constexpr uint32_t io_port_limit = 65536;

// The notice for a line.  The line is masked from each notice to its acknowledgement, so each tells of one interrupt.
Result<RefPtr<IpcNotice>> make_notice(SendRight to, uint32_t line)
{
    KernelMessage message;
    TRY(device_notify_calls::encode_device_interrupt_notice(message, line, 1));
    return IpcNotice::create(std::move(to), device_notify_calls::device_interrupt_notice_id,
                             message.bytes().subspan(sizeof(mach_msg_header_t)));
}

}  // namespace

namespace device_priv_calls {

Result<SendRight> device_io_ports_create(DeviceMasterRef, uint16_t first, uint32_t count)
{
    if (count == 0 || uint64_t{first} + count > io_port_limit)
        return failure(KERN_INVALID_ARGUMENT);
    return TRY(DeviceIoPorts::create(first, count))->make_send();
}

Result<void> device_io_ports_enable(DeviceIoPortsRef io_ports, TaskRef task, boolean_t enable)
{
    TRY(machine::io_ports_set(*task, io_ports->first(), io_ports->count(), enable != FALSE));
    if (enable != FALSE && machine::io_ports_hold_console(io_ports->first(), io_ports->count()))
        machine::console_release();
    return {};
}

Result<SendRight> device_interrupt_create(DeviceMasterRef, natural_t line)
{
    return TRY(DeviceInterrupt::create(line))->make_send();
}

Result<void> device_interrupt_register(DeviceInterruptRef interrupt, SendRight notify)
{
    RefPtr<IpcNotice> notice;
    if (notify)
        notice = TRY(make_notice(std::move(notify), interrupt->line()));
    interrupt->set_notice(std::move(notice));
    return {};
}

Result<void> device_interrupt_acknowledge(DeviceInterruptRef interrupt)
{
    interrupt->acknowledge();
    return {};
}

Result<SendRight> device_physical_window(DeviceMasterRef, phys_address_t address, vm_size_t size,
                                         device_cache_mode_t cache_mode)
{
    return memory_entry_of_window(address, size, cache_mode);
}

}  // namespace device_priv_calls

Result<void> device_init()
{
    TRY(DeviceMaster::start());
    ipc_kobject_register(device_priv_base, device_priv_dispatch);
    ipc_kobject_on_no_senders(IpcKobjectType::DeviceIoPorts, DeviceIoPorts::no_senders);
    ipc_kobject_on_no_senders(IpcKobjectType::DeviceInterrupt, DeviceInterrupt::no_senders);
    return {};
}
