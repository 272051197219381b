/* darwin_types.h: the C types of types.defs, as simple as they can be. */
#ifndef DARWIN_TYPES_H
#define DARWIN_TYPES_H

#include <mach/exception_types.h>
#include <mach/std_types.h>

#ifdef KERNEL_SERVER
typedef struct task* task_t;
typedef struct thread* thread_act_t;
typedef struct host* host_t;
typedef struct vm_map* vm_map_t;
typedef struct handler* exception_handler_t;

task_t convert_port_to_task(mach_port_t port);
mach_port_t convert_task_to_port(task_t task);
void task_deallocate(task_t task);
thread_act_t convert_port_to_act(mach_port_t port);
mach_port_t convert_act_to_port(thread_act_t act);
void act_deallocate(thread_act_t act);
host_t convert_port_to_host(mach_port_t port);
mach_port_t convert_host_to_port(host_t host);
vm_map_t convert_port_entry_to_map(mach_port_t port);
void vm_map_deallocate(vm_map_t map);
exception_handler_t port_to_handler(mach_port_t port);
mach_port_t handler_to_port(exception_handler_t handler);
#else
typedef mach_port_t task_t, thread_act_t, host_t, vm_map_t, exception_handler_t;
#endif

typedef mach_port_t* thread_act_array_t;
typedef mach_port_t* processor_array_t;
typedef mach_port_t processor_t;
typedef mach_port_t ledger_t, mach_port_send_t;
typedef uint64_t mach_vm_address_t, mach_vm_size_t;
typedef int vm_prot_t, vm_inherit_t;
typedef int vm_region_flavor_t, task_flavor_t, thread_state_flavor_t, host_flavor_t, processor_flavor_t,
    ledger_item_t;
typedef struct {
    int seconds, nanoseconds;
} mach_timespec_t;
typedef struct {
    char bytes[80];
} zone_name_t;
typedef struct {
    char bytes[36];
} zone_info_t;
typedef zone_name_t* zone_name_array_t;
typedef zone_info_t* zone_info_array_t;

#endif
