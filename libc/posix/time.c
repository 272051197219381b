/* libc/posix/time.c: clocks, sleeping, alarms.
 *
 * The time is read from the kernel's time page without a call (mach/clock_types.h). */
#include "internal.h"

#include <errno.h>
#include <mach/clock_types.h>
#include <mach/mach.h>
#include <portico/process.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define NANOSECONDS 1000000000u

/* The mapping is inherited by fork, so a child need not ask again. */
static const volatile mach_time_page_t* time_page(void)
{
    static const volatile mach_time_page_t* page;
    mach_port_t entry = MACH_PORT_NULL;
    vm_address_t address = 0;

    if (page)
        return page;
    if (host_get_time_page(mach_host_self(), &entry) == KERN_SUCCESS &&
        vm_map(mach_task_self(), &address, 4096, 0, VM_FLAGS_ANYWHERE, entry, 0, FALSE, VM_PROT_READ,
               VM_PROT_READ, VM_INHERIT_SHARE) == KERN_SUCCESS)
        page = (const volatile mach_time_page_t*)address;
    if (entry != MACH_PORT_NULL)
        mach_port_deallocate(mach_task_self(), entry);
    return page;
}

static uint64_t read_counter(void)
{
    uint32_t low, high;

    __asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high)::"memory");
    return (uint64_t)high << 32 | low;
}

/* System time, and what to add for the calendar. */
static uint64_t read_time(int64_t* calendar_offset)
{
    const volatile mach_time_page_t* page = time_page();
    uint32_t sequence;
    uint64_t system;

    if (!page) {
        *calendar_offset = 0;
        return 0;
    }
    do {
        do
            sequence = __atomic_load_n(&page->sequence, __ATOMIC_ACQUIRE);
        while (sequence & 1);
        uint64_t elapsed = read_counter() - page->base_counter;
        system =
            page->base_system + (uint64_t)(((unsigned __int128)elapsed * page->multiplier) >> page->shift);
        *calendar_offset = page->calendar_offset;
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
    } while (sequence != page->sequence);
    return system;
}

uint64_t __portico_now_ns(void)
{
    int64_t offset;

    return read_time(&offset);
}

static struct timespec timespec_of(uint64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / NANOSECONDS), .tv_nsec = (long)(ns % NANOSECONDS)};
}

int clock_gettime(clockid_t clock, struct timespec* now)
{
    int64_t offset;
    uint64_t system = read_time(&offset);
    struct timespec used;

    switch (clock) {
    case CLOCK_REALTIME:
        *now = timespec_of(system + (uint64_t)offset);
        return 0;
    case CLOCK_MONOTONIC:
        *now = timespec_of(system);
        return 0;
    case CLOCK_PROCESS_CPUTIME_ID: {
        unix_usage_t own;
        kern_return_t code = process_usage(__portico_process_port(), 0, &own);
        if (code != KERN_SUCCESS)
            return __portico_fail(code);
        used = timespec_of(own.user_ns + own.system_ns);
        *now = used;
        return 0;
    }
    default:
        errno = EINVAL;
        return -1;
    }
}

int clock_getres(clockid_t clock, struct timespec* resolution)
{
    if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_PROCESS_CPUTIME_ID) {
        errno = EINVAL;
        return -1;
    }
    if (resolution)
        *resolution = (struct timespec){.tv_nsec = 1};
    return 0;
}

int clock_settime(clockid_t clock, const struct timespec* now)
{
    if (clock != CLOCK_REALTIME) {
        errno = EINVAL;
        return -1;
    }
    return __portico_finish(
        process_set_time(__portico_process_port(), (int64_t)now->tv_sec * NANOSECONDS + now->tv_nsec));
}

int gettimeofday(struct timeval* restrict now, void* restrict zone)
{
    struct timespec precise;

    (void)zone;
    clock_gettime(CLOCK_REALTIME, &precise);
    *now = (struct timeval){.tv_sec = precise.tv_sec, .tv_usec = precise.tv_nsec / 1000};
    return 0;
}

int settimeofday(const struct timeval* now, const struct timezone* zone)
{
    (void)zone;
    const struct timespec precise = {.tv_sec = now->tv_sec, .tv_nsec = now->tv_usec * 1000};
    return clock_settime(CLOCK_REALTIME, &precise);
}

/* Waits on a port that nobody sends to. */
int __portico_sleep_until(uint64_t deadline_ns)
{
    struct {
        mach_msg_header_t header;
        char trailer[64];
    } message;
    struct portico_call call;
    int result = 0;

    mach_port_t port = mach_reply_port();
    if (port == MACH_PORT_NULL) {
        errno = ENOMEM;
        return -1;
    }
    __portico_call_begin(&call, MACH_PORT_NULL, NULL);
    for (;;) {
        uint64_t now = __portico_now_ns();
        if (now >= deadline_ns)
            break;
        uint64_t ms = (deadline_ns - now + 999999) / 1000000;
        mach_msg_timeout_t timeout = ms < 0x7fffffff ? (mach_msg_timeout_t)ms : 0x7fffffff;
        mach_msg_return_t outcome =
            __portico_receive(&message.header, sizeof message, port, timeout, &call.handlers_run);
        if (call.handlers_run > 0 || (outcome != MACH_RCV_TIMED_OUT && outcome != MACH_RCV_INTERRUPTED)) {
            errno = EINTR;
            result = -1;
            break;
        }
    }
    __portico_call_again(&call, KERN_SUCCESS);
    mach_port_mod_refs(mach_task_self(), port, MACH_PORT_RIGHT_RECEIVE, -1);
    return result;
}

static int check_timespec(const struct timespec* time)
{
    if (time->tv_sec >= 0 && time->tv_nsec >= 0 && time->tv_nsec < (long)NANOSECONDS)
        return 0;
    errno = EINVAL;
    return -1;
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec* request, struct timespec* rest)
{
    int64_t offset;
    uint64_t now = read_time(&offset);

    if ((clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) || check_timespec(request) != 0)
        return EINVAL;
    uint64_t amount = (uint64_t)request->tv_sec * NANOSECONDS + (uint64_t)request->tv_nsec;
    uint64_t deadline = now + amount;
    if (flags & TIMER_ABSTIME)
        deadline = clock == CLOCK_MONOTONIC   ? amount
                   : (int64_t)amount > offset ? amount - (uint64_t)offset
                                              : 0;
    if (__portico_sleep_until(deadline) == 0)
        return 0;
    now = __portico_now_ns();
    if (rest && !(flags & TIMER_ABSTIME))
        *rest = timespec_of(deadline > now ? deadline - now : 0);
    return errno;
}

int nanosleep(const struct timespec* request, struct timespec* rest)
{
    int error = clock_nanosleep(CLOCK_MONOTONIC, 0, request, rest);

    if (error == 0)
        return 0;
    errno = error;
    return -1;
}

unsigned sleep(unsigned seconds)
{
    struct timespec time = {.tv_sec = seconds};

    return nanosleep(&time, &time) == 0 ? 0 : (unsigned)time.tv_sec + (time.tv_nsec > 0);
}

int usleep(useconds_t microseconds)
{
    const struct timespec time = {.tv_sec = microseconds / 1000000,
                                  .tv_nsec = (long)(microseconds % 1000000) * 1000};

    return nanosleep(&time, NULL);
}

static uint64_t nanoseconds_of(struct timeval time)
{
    return (uint64_t)time.tv_sec * NANOSECONDS + (uint64_t)time.tv_usec * 1000;
}

static struct timeval timeval_of(uint64_t ns)
{
    return (struct timeval){.tv_sec = (time_t)(ns / NANOSECONDS), .tv_usec = (long)(ns % NANOSECONDS / 1000)};
}

static int exchange_timer(int which, const struct itimerval* new, struct itimerval* old)
{
    unix_timer_t timer = {0}, previous;

    if (new) {
        timer.value_ns = nanoseconds_of(new->it_value);
        timer.interval_ns = nanoseconds_of(new->it_interval);
    }
    kern_return_t code = process_set_timer(__portico_process_port(), which, new != NULL, timer, &previous);
    if (code == KERN_SUCCESS && old) {
        old->it_value = timeval_of(previous.value_ns);
        old->it_interval = timeval_of(previous.interval_ns);
    }
    return __portico_finish(code);
}

int setitimer(int which, const struct itimerval* restrict new, struct itimerval* restrict old)
{
    return exchange_timer(which, new, old);
}

int getitimer(int which, struct itimerval* present) { return exchange_timer(which, NULL, present); }

unsigned alarm(unsigned seconds)
{
    const struct itimerval new = {.it_value.tv_sec = seconds};
    struct itimerval old = {0};

    exchange_timer(ITIMER_REAL, &new, &old);
    return (unsigned)old.it_value.tv_sec + (old.it_value.tv_usec > 0);
}
