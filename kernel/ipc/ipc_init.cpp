// kernel/ipc/ipc_init.cpp: see ipc_init.h.
#include <ipc/ipc_init.h>

#include <ipc/ipc_kobject.h>

#include <mach_port_kernel.h>  // Made by mig.

namespace {

constexpr mach_msg_id_t mach_port_base = 3200;  // As mach_port.defs says.

}  // namespace

void ipc_init() { ipc_kobject_register(mach_port_base, mach_port_dispatch); }
