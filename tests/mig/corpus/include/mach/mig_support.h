/* What generated stubs expect of a libmach, for the stubs that the corpus test compiles. */
#ifndef MACH_MIG_SUPPORT_H
#define MACH_MIG_SUPPORT_H

#include <mach/message.h>
#include <string.h>

mach_port_t mig_get_reply_port(void);
void mig_put_reply_port(mach_port_t port);
void mig_dealloc_reply_port(mach_port_t port);
vm_size_t mig_strncpy(char* to, const char* from, vm_size_t limit);
void mig_allocate(vm_offset_t* address, vm_size_t size);
void mig_deallocate(vm_offset_t address, vm_size_t size);

#endif
