/* Thread-specific data of a process with one thread. */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stddef.h>

typedef void (*Destructor)(void*);

static struct {
    int used;
    void* value;
    Destructor destroy; /* never called: the one thread ends by exit(), which runs no destructors of keys */
} keys[PTHREAD_KEYS_MAX];

int pthread_key_create(pthread_key_t* key, Destructor destroy)
{
    for (pthread_key_t i = 0; i < PTHREAD_KEYS_MAX; i++) {
        if (keys[i].used)
            continue;
        keys[i].used = 1;
        keys[i].value = NULL;
        keys[i].destroy = destroy;
        *key = i;
        return 0;
    }
    return EAGAIN;
}

int pthread_key_delete(pthread_key_t key)
{
    if (key >= PTHREAD_KEYS_MAX || !keys[key].used)
        return EINVAL;
    keys[key].used = 0;
    return 0;
}

void* pthread_getspecific(pthread_key_t key) { return key < PTHREAD_KEYS_MAX ? keys[key].value : NULL; }

int pthread_setspecific(pthread_key_t key, const void* value)
{
    if (key >= PTHREAD_KEYS_MAX || !keys[key].used)
        return EINVAL;
    keys[key].value = (void*)value;
    return 0;
}
