// bootstrap/host.cpp
#include "host.h"

#include <map>

#include <mach/ledger.h>
#include <mach/mach.h>

namespace boot {

using mach::failure;
using mach::Result;
using mach::result_of;
using mach::SendRight;

Result<Host> Host::take()
{
    mach_port_array_t ports = nullptr;
    mach_msg_type_number_t count = 0;
    TRY(result_of(mach_ports_lookup(mach_task_self(), &ports, &count)));
    const mach::Memory array{reinterpret_cast<vm_address_t>(ports), count * sizeof(mach_port_t)};
    if (count <= BOOT_PORT_DEVICE_MASTER)
        return failure(KERN_FAILURE);

    Host host;
    host.host_priv_ = SendRight{ports[BOOT_PORT_HOST_PRIV]};
    host.device_master_ = SendRight{ports[BOOT_PORT_DEVICE_MASTER]};
    for (mach_msg_type_number_t i = BOOT_PORT_DEVICE_MASTER + 1; i < count; ++i)
        SendRight{ports[i]}.reset();

    mach_port_t ledger = MACH_PORT_NULL;
    TRY(result_of(host_get_special_port(host.host_priv_.name(), HOST_LOCAL_NODE, HOST_LEDGER_PORT, &ledger)));
    host.root_ledger_ = SendRight{ledger};

    mach_port_t nothing[TASK_PORT_REGISTER_MAX] = {};
    TRY(result_of(mach_ports_register(mach_task_self(), nothing, TASK_PORT_REGISTER_MAX)));
    return host;
}

namespace {

Result<SendRight> host_security(const SendRight& host_priv)
{
    mach_port_t port = MACH_PORT_NULL;
    TRY(result_of(host_get_special_port(host_priv.name(), HOST_LOCAL_NODE, HOST_SECURITY_PORT, &port)));
    return SendRight{port};
}

struct Module {
    SendRight entry;
    uint64_t size;
};

// A copy of each module's right stays here: the kernel frees a module when nobody has one, and a server that is
// started again asks anew.
Result<Module> boot_module(const SendRight& host_priv, uint32_t index)
{
    static std::map<uint32_t, SendRight> kept;
    boot_module_name_t name;
    vm_size_t size = 0;
    mach_port_t entry = MACH_PORT_NULL;
    TRY(result_of(host_boot_module(host_priv.name(), index, name, &size, &entry)));
    Module module{SendRight{entry}, size};
    if (!kept.contains(index))
        kept.emplace(index, TRY(module.entry.copy()));
    return module;
}

}  // namespace

Result<GrantedRight> Host::make(const Grant& grant) const
{
    mach_port_t made = MACH_PORT_NULL;
    switch (grant.kind) {
    case Grant::Kind::io_ports:
        TRY(result_of(device_io_ports_create(device_master_.name(), static_cast<uint16_t>(grant.first),
                                             grant.count, &made)));
        return GrantedRight{SendRight{made}, grant.first};
    case Grant::Kind::interrupt:
        TRY(result_of(device_interrupt_create(device_master_.name(), grant.first, &made)));
        return GrantedRight{SendRight{made}, grant.first};
    case Grant::Kind::module: {
        Module module = TRY(boot_module(host_priv_, grant.first));
        return GrantedRight{std::move(module.entry), module.size};
    }
    case Grant::Kind::port:
        break;
    }
    switch (grant.port) {
    case Grant::Port::host_priv:
        return GrantedRight{TRY(host_priv_.copy()), 0};
    case Grant::Port::device_master:
        return GrantedRight{TRY(device_master_.copy()), 0};
    case Grant::Port::host_security:
        return GrantedRight{TRY(host_security(host_priv_)), 0};
    }
    return failure(KERN_INVALID_NAME);
}

Result<SendRight> Host::make_ledger() const
{
    mach_port_t ledger = MACH_PORT_NULL;
    TRY(result_of(ledger_create(root_ledger_.name(), &ledger)));
    return SendRight{ledger};
}

Result<void> Host::end_tasks(const SendRight& ledger) const
{
    uint64_t position = 0;
    do
        TRY(result_of(ledger_end_tasks(root_ledger_.name(), ledger.name(), &position)));
    while (position != 0);
    return {};
}

Result<std::string> Host::command_line() const
{
    static kernel_boot_info_t text;
    TRY(result_of(host_get_boot_info(host_priv_.name(), text)));
    return std::string{text};
}

Result<std::span<const std::byte>> Host::map_module(uint32_t index) const
{
    const Module module = TRY(boot_module(host_priv_, index));
    vm_address_t address = 0;
    TRY(result_of(vm_map(mach_task_self(), &address, mach_round_page(module.size), 0, VM_FLAGS_ANYWHERE,
                         module.entry.name(), 0, FALSE, VM_PROT_READ, VM_PROT_READ, VM_INHERIT_NONE)));
    return std::span{reinterpret_cast<const std::byte*>(address), module.size};
}

void Host::log(std::string_view text) const
{
    while (!text.empty()) {
        const std::string_view part = text.substr(0, HOST_LOG_MAX);
        (void)host_log(host_priv_.name(), part.data(), static_cast<mach_msg_type_number_t>(part.size()));
        text.remove_prefix(part.size());
    }
}

}  // namespace boot
