/* mach/time_value.h: a length of time in seconds and microseconds. */
#ifndef MACH_TIME_VALUE_H
#define MACH_TIME_VALUE_H

#include <mach/vm_types.h>

typedef struct time_value {
    integer_t seconds;
    integer_t microseconds;
} time_value_t;

#define TIME_MICROS_MAX 1000000

#endif
