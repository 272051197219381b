/* mach/task_info.h: flavours of task_info(). */
#ifndef MACH_TASK_INFO_H
#define MACH_TASK_INFO_H

#include <mach/message.h>
#include <mach/policy.h>
#include <mach/time_value.h>
#include <mach/vm_types.h>

typedef natural_t task_flavor_t;
typedef integer_t* task_info_t;
#define TASK_INFO_MAX 64 /* integers */

#pragma pack(push, 4)

#define MACH_TASK_BASIC_INFO 20
typedef struct mach_task_basic_info {
    mach_vm_size_t virtual_size;  /* bytes */
    mach_vm_size_t resident_size; /* bytes, each shared page counted whole */
    mach_vm_size_t resident_size_max;
    time_value_t user_time; /* of threads that have ended: TASK_THREAD_TIMES_INFO has the others' */
    time_value_t system_time;
    policy_t policy;
    integer_t suspend_count;
} mach_task_basic_info_data_t;
typedef mach_task_basic_info_data_t* mach_task_basic_info_t;
#define MACH_TASK_BASIC_INFO_COUNT ((natural_t)(sizeof(mach_task_basic_info_data_t) / sizeof(natural_t)))

/* The historic name has the wide structure here, too. */
#define TASK_BASIC_INFO MACH_TASK_BASIC_INFO
#define TASK_BASIC_INFO_COUNT MACH_TASK_BASIC_INFO_COUNT
typedef mach_task_basic_info_data_t task_basic_info_data_t;
typedef task_basic_info_data_t* task_basic_info_t;

#define TASK_EVENTS_INFO 2
typedef struct task_events_info {
    integer_t faults;
    integer_t pageins;
    integer_t cow_faults;
    integer_t messages_sent;
    integer_t messages_received;
    integer_t syscalls_mach;
    integer_t syscalls_unix; /* 0 */
    integer_t csw;           /* context switches */
} task_events_info_data_t;
typedef task_events_info_data_t* task_events_info_t;
#define TASK_EVENTS_INFO_COUNT ((natural_t)(sizeof(task_events_info_data_t) / sizeof(natural_t)))

#define TASK_THREAD_TIMES_INFO 3
typedef struct task_thread_times_info {
    time_value_t user_time; /* of living threads */
    time_value_t system_time;
} task_thread_times_info_data_t;
typedef task_thread_times_info_data_t* task_thread_times_info_t;
#define TASK_THREAD_TIMES_INFO_COUNT ((natural_t)(sizeof(task_thread_times_info_data_t) / sizeof(natural_t)))

#define TASK_SECURITY_TOKEN 13 /* security_token_t */
#define TASK_SECURITY_TOKEN_COUNT ((natural_t)(sizeof(security_token_t) / sizeof(natural_t)))
#define TASK_AUDIT_TOKEN 15 /* audit_token_t */
#define TASK_AUDIT_TOKEN_COUNT ((natural_t)(sizeof(audit_token_t) / sizeof(natural_t)))

#pragma pack(pop)

#endif
