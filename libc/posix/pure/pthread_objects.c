/* Mutexes, condition variables, keys and the like for a process with one thread.
 *
 * There is no pthread_create() yet, so nobody else can hold a lock or signal a condition: what would wait for another
 * thread for ever is an error instead (EDEADLK).  Library code that locks as a precaution works.
 *
 * A mutex: __state[0] how often it is held, [1] its kind.  A reader-writer lock: [0] holds, -1 for a writer. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

pthread_t pthread_self(void)
{
    static char first_thread;

    return (pthread_t)&first_thread;
}

int pthread_equal(pthread_t a, pthread_t b) { return a == b; }

int pthread_create(pthread_t* restrict thread, const pthread_attr_t* restrict attributes,
                   void* (*start)(void*), void* restrict argument)
{
    (void)thread, (void)attributes, (void)start, (void)argument;
    return ENOSYS;
}

int pthread_join(pthread_t thread, void** result)
{
    (void)result;
    return pthread_equal(thread, pthread_self()) ? EDEADLK : ESRCH;
}

int pthread_detach(pthread_t thread) { return pthread_equal(thread, pthread_self()) ? 0 : ESRCH; }

int pthread_once(pthread_once_t* once, void (*initialize)(void))
{
    if (!*once) {
        *once = 1;
        initialize();
    }
    return 0;
}

int pthread_setcancelstate(int state, int* old)
{
    static int current = PTHREAD_CANCEL_ENABLE;

    if (old)
        *old = current;
    current = state;
    return 0;
}

int pthread_mutexattr_init(pthread_mutexattr_t* attributes)
{
    attributes->__state[0] = PTHREAD_MUTEX_DEFAULT;
    return 0;
}

int pthread_mutexattr_destroy(pthread_mutexattr_t* attributes)
{
    (void)attributes;
    return 0;
}

int pthread_mutexattr_settype(pthread_mutexattr_t* attributes, int kind)
{
    if (kind < PTHREAD_MUTEX_NORMAL || kind > PTHREAD_MUTEX_ERRORCHECK)
        return EINVAL;
    attributes->__state[0] = kind;
    return 0;
}

int pthread_mutex_init(pthread_mutex_t* mutex, const pthread_mutexattr_t* attributes)
{
    mutex->__state[0] = 0;
    mutex->__state[1] = attributes ? attributes->__state[0] : PTHREAD_MUTEX_DEFAULT;
    return 0;
}

int pthread_mutex_destroy(pthread_mutex_t* mutex) { return mutex->__state[0] ? EBUSY : 0; }

int pthread_mutex_lock(pthread_mutex_t* mutex)
{
    if (mutex->__state[0] && mutex->__state[1] != PTHREAD_MUTEX_RECURSIVE)
        return EDEADLK;
    mutex->__state[0]++;
    return 0;
}

int pthread_mutex_trylock(pthread_mutex_t* mutex) { return pthread_mutex_lock(mutex) ? EBUSY : 0; }

int pthread_mutex_unlock(pthread_mutex_t* mutex)
{
    if (!mutex->__state[0])
        return EPERM;
    mutex->__state[0]--;
    return 0;
}

int pthread_cond_init(pthread_cond_t* condition, const pthread_condattr_t* attributes)
{
    (void)condition, (void)attributes;
    return 0;
}

int pthread_cond_destroy(pthread_cond_t* condition)
{
    (void)condition;
    return 0;
}

int pthread_cond_signal(pthread_cond_t* condition)
{
    (void)condition;
    return 0;
}

int pthread_cond_broadcast(pthread_cond_t* condition)
{
    (void)condition;
    return 0;
}

int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex)
{
    (void)condition, (void)mutex;
    return EDEADLK;
}

int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const struct timespec* until)
{
    (void)condition, (void)mutex, (void)until;
    return EDEADLK;
}

int pthread_rwlock_rdlock(pthread_rwlock_t* lock)
{
    if (lock->__state[0] < 0)
        return EDEADLK;
    lock->__state[0]++;
    return 0;
}

int pthread_rwlock_wrlock(pthread_rwlock_t* lock)
{
    if (lock->__state[0])
        return EDEADLK;
    lock->__state[0] = -1;
    return 0;
}

int pthread_rwlock_unlock(pthread_rwlock_t* lock)
{
    if (!lock->__state[0])
        return EPERM;
    lock->__state[0] = lock->__state[0] < 0 ? 0 : lock->__state[0] - 1;
    return 0;
}
