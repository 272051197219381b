/* libc/posix/descriptors.c: which channel belongs to which descriptor.
 *
 * fs is the authority; this is a cache.  An entry holds one user reference of the channel's name, so two descriptors of
 * one description hold one name twice.  A slot is emptied before fs is asked to close or replace the descriptor.
 */
#include "internal.h"

#include <errno.h>
#include <mach/mach.h>
#include <portico/fs.h>
#include <string.h>
#include <sys/select.h>

static struct portico_descriptor slots[FD_SETSIZE];

int __portico_descriptor(int fd, struct portico_descriptor* descriptor)
{
    if (fd < 0 || fd >= FD_SETSIZE) {
        errno = EBADF;
        return -1;
    }
    struct portico_descriptor* slot = &slots[fd];
    if (slot->channel == MACH_PORT_NULL) {
        kern_return_t code = fs_channel(__portico_fs_port(), fd, &slot->channel, &slot->kind);
        if (code != KERN_SUCCESS) {
            slot->channel = MACH_PORT_NULL;
            return __portico_fail(code);
        }
    }
    *descriptor = *slot;
    return 0;
}

mach_port_t __portico_channel(int fd)
{
    struct portico_descriptor descriptor;

    return __portico_descriptor(fd, &descriptor) == 0 ? descriptor.channel : MACH_PORT_NULL;
}

void __portico_remember(int fd, mach_port_t channel, uint32_t kind)
{
    if (fd < 0 || fd >= FD_SETSIZE) {
        mach_port_deallocate(mach_task_self(), channel);
        return;
    }
    __portico_forget_descriptor(fd);
    slots[fd].channel = channel;
    slots[fd].kind = kind;
}

void __portico_forget_descriptor(int fd)
{
    if (fd < 0 || fd >= FD_SETSIZE || slots[fd].channel == MACH_PORT_NULL)
        return;
    mach_port_t channel = slots[fd].channel;
    slots[fd].channel = MACH_PORT_NULL;
    mach_port_deallocate(mach_task_self(), channel);
}

void __portico_forget_descriptors(void) { memset(slots, 0, sizeof slots); }
