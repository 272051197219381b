/* The objects of POSIX threads.  Their sizes are part of the ABI; their contents are libc/posix's. */
#ifndef _SYS__PTHREADTYPES_H_
#define _SYS__PTHREADTYPES_H_

#include <sys/sched.h>

typedef struct __pthread* pthread_t;
typedef unsigned pthread_key_t;
typedef int pthread_spinlock_t;
typedef int pthread_once_t;

#define __PTHREAD_OBJECT(name, longs) \
    typedef union {                   \
        int __state[2 * (longs)];     \
        long __align[longs];          \
    } name

__PTHREAD_OBJECT(pthread_mutex_t, 5);
__PTHREAD_OBJECT(pthread_cond_t, 6);
__PTHREAD_OBJECT(pthread_rwlock_t, 7);
__PTHREAD_OBJECT(pthread_barrier_t, 4);
__PTHREAD_OBJECT(pthread_attr_t, 7);
__PTHREAD_OBJECT(pthread_mutexattr_t, 1);
__PTHREAD_OBJECT(pthread_condattr_t, 1);
__PTHREAD_OBJECT(pthread_rwlockattr_t, 1);
__PTHREAD_OBJECT(pthread_barrierattr_t, 1);

#define _PTHREAD_MUTEX_INITIALIZER { { 0 } }
#define _PTHREAD_COND_INITIALIZER { { 0 } }
#define _PTHREAD_RWLOCK_INITIALIZER { { 0 } }
#define _PTHREAD_ONCE_INIT 0

#define PTHREAD_CREATE_JOINABLE 0
#define PTHREAD_CREATE_DETACHED 1
#define PTHREAD_SCOPE_SYSTEM 0
#define PTHREAD_SCOPE_PROCESS 1
#define PTHREAD_INHERIT_SCHED 0
#define PTHREAD_EXPLICIT_SCHED 1
#define PTHREAD_PROCESS_PRIVATE 0
#define PTHREAD_PROCESS_SHARED 1
#define PTHREAD_PRIO_NONE 0
#define PTHREAD_PRIO_INHERIT 1
#define PTHREAD_PRIO_PROTECT 2
#define PTHREAD_MUTEX_NORMAL 0
#define PTHREAD_MUTEX_RECURSIVE 1
#define PTHREAD_MUTEX_ERRORCHECK 2
#define PTHREAD_MUTEX_DEFAULT PTHREAD_MUTEX_NORMAL

#endif
