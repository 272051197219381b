/* mach/kern_return.h: what a kernel call says.
 *
 * Numbers are those of OSF Mach and Darwin. mach_msg() has a space of codes of its own (message.h).
 */
#ifndef MACH_KERN_RETURN_H
#define MACH_KERN_RETURN_H

typedef int kern_return_t;

#define KERN_SUCCESS 0
#define KERN_INVALID_ADDRESS 1     /* not a valid address in the map, or not allocated */
#define KERN_PROTECTION_FAILURE 2  /* the protection or maximum protection forbids it */
#define KERN_NO_SPACE 3            /* no range of that size is free, or no room for more names */
#define KERN_INVALID_ARGUMENT 4    /* an argument has no meaning here */
#define KERN_FAILURE 5             /* nothing more exact can be said */
#define KERN_RESOURCE_SHORTAGE 6   /* the kernel, or the caller's ledger, has no room; try again later */
#define KERN_NOT_RECEIVER 7        /* not the receiver of the port */
#define KERN_NO_ACCESS 8           /* the right does not allow it */
#define KERN_MEMORY_FAILURE 9      /* the pager has destroyed or lost the memory object */
#define KERN_MEMORY_ERROR 10       /* the pager said that the data cannot be had */
#define KERN_ALREADY_IN_SET 11     /* the receive right is already in that port set */
#define KERN_NOT_IN_SET 12         /* the receive right is not in that port set */
#define KERN_NAME_EXISTS 13        /* the name already denotes a right */
#define KERN_ABORTED 14            /* thread_abort() ended the call */
#define KERN_INVALID_NAME 15       /* the name denotes nothing in the space */
#define KERN_INVALID_TASK 16       /* the target is not a task, or a dead one */
#define KERN_INVALID_RIGHT 17      /* the name denotes a right, but not of this kind */
#define KERN_INVALID_VALUE 18      /* out of the allowed range */
#define KERN_UREFS_OVERFLOW 19     /* the count of user references would overflow */
#define KERN_INVALID_CAPABILITY 20 /* the right in the message is not of the expected kind */
#define KERN_RIGHT_EXISTS 21       /* the space holds a right to this port under another name */
#define KERN_INVALID_HOST 22       /* the target is not a host port */
#define KERN_MEMORY_PRESENT 23     /* the page is already resident; the data was dropped */
#define KERN_MEMORY_DATA_MOVED 24
#define KERN_MEMORY_RESTART_COPY 25
#define KERN_INVALID_PROCESSOR_SET 26
#define KERN_POLICY_LIMIT 27
#define KERN_INVALID_POLICY 28
#define KERN_INVALID_OBJECT 29 /* the right is not a memory object or memory entry */
#define KERN_ALREADY_WAITING 30
#define KERN_DEFAULT_SET 31
#define KERN_EXCEPTION_PROTECTED 32
#define KERN_INVALID_LEDGER 33
#define KERN_INVALID_MEMORY_CONTROL 34
#define KERN_INVALID_SECURITY 35 /* not the host's security port */
#define KERN_NOT_DEPRESSED 36
#define KERN_TERMINATED 37 /* the object was terminated */
#define KERN_LOCK_SET_DESTROYED 38
#define KERN_LOCK_UNSTABLE 39
#define KERN_LOCK_OWNED 40
#define KERN_LOCK_OWNED_SELF 41
#define KERN_SEMAPHORE_DESTROYED 42
#define KERN_RPC_SERVER_TERMINATED 43
#define KERN_RPC_TERMINATE_ORPHAN 44
#define KERN_RPC_CONTINUE_ORPHAN 45
#define KERN_NOT_SUPPORTED 46 /* known, but not done by this kernel or this object */
#define KERN_NODE_DOWN 47
#define KERN_NOT_WAITING 48
#define KERN_OPERATION_TIMED_OUT 49
#define KERN_CODESIGN_ERROR 50
#define KERN_POLICY_STATIC 51
#define KERN_INSUFFICIENT_BUFFER_SIZE 52
#define KERN_DENIED 53

#define KERN_RETURN_MAX 0x100

#endif
