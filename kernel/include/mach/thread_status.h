/* mach/thread_status.h: a thread's registers as an array of integers; machine/thread_status.h says which. */
#ifndef MACH_THREAD_STATUS_H
#define MACH_THREAD_STATUS_H

#include <mach/machine/thread_status.h>
#include <mach/vm_types.h>

typedef natural_t* thread_state_t;
typedef int thread_state_flavor_t;
typedef thread_state_flavor_t* thread_state_flavor_array_t;

#define THREAD_STATE_MAX MACHINE_THREAD_STATE_MAX
#define THREAD_STATE_NONE 13

#endif
