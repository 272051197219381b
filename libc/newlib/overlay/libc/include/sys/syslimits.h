/* Portico's limits: what <limits.h> and <sys/param.h> report, and the services enforce. */
#ifndef _SYS_SYSLIMITS_H_
#define _SYS_SYSLIMITS_H_

#define ARG_MAX 2097152 /* bytes of arguments and environment of an exec */
#ifndef CHILD_MAX
#define CHILD_MAX 1024
#endif
#define LINK_MAX 32767
#define MAX_CANON 4095 /* bytes in a terminal's input line, without its end */
#define MAX_INPUT 4095
#define NAME_MAX 255
#define NGROUPS_MAX 32
#ifndef OPEN_MAX
#define OPEN_MAX 1024
#endif
#define PATH_MAX 4096
#define PIPE_BUF 4096
#define IOV_MAX 1024
#define SYMLOOP_MAX 40
#define HOST_NAME_MAX 64
#define LOGIN_NAME_MAX 256
#define TTY_NAME_MAX 32
#define SSIZE_MAX __LONG_MAX__
#define NZERO 20

#define BC_BASE_MAX 99
#define BC_DIM_MAX 2048
#define BC_SCALE_MAX 99
#define BC_STRING_MAX 1000
#define COLL_WEIGHTS_MAX 255
#define EXPR_NEST_MAX 32
#define LINE_MAX 2048
#define RE_DUP_MAX 255 /* what newlib's <regex.h> accepts */

#define PTHREAD_KEYS_MAX 128
#define PTHREAD_STACK_MIN 16384
#define PTHREAD_DESTRUCTOR_ITERATIONS 4
#define SEM_VALUE_MAX 0x7fffffff

/* What POSIX guarantees everywhere. */
#define _POSIX_ARG_MAX 4096
#define _POSIX_CHILD_MAX 25
#define _POSIX_HOST_NAME_MAX 255
#define _POSIX_LINK_MAX 8
#define _POSIX_LOGIN_NAME_MAX 9
#define _POSIX_MAX_CANON 255
#define _POSIX_MAX_INPUT 255
#define _POSIX_NAME_MAX 14
#define _POSIX_NGROUPS_MAX 8
#define _POSIX_OPEN_MAX 20
#define _POSIX_PATH_MAX 256
#define _POSIX_PIPE_BUF 512
#define _POSIX_SSIZE_MAX 32767
#define _POSIX_SYMLINK_MAX 255
#define _POSIX_SYMLOOP_MAX 8
#define _POSIX_TTY_NAME_MAX 9
#define _POSIX_TZNAME_MAX 6
#define _POSIX2_LINE_MAX 2048

#endif
