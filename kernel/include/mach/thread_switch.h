/* mach/thread_switch.h: options of thread_switch(). */
#ifndef MACH_THREAD_SWITCH_H
#define MACH_THREAD_SWITCH_H

#define SWITCH_OPTION_NONE 0 /* let another thread run */
#define SWITCH_OPTION_DEPRESS                                                                                \
    1 /* lowest priority for `option_time` milliseconds, or until thread_depress_abort() */
#define SWITCH_OPTION_WAIT 2 /* wait for `option_time` milliseconds */

#endif
