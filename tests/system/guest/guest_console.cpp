// tests/system/guest/guest_console.cpp
//
// What a first task without anybody else can say and do: a line in the kernel's log, and turning the machine off.
#include "guest_test.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <mach/boot_info.h>
#include <mach/host_info.h>
#include <mach/mach.h>

namespace guest {
namespace {

// The ports that the kernel hands the first task (mach/boot_info.h); looked up once and kept.
mach_port_t boot_port(unsigned index)
{
    static mach_port_t ports[2] = {MACH_PORT_NULL, MACH_PORT_NULL};
    if (ports[0] == MACH_PORT_NULL) {
        mach_port_array_t found = nullptr;
        mach_msg_type_number_t count = 0;
        if (mach_ports_lookup(mach_task_self(), &found, &count) != KERN_SUCCESS || count < 2)
            std::abort();  // Without a port there is no way to say so.
        ports[0] = found[BOOT_PORT_HOST_PRIV];
        ports[1] = found[BOOT_PORT_DEVICE_MASTER];
    }
    return ports[index];
}

}  // namespace

std::uint32_t host_privileged_port() { return boot_port(0); }

std::uint32_t device_master_port() { return boot_port(1); }

void log_line(std::string_view line)
{
    char text[256];
    std::snprintf(text, sizeof text, "%.*s\n", static_cast<int>(line.size()), line.data());
    (void)host_log(host_privileged_port(), text, static_cast<mach_msg_type_number_t>(std::strlen(text)));
}

void power_off()
{
    (void)host_reboot(host_privileged_port(), HOST_REBOOT_POWER_OFF);
    log_line("guest test: the machine cannot be turned off");
    for (;;)
        (void)thread_switch(MACH_PORT_NULL, 0, 0);
}

}  // namespace guest
