/* The sizes of Portico's basic types, which newlib leaves to the machine.
 *
 * newlib's defaults for an unknown target are 16 bits for ino_t, dev_t, uid_t and gid_t.  These are the widths
 * that programs written for today's 64-bit systems expect; tests/unit/libc/abi_sizes.c pins them. */
#ifndef _MACHINE__TYPES_H
#define _MACHINE__TYPES_H

#include <machine/_default_types.h>

#define __machine_dev_t_defined
typedef __uint64_t __dev_t;

#define __machine_ino_t_defined
typedef __uint64_t __ino_t;

#define __machine_uid_t_defined
typedef __uint32_t __uid_t;

#define __machine_gid_t_defined
typedef __uint32_t __gid_t;

#define __machine_fsfilcnt_t_defined
typedef __uint64_t __fsfilcnt_t;

#define __machine_key_t_defined
typedef int __key_t;

#define __machine_clock_t_defined
#define _CLOCK_T_ long

#define __machine_clockid_t_defined
#define _CLOCKID_T_ int

#define __machine_sa_family_t_defined
typedef __uint16_t __sa_family_t;

#endif
