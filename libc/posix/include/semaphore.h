/* POSIX semaphores. */
#ifndef _SEMAPHORE_H
#define _SEMAPHORE_H

#include <sys/_timespec.h>
#include <sys/cdefs.h>
#include <sys/types.h>

typedef union {
    int __state[8];
    long __align[4];
} sem_t;

#define SEM_FAILED ((sem_t*)0)

__BEGIN_DECLS
int sem_init(sem_t* __semaphore, int __shared, unsigned __value);
int sem_destroy(sem_t* __semaphore);
sem_t* sem_open(const char* __name, int __flags, ...);
int sem_close(sem_t* __semaphore);
int sem_unlink(const char* __name);
int sem_wait(sem_t* __semaphore);
int sem_timedwait(sem_t* __restrict __semaphore, const struct timespec* __restrict __until);
int sem_trywait(sem_t* __semaphore);
int sem_post(sem_t* __semaphore);
int sem_getvalue(sem_t* __restrict __semaphore, int* __restrict __value);
__END_DECLS

#endif
