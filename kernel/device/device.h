// kernel/device/device.h
//
// Hardware as rights (design D19, device_priv.defs): the objects behind the device master port and the rights that it
// makes.  bootstrap holds the master port, and gives each driver the rights that its configuration names.
//
// Lifetime    The master lives for ever.  The others live until the last send right to their port has gone: the port
//             holds a reference until then.
#ifndef PORTICO_DEVICE_DEVICE_H
#define PORTICO_DEVICE_DEVICE_H

#include <atomic>
#include <cstdint>

#include <ipc/ipc_kobject.h>
#include <ipc/ipc_notice.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_right.h>
#include <kern/reaper.h>
#include <lib/lock.h>
#include <lib/ref.h>
#include <mach/result.h>

// What the objects that users can have in numbers share: a port that keeps its object until nobody can name it.
class DeviceObject {
public:
    [[nodiscard]] SendRight make_send() { return ipc_kobject_make_send(*port_); }

protected:
    DeviceObject() = default;
    ~DeviceObject() = default;

    mach::Result<void> make_port(IpcKobjectType type, void* object);
    // The last send right went.  True, once: the port has ended, and the reference that it held is the caller's.
    bool end(IpcPort& port);

private:
    RefPtr<IpcPort> port_;
    std::atomic<bool> ended_ = false;
};

// Authority over all hardware.
class DeviceMaster final : public RefCounted<DeviceMaster> {
public:
    // Start-up: makes its port.
    static mach::Result<void> start();
    [[nodiscard]] static SendRight port();
    static void destroy_last_reference(DeviceMaster*) { panic("the device master port's object has gone"); }
};

// A range of I/O ports.
class DeviceIoPorts final : public RefCounted<DeviceIoPorts>, public DeviceObject, public Reapable {
public:
    [[nodiscard]] static mach::Result<RefPtr<DeviceIoPorts>> create(uint16_t first, uint32_t count);

    uint16_t first() const { return first_; }
    uint32_t count() const { return count_; }

    static void no_senders(IpcPort& port);
    static void destroy_last_reference(DeviceIoPorts* ports) { reaper_enqueue(*ports); }

private:
    template <class>
    friend class Zone;

    DeviceIoPorts(uint16_t first, uint32_t count) : first_{first}, count_{count} {}
    ~DeviceIoPorts() = default;
    Step reap() override;

    const uint16_t first_;
    const uint32_t count_;
};

// An interrupt line and who is told of it.
//
// Lock        lock_, LockRank::Device: before the machine layer's own of the lines.
// Invariants  (I1) The line is open only while somebody is to be told, and not from a notice until it is acknowledged.
class DeviceInterrupt final : public RefCounted<DeviceInterrupt>, public DeviceObject, public Reapable {
public:
    [[nodiscard]] static mach::Result<RefPtr<DeviceInterrupt>> create(uint32_t line);

    // Null: nobody.
    void set_notice(RefPtr<IpcNotice> notice);
    void acknowledge();
    uint32_t line() const { return line_; }

    static void no_senders(IpcPort& port);
    static void destroy_last_reference(DeviceInterrupt* interrupt) { reaper_enqueue(*interrupt); }

private:
    template <class>
    friend class Zone;

    explicit DeviceInterrupt(uint32_t line) : line_{line} {}
    ~DeviceInterrupt() = default;
    Step reap() override;
    static void fired(uint32_t line, void* self);

    SpinLock<LockRank::Device> lock_;
    const uint32_t line_;
    RefPtr<IpcNotice> notice_ GUARDED_BY(lock_);
};

using DeviceMasterRef = RefPtr<DeviceMaster>;
using DeviceIoPortsRef = RefPtr<DeviceIoPorts>;
using DeviceInterruptRef = RefPtr<DeviceInterrupt>;

// Translations for mig's kernel stubs.
[[nodiscard]] DeviceMasterRef convert_port_to_device_master(IpcPort* port);
[[nodiscard]] DeviceIoPortsRef convert_port_to_device_io_ports(IpcPort* port);
[[nodiscard]] DeviceInterruptRef convert_port_to_device_interrupt(IpcPort* port);

// Start-up: the master port, and the stubs' place in the table of calls.
mach::Result<void> device_init();

#endif
