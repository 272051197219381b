/* The auxiliary vector that exec leaves above the environment. */
#ifndef _SYS_AUXV_H
#define _SYS_AUXV_H

#include <elf.h>
#include <sys/cdefs.h>

__BEGIN_DECLS
unsigned long getauxval(unsigned long __type);
__END_DECLS

#endif
