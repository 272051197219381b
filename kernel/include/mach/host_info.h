/* mach/host_info.h: flavours of host_info() and host_statistics(). */
#ifndef MACH_HOST_INFO_H
#define MACH_HOST_INFO_H

#include <mach/vm_statistics.h>
#include <mach/vm_types.h>

typedef integer_t* host_info_t;
typedef integer_t host_flavor_t;
#define HOST_INFO_MAX 64 /* integers */

#define KERNEL_VERSION_MAX 512
typedef char kernel_version_t[KERNEL_VERSION_MAX];
#define KERNEL_BOOT_INFO_MAX 4096
typedef char kernel_boot_info_t[KERNEL_BOOT_INFO_MAX];

#pragma pack(push, 4)

/* ---- host_info ---- */

#define HOST_BASIC_INFO 1
typedef struct host_basic_info {
    integer_t max_cpus;
    integer_t avail_cpus;
    uint64_t memory_size; /* bytes that the kernel manages */
    integer_t cpu_type;   /* CPU_TYPE_X86_64 */
    integer_t cpu_subtype;
} host_basic_info_data_t;
typedef host_basic_info_data_t* host_basic_info_t;
#define HOST_BASIC_INFO_COUNT ((natural_t)(sizeof(host_basic_info_data_t) / sizeof(natural_t)))

#define HOST_SCHED_INFO 3
typedef struct host_sched_info {
    integer_t min_timeout; /* milliseconds */
    integer_t min_quantum;
} host_sched_info_data_t;
typedef host_sched_info_data_t* host_sched_info_t;
#define HOST_SCHED_INFO_COUNT ((natural_t)(sizeof(host_sched_info_data_t) / sizeof(natural_t)))

#define CPU_TYPE_X86_64 0x01000007

/* ---- host_statistics ---- */

#define HOST_LOAD_INFO 1
typedef struct host_load_info {
    integer_t avenrun[3]; /* runnable threads over 1, 5 and 15 minutes, times LOAD_SCALE */
    integer_t mach_factor[3];
} host_load_info_data_t;
typedef host_load_info_data_t* host_load_info_t;
#define HOST_LOAD_INFO_COUNT ((natural_t)(sizeof(host_load_info_data_t) / sizeof(natural_t)))
#define LOAD_SCALE 1000

#define HOST_VM_INFO 2 /* vm_statistics_data_t */
#define HOST_VM_INFO_COUNT ((natural_t)(sizeof(vm_statistics_data_t) / sizeof(natural_t)))

#define HOST_CPU_LOAD_INFO 3
#define CPU_STATE_USER 0
#define CPU_STATE_SYSTEM 1
#define CPU_STATE_IDLE 2
#define CPU_STATE_NICE 3
#define CPU_STATE_MAX 4
typedef struct host_cpu_load_info {
    natural_t cpu_ticks[CPU_STATE_MAX]; /* hundredths of a second, all processors together */
} host_cpu_load_info_data_t;
typedef host_cpu_load_info_data_t* host_cpu_load_info_t;
#define HOST_CPU_LOAD_INFO_COUNT ((natural_t)(sizeof(host_cpu_load_info_data_t) / sizeof(natural_t)))

#pragma pack(pop)

/* ---- host_reboot ---- */

#define HOST_REBOOT_HALT 0x8
#define HOST_REBOOT_RESTART 0x0
#define HOST_REBOOT_POWER_OFF 0x10

#endif
