// kernel/device/device.cpp: see device.h.
#include <device/device.h>

#include <kern/zone.h>
#include <machine/irq.h>

using mach::failure;
using mach::Result;

namespace {

constinit Zone<DeviceIoPorts> io_ports_zone{"device I/O ports"};
constinit Zone<DeviceInterrupt> interrupt_zone{"device interrupts"};
constinit Zone<DeviceMaster> master_zone{"device master"};

RefPtr<IpcPort> master_port;

}  // namespace

// ---- Ports

Result<void> DeviceObject::make_port(IpcKobjectType type, void* object)
{
    port_ = TRY(ipc_kobject_create(type, object));
    return {};
}

bool DeviceObject::end(IpcPort& port)
{
    {
        Guard guard{port.lock()};
        if (port.send_rights() != 0)
            return false;
    }
    if (ended_.exchange(true))
        return false;
    ipc_kobject_destroy(port);
    return true;
}

DeviceMasterRef convert_port_to_device_master(IpcPort* port)
{
    return ipc_kobject_object<DeviceMaster>(port, IpcKobjectType::DeviceMaster);
}

DeviceIoPortsRef convert_port_to_device_io_ports(IpcPort* port)
{
    return ipc_kobject_object<DeviceIoPorts>(port, IpcKobjectType::DeviceIoPorts);
}

DeviceInterruptRef convert_port_to_device_interrupt(IpcPort* port)
{
    return ipc_kobject_object<DeviceInterrupt>(port, IpcKobjectType::DeviceInterrupt);
}

// ---- Master

Result<void> DeviceMaster::start()
{
    DeviceMaster* master = master_zone.create();  // Its first reference is never given back.
    if (master == nullptr)
        return failure(KERN_RESOURCE_SHORTAGE);
    master_port = TRY(ipc_kobject_create(IpcKobjectType::DeviceMaster, master));
    return {};
}

SendRight DeviceMaster::port() { return ipc_kobject_make_send(*master_port); }

// ---- I/O ports

Result<RefPtr<DeviceIoPorts>> DeviceIoPorts::create(uint16_t first, uint32_t count)
{
    DeviceIoPorts* made = io_ports_zone.create(first, count);
    if (made == nullptr)
        return failure(KERN_RESOURCE_SHORTAGE);
    RefPtr<DeviceIoPorts> ports = RefPtr<DeviceIoPorts>::adopt(made);
    TRY(ports->make_port(IpcKobjectType::DeviceIoPorts, made));
    ports->reference();  // The port's, until no_senders().
    return ports;
}

void DeviceIoPorts::no_senders(IpcPort& port)
{
    DeviceIoPortsRef ports = convert_port_to_device_io_ports(&port);
    if (ports != nullptr && ports->end(port))
        ports->release();
}

Reapable::Step DeviceIoPorts::reap()
{
    io_ports_zone.destroy(this);
    return Step::Done;
}

// ---- Interrupts

Result<RefPtr<DeviceInterrupt>> DeviceInterrupt::create(uint32_t line)
{
    DeviceInterrupt* made = interrupt_zone.create(line);
    if (made == nullptr)
        return failure(KERN_RESOURCE_SHORTAGE);
    RefPtr<DeviceInterrupt> interrupt = RefPtr<DeviceInterrupt>::adopt(made);
    TRY(machine::irq_connect(line, fired, made));
    if (Result<void> port = interrupt->make_port(IpcKobjectType::DeviceInterrupt, made); !port) {
        machine::irq_disconnect(line);
        return failure(port.error());
    }
    interrupt->reference();  // The port's, until no_senders().
    return interrupt;
}

void DeviceInterrupt::no_senders(IpcPort& port)
{
    DeviceInterruptRef interrupt = convert_port_to_device_interrupt(&port);
    if (interrupt == nullptr || !interrupt->end(port))
        return;
    machine::irq_disconnect(interrupt->line_);
    interrupt->set_notice({});
    interrupt->release();
}

Reapable::Step DeviceInterrupt::reap()
{
    interrupt_zone.destroy(this);
    return Step::Done;
}

// From the interrupt itself, with no lock held; the machine layer has masked the line.  If whoever was told has died it
// stays masked, until a successor registers.
void DeviceInterrupt::fired(uint32_t, void* context)
{
    auto* self = static_cast<DeviceInterrupt*>(context);
    RefPtr<IpcNotice> notice;
    {
        Guard guard{self->lock_};
        notice = self->notice_;
    }
    if (notice != nullptr)
        notice->post();
}

void DeviceInterrupt::set_notice(RefPtr<IpcNotice> notice)
{
    const bool told = notice != nullptr;
    machine::irq_mask(line_);
    {
        Guard guard{lock_};
        std::swap(notice_, notice);  // The old one goes when the lock has been released.
    }
    if (told)
        machine::irq_unmask(line_);
}

void DeviceInterrupt::acknowledge()
{
    RefPtr<IpcNotice> notice;
    {
        Guard guard{lock_};
        notice = notice_;
    }
    if (notice != nullptr && !notice->receiver_died())
        machine::irq_unmask(line_);
}
