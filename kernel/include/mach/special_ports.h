/* mach/special_ports.h: ports that tasks, threads and the host hold for everyone to ask for. */
#ifndef MACH_SPECIAL_PORTS_H
#define MACH_SPECIAL_PORTS_H

/* task_get_special_port, task_set_special_port */
#define TASK_KERNEL_PORT 1    /* what mach_task_self() gives the task; may be replaced by a proxy */
#define TASK_HOST_PORT 2      /* what mach_host_self() gives */
#define TASK_NAME_PORT 3      /* task_info() only; get only */
#define TASK_BOOTSTRAP_PORT 4 /* the name server; inherited */

/* thread_get_special_port, thread_set_special_port */
#define THREAD_KERNEL_PORT 1

/* host_get_special_port, host_set_special_port: of the node HOST_LOCAL_NODE */
#define HOST_LOCAL_NODE (-1)
#define HOST_SECURITY_PORT 0
#define HOST_PORT 1
#define HOST_PRIV_PORT 2
#define HOST_IO_MASTER_PORT 3
#define HOST_LEDGER_PORT 4 /* the root of the ledgers (ledger.defs) */
#define HOST_MAX_SPECIAL_KERNEL_PORT 7

/* mach_ports_register, mach_ports_lookup: slots that a new task inherits */
#define TASK_PORT_REGISTER_MAX 4

#endif
