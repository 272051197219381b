/* Stopping the machine.  The numbers are those of Linux. */
#ifndef _SYS_REBOOT_H
#define _SYS_REBOOT_H

#include <sys/cdefs.h>

#define RB_AUTOBOOT 0x01234567
#define RB_HALT_SYSTEM 0xcdef0123
#define RB_POWER_OFF 0x4321fedc

__BEGIN_DECLS
/* Does not return if it succeeds. EPERM: only root may; EINVAL: none of the above. */
int reboot(int __how);
__END_DECLS

#endif
