/* mach/clock_types.h: the host's clocks, and the page from which any task reads the time without a call. */
#ifndef MACH_CLOCK_TYPES_H
#define MACH_CLOCK_TYPES_H

#include <mach/vm_types.h>

typedef int clock_id_t;
#define SYSTEM_CLOCK 0   /* since start-up; never goes back, cannot be set */
#define CALENDAR_CLOCK 1 /* since 1970-01-01 00:00 UTC, read from the hardware's clock at start-up */

typedef int alarm_type_t;
#define TIME_ABSOLUTE 0x0
#define TIME_RELATIVE 0x1

typedef int clock_flavor_t;
typedef integer_t* clock_attr_t;
#define CLOCK_GET_TIME_RES 1 /* one integer: resolution of clock_get_time(), nanoseconds */
#define CLOCK_ALARM_CURRES 3 /* one integer: resolution of alarms and sleep, nanoseconds */
#define CLOCK_ALARM_MINRES 4
#define CLOCK_ALARM_MAXRES 5
#define CLOCK_ATTR_MAX 4

typedef struct mach_timespec {
    unsigned int tv_sec;
    integer_t tv_nsec;
} mach_timespec_t;

#define NSEC_PER_SEC 1000000000ull
#define NSEC_PER_MSEC 1000000ull
#define NSEC_PER_USEC 1000ull
#define USEC_PER_SEC 1000000ull

/* The page that host_get_time_page() gives out, mapped read only. Read it like this: remember `sequence`; if
 * it is odd start again; read the rest and the processor's counter; if `sequence` has changed start again.
 * Then
 *     system time = base_system + ((counter - base_counter) * multiplier >> shift)    (a 128-bit product)
 *     calendar    = system time + calendar_offset
 * both in nanoseconds. */
typedef struct mach_time_page {
    uint32_t version; /* MACH_TIME_PAGE_VERSION */
    uint32_t sequence;
    uint64_t base_counter; /* TSC */
    uint64_t base_system;
    uint64_t multiplier;
    uint32_t shift;
    uint32_t pad;
    int64_t calendar_offset;
} mach_time_page_t;
#define MACH_TIME_PAGE_VERSION 1

#endif
