/* BSD's old names for limits, and its arithmetic. */
#ifndef _SYS_PARAM_H
#define _SYS_PARAM_H

#include <limits.h>
#include <sys/config.h>
#include <sys/types.h>
#include <machine/endian.h>

#define NBBY 8
#define HZ 100
#define NOFILE OPEN_MAX
#define NGROUPS NGROUPS_MAX
#define MAXPATHLEN PATH_MAX
#define MAXSYMLINKS SYMLOOP_MAX
#define MAXHOSTNAMELEN HOST_NAME_MAX
#define DEV_BSIZE 512

#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#ifndef howmany
#define howmany(x, y) (((x) + ((y) - 1)) / (y))
#endif
#define roundup(x, y) ((((x) + ((y) - 1)) / (y)) * (y))
#define powerof2(x) ((((x) - 1) & (x)) == 0)

#endif
