/* A device number: 32 bits of major, 32 bits of minor, coded as glibc does. */
#ifndef _SYS_SYSMACROS_H
#define _SYS_SYSMACROS_H

#include <sys/types.h>

#define major(d) ((unsigned)((((d) >> 32) & 0xfffff000) | (((d) >> 8) & 0x00000fff)))
#define minor(d) ((unsigned)((((d) >> 12) & 0xffffff00) | ((d) & 0x000000ff)))
#define makedev(x, y)                                                                                        \
    ((dev_t)((((x) & 0xfffff000ULL) << 32) | (((x) & 0x00000fffULL) << 8) | (((y) & 0xffffff00ULL) << 12) |  \
             ((y) & 0x000000ffULL)))

#endif
