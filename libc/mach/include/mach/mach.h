/* mach/mach.h: all that a program uses of the kernel: types, traps, and the stubs of the kernel's
 * interfaces. */
#ifndef MACH_MACH_H
#define MACH_MACH_H

#include <mach/mach_init.h>
#include <mach/mach_types.h>
#include <mach/message.h>
#include <mach/mig.h>
#include <mach/notify.h>

#include <mach/mach_traps.h>

#include <mach/clock.h>
#include <mach/device_priv.h>
#include <mach/host_priv.h>
#include <mach/host_security.h>
#include <mach/ledger.h>
#include <mach/mach_debug.h>
#include <mach/mach_host.h>
#include <mach/mach_port.h>
#include <mach/memory_object_control.h>
#include <mach/sync.h>
#include <mach/task.h>
#include <mach/thread_act.h>
#include <mach/vm_map.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Waits on SYSTEM_CLOCK; as clock_sleep_trap(). */
kern_return_t clock_sleep(mach_port_t clock, int sleep_type, mach_timespec_t sleep_time,
                          mach_timespec_t* wakeup_time);

#ifdef __cplusplus
}
#endif

#endif
