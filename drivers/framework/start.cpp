// drivers/framework/start.cpp
#include "start.h"

#include <bootstrap.h>
#include <mach/mach.h>

#include "io_ports.h"

namespace driver {

namespace {

mach::Result<mach::SendRight> bootstrap_port()
{
    mach_port_t port = MACH_PORT_NULL;
    TRY(mach::result_of(task_get_special_port(mach_task_self(), TASK_BOOTSTRAP_PORT, &port)));
    return mach::SendRight{port};
}

}  // namespace

mach::Result<NamedRight> get_right(const char* name)
{
    const mach::SendRight bootstrap = TRY(bootstrap_port());
    NamedRight named{};
    mach_port_t right = MACH_PORT_NULL;
    TRY(mach::result_of(bootstrap_get_right(bootstrap.name(), name, &right, &named.value)));
    named.right = mach::SendRight{right};
    return named;
}

mach::Result<mach::ReceiveRight> check_in(const char* name)
{
    const mach::SendRight bootstrap = TRY(bootstrap_port());
    mach_port_t service = MACH_PORT_NULL;
    TRY(mach::result_of(bootstrap_check_in(bootstrap.name(), name, &service)));
    return mach::ReceiveRight{service};
}

mach::Result<IoPorts> IoPorts::open(const char* right_name)
{
    NamedRight named = TRY(get_right(right_name));
    TRY(mach::result_of(device_io_ports_enable(named.right.name(), mach_task_self(), TRUE)));
    return IoPorts{std::move(named.right), static_cast<uint16_t>(named.value)};
}

}  // namespace driver
