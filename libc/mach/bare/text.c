/* libc/mach/bare/text.c: what a server prints goes to the system's log, by way of bootstrap.
 *
 * portico/bare.h lets a program that has no bootstrap above it send its text elsewhere. Nothing here waits:
 * if the log cannot take a line, it is lost.
 */
#include <portico/bare.h>

#include <bootstrap.h>
#include <errno.h>
#include <mach/mach.h>
#include <stdio.h>
#include <unistd.h>

static void log_by_bootstrap(const char* text, size_t length)
{
    static mach_port_t bootstrap;

    if (bootstrap == MACH_PORT_NULL)
        (void)task_get_special_port(mach_task_self(), TASK_BOOTSTRAP_PORT, &bootstrap);
    if (MACH_PORT_VALID(bootstrap))
        (void)bootstrap_log(bootstrap, text, (mach_msg_type_number_t)length);
}

portico_log_function portico_log = log_by_bootstrap;

ssize_t write(int descriptor, const void* data, size_t length)
{
    const char* text = data;

    if (descriptor != STDOUT_FILENO && descriptor != STDERR_FILENO) {
        errno = EBADF;
        return -1;
    }
    for (size_t done = 0; done < length;) {
        const size_t part = length - done < HOST_LOG_MAX ? length - done : HOST_LOG_MAX;
        portico_log(text + done, part);
        done += part;
    }
    return (ssize_t)length;
}

/* Whole lines make whole messages. */
void __portico_system_init(void)
{
    static char output[HOST_LOG_MAX], errors[HOST_LOG_MAX];

    setvbuf(stdout, output, _IOLBF, sizeof output);
    setvbuf(stderr, errors, _IOLBF, sizeof errors);
}
