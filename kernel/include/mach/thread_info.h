/* mach/thread_info.h: flavours of thread_info(). */
#ifndef MACH_THREAD_INFO_H
#define MACH_THREAD_INFO_H

#include <mach/policy.h>
#include <mach/time_value.h>
#include <mach/vm_types.h>

typedef natural_t thread_flavor_t;
typedef integer_t* thread_info_t;
#define THREAD_INFO_MAX 32 /* integers */

#pragma pack(push, 4)

#define THREAD_BASIC_INFO 3
typedef struct thread_basic_info {
    time_value_t user_time;
    time_value_t system_time;
    integer_t cpu_usage; /* of the last second, TH_USAGE_SCALE is one whole processor */
    policy_t policy;
    integer_t run_state; /* TH_STATE_* */
    integer_t flags;     /* TH_FLAGS_* */
    integer_t suspend_count;
    integer_t sleep_time; /* seconds */
} thread_basic_info_data_t;
typedef thread_basic_info_data_t* thread_basic_info_t;
#define THREAD_BASIC_INFO_COUNT ((natural_t)(sizeof(thread_basic_info_data_t) / sizeof(natural_t)))

#define THREAD_IDENTIFIER_INFO 4
typedef struct thread_identifier_info {
    uint64_t thread_id;      /* never used again */
    uint64_t thread_handle;  /* its fs_base */
    uint64_t dispatch_qaddr; /* 0 */
} thread_identifier_info_data_t;
typedef thread_identifier_info_data_t* thread_identifier_info_t;
#define THREAD_IDENTIFIER_INFO_COUNT ((natural_t)(sizeof(thread_identifier_info_data_t) / sizeof(natural_t)))

#pragma pack(pop)

#define TH_USAGE_SCALE 1000

#define TH_STATE_RUNNING 1
#define TH_STATE_STOPPED 2
#define TH_STATE_WAITING 3
#define TH_STATE_UNINTERRUPTIBLE 4
#define TH_STATE_HALTED 5

#define TH_FLAGS_SWAPPED 0x1 /* has no kernel stack */
#define TH_FLAGS_IDLE 0x2

#endif
