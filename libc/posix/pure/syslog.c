/* Messages for the system's log.  There is no log service: they go to the console. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

static const char* identity = "";
static int log_options;
static int log_mask = 0xff;

void openlog(const char* name, int options, int facility)
{
    (void)facility;
    identity = name ? name : "";
    log_options = options;
}

void closelog(void)
{
    identity = "";
    log_options = 0;
}

int setlogmask(int mask)
{
    int old = log_mask;

    if (mask)
        log_mask = mask;
    return old;
}

void vsyslog(int priority, const char* format, va_list arguments)
{
    char line[1024];
    int error = errno;

    if (!(log_mask & LOG_MASK(LOG_PRI(priority))))
        return;
    int length = snprintf(line, sizeof line, log_options & LOG_PID ? "%s[%d]: " : "%s: ", identity, getpid());
    errno = error; /* for %m */
    vsnprintf(line + length, sizeof line - (size_t)length - 1, format, arguments);
    strcat(line, "\n");
    int fd = open("/dev/console", O_WRONLY | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0) {
        (void)!write(fd, line, strlen(line));
        close(fd);
    }
    if (log_options & LOG_PERROR)
        (void)!write(STDERR_FILENO, line, strlen(line));
    errno = error;
}

void syslog(int priority, const char* format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsyslog(priority, format, arguments);
    va_end(arguments);
}
