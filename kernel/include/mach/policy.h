/* mach/policy.h: scheduling policies and priorities. A higher number is a higher priority. */
#ifndef MACH_POLICY_H
#define MACH_POLICY_H

#include <mach/vm_types.h>

typedef int policy_t;
typedef integer_t* policy_info_t;
typedef integer_t* policy_base_t;
typedef integer_t* policy_limit_t;

#define POLICY_NULL 0
#define POLICY_TIMESHARE 1
#define POLICY_RR 2
#define POLICY_FIFO 4

#define MACH_PRIORITY_MIN 0
#define MACH_PRIORITY_DEFAULT 31
#define MACH_PRIORITY_MAX_USER 63

typedef struct policy_timeshare_base {
    int base_priority;
} policy_timeshare_base_data_t;

#endif
