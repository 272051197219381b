/* mach/sync_policy.h: who a semaphore wakes first. */
#ifndef MACH_SYNC_POLICY_H
#define MACH_SYNC_POLICY_H

typedef int sync_policy_t;
#define SYNC_POLICY_FIFO 0x0
#define SYNC_POLICY_FIXED_PRIORITY 0x1

#endif
