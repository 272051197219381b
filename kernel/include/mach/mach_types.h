/* mach/mach_types.h: the C side of mach_types.defs. In user space each of these ports is a name like any
 * other. */
#ifndef MACH_MACH_TYPES_H
#define MACH_MACH_TYPES_H

#include <mach/boot_info.h>
#include <mach/clock_types.h>
#include <mach/device_types.h>
#include <mach/exception_types.h>
#include <mach/host_info.h>
#include <mach/mach_debug_types.h>
#include <mach/memory_object_types.h>
#include <mach/policy.h>
#include <mach/special_ports.h>
#include <mach/std_types.h>
#include <mach/sync_policy.h>
#include <mach/task_info.h>
#include <mach/thread_info.h>
#include <mach/thread_status.h>
#include <mach/thread_switch.h>
#include <mach/vm_behavior.h>
#include <mach/vm_inherit.h>
#include <mach/vm_param.h>
#include <mach/vm_prot.h>
#include <mach/vm_region.h>
#include <mach/vm_statistics.h>

typedef mach_port_t task_t;
typedef mach_port_t task_name_t;
typedef mach_port_t thread_t;
typedef mach_port_t thread_act_t;
typedef mach_port_t ipc_space_t;
typedef mach_port_t vm_map_t;
typedef mach_port_t vm_task_entry_t;
typedef mach_port_t host_t;
typedef mach_port_t host_priv_t;
typedef mach_port_t host_security_t;
typedef mach_port_t processor_t;
typedef mach_port_t processor_set_t;
typedef mach_port_t clock_serv_t;
typedef mach_port_t clock_ctrl_t;
typedef mach_port_t clock_reply_t;
typedef mach_port_t semaphore_t;
typedef mach_port_t ledger_t;

typedef task_t* task_array_t;
typedef thread_act_t* thread_act_array_t;
typedef thread_act_t* thread_array_t;
typedef ledger_t* ledger_array_t;

#define TASK_NULL MACH_PORT_NULL
#define THREAD_NULL MACH_PORT_NULL
#define HOST_NULL MACH_PORT_NULL
#define MEMORY_OBJECT_NULL MACH_PORT_NULL

#endif
