/* mach/device_types.h: the words of device_priv.defs. */
#ifndef MACH_DEVICE_TYPES_H
#define MACH_DEVICE_TYPES_H

#include <mach/port.h>
#include <mach/vm_types.h>

typedef mach_port_t device_master_t;    /* authority over all hardware; only bootstrap holds it */
typedef mach_port_t device_io_ports_t;  /* a range of I/O ports */
typedef mach_port_t device_interrupt_t; /* one interrupt line */

typedef natural_t device_cache_mode_t;
#define DEVICE_CACHE_NONE 0          /* registers */
#define DEVICE_CACHE_WRITE_COMBINE 1 /* frame buffers */
#define DEVICE_CACHE_NORMAL 2        /* tables that firmware left in memory */

/* One message carries at most this much to the kernel's log. */
#define HOST_LOG_MAX 1024

#endif
