/* mach/ledger_types.h: the resources that ledgers count (ledger.defs). */
#ifndef MACH_LEDGER_TYPES_H
#define MACH_LEDGER_TYPES_H

#define LEDGER_TASKS 0
#define LEDGER_THREADS 1
#define LEDGER_PORTS 2             /* receive rights, semaphores, ledgers */
#define LEDGER_NAMES 3             /* slots in tables of names */
#define LEDGER_MESSAGE_BYTES 4     /* in queues */
#define LEDGER_OUT_OF_LINE_PAGES 5 /* in messages */
#define LEDGER_MAP_ENTRIES 6
#define LEDGER_KERNEL_STACKS 7
#define LEDGER_RESOURCES 8

#define LEDGER_UNLIMITED UINT64_MAX
#define LEDGER_DEPTH_MAX 16 /* ledgers from the root to the lowest, both counted */

#endif
