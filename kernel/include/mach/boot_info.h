/* mach/boot_info.h: what the kernel hands the first task.
 *
 * The kernel loads boot module 0, a static PIE in ELF64, into a new task and starts one thread in it under
 * the entry contract of every program: %rsp, a multiple of 16, points at argc, then argv, envp and the
 * auxiliary vector
 * (AT_PHDR, AT_PHENT, AT_PHNUM, AT_PAGESZ, AT_ENTRY, AT_BASE = 0); every other register is 0. argv[0] is the
 * module's name; the words of the kernel's command line that follow "--" are the other arguments. There is no
 * environment.
 *
 * The ports that it needs are those it finds by mach_ports_lookup():
 */
#ifndef MACH_BOOT_INFO_H
#define MACH_BOOT_INFO_H

#define BOOT_PORT_HOST_PRIV 0     /* the host's privileged port */
#define BOOT_PORT_DEVICE_MASTER 1 /* authority over I/O ports, interrupts and physical memory */

/* Boot modules (host_boot_module): 0 is the first task itself, 1 the root archive, 2 the archive of one run,
 * if any. */
#define BOOT_MODULE_FIRST_TASK 0
#define BOOT_MODULE_ROOT_ARCHIVE 1
#define BOOT_MODULE_RUN_ARCHIVE 2

#define BOOT_MODULE_NAME_MAX 128
typedef char boot_module_name_t[BOOT_MODULE_NAME_MAX];

#endif
