/* libc/mach/c/clock_sleep.c */
#include <mach/mach.h>

kern_return_t clock_sleep(mach_port_t clock, int sleep_type, mach_timespec_t sleep_time,
                          mach_timespec_t* wakeup_time)
{
    return clock_sleep_trap(clock, sleep_type, (int)sleep_time.tv_sec, sleep_time.tv_nsec, wakeup_time);
}
