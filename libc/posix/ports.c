/* libc/posix/ports.c: the process's ports, and what a stub's result means as an errno. */
#include "internal.h"

#include <errno.h>
#include <mach/mach.h>
#include <string.h>

#define PROCESS_PORT 0 /* places among the task's registered ports: docs/unix-server.md */
#define FS_PORT 1
#define PORT_COUNT 2

static mach_port_t registered[PORT_COUNT];

static void look_up_ports(void)
{
    mach_port_array_t ports = NULL;
    mach_msg_type_number_t count = 0;

    if (mach_ports_lookup(mach_task_self(), &ports, &count) != KERN_SUCCESS)
        return;
    for (mach_msg_type_number_t i = 0; i < count; i++) {
        if (i < PORT_COUNT)
            registered[i] = ports[i];
        else if (MACH_PORT_VALID(ports[i]))
            mach_port_deallocate(mach_task_self(), ports[i]);
    }
    if (ports)
        vm_deallocate(mach_task_self(), (vm_address_t)ports, count * sizeof *ports);
}

static mach_port_t port_at(unsigned place)
{
    if (registered[place] == MACH_PORT_NULL)
        look_up_ports();
    return registered[place];
}

mach_port_t __portico_process_port(void) { return port_at(PROCESS_PORT); }

mach_port_t __portico_fs_port(void) { return port_at(FS_PORT); }

/* The names belong to the parent's port space; the child's space has other ones. */
void __portico_forget_ports(void) { memset(registered, 0, sizeof registered); }

int __portico_errno_of(kern_return_t code)
{
    if (UNIX_ERROR_IS(code))
        return UNIX_ERROR_NUMBER(code);
    switch (code) {
    case KERN_SUCCESS:
        return 0;
    case KERN_NO_SPACE:
    case KERN_RESOURCE_SHORTAGE:
        return ENOMEM;
    case KERN_INVALID_ADDRESS:
    case MACH_SEND_INVALID_DATA:
    case MACH_SEND_INVALID_MEMORY:
        return EFAULT;
    case KERN_PROTECTION_FAILURE:
        return EACCES;
    case KERN_INVALID_ARGUMENT:
    case MIG_BAD_ARGUMENTS:
        return EINVAL;
    case MIG_BAD_ID:
        return ENOTTY; /* the channel does not speak that interface: no terminal, no directory ... */
    case MACH_SEND_INTERRUPTED:
    case MACH_RCV_INTERRUPTED:
    case KERN_ABORTED:
        return EINTR;
    default:
        return EIO;
    }
}

int __portico_fail(kern_return_t code)
{
    errno = __portico_errno_of(code);
    return -1;
}

int __portico_check_path(const char* path)
{
    if (!path) {
        errno = EFAULT;
        return -1;
    }
    if (strnlen(path, UNIX_PATH_MAX) >= UNIX_PATH_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    return 0;
}
