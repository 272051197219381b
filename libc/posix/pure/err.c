/* <err.h>. */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <portico/start.h>

static const char* program_name(void)
{
    const char* name = __portico_vectors.argc > 0 ? __portico_vectors.argv[0] : "?";
    const char* slash = strrchr(name, '/');

    return slash ? slash + 1 : name;
}

static void report(int error, const char* format, va_list arguments)
{
    fprintf(stderr, "%s: ", program_name());
    if (format)
        vfprintf(stderr, format, arguments);
    if (error >= 0)
        fprintf(stderr, "%s%s", format ? ": " : "", strerror(error));
    fputc('\n', stderr);
}

void vwarn(const char* format, va_list arguments) { report(errno, format, arguments); }

void vwarnx(const char* format, va_list arguments) { report(-1, format, arguments); }

void verr(int status, const char* format, va_list arguments)
{
    report(errno, format, arguments);
    exit(status);
}

void verrx(int status, const char* format, va_list arguments)
{
    report(-1, format, arguments);
    exit(status);
}

void warn(const char* format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vwarn(format, arguments);
    va_end(arguments);
}

void warnx(const char* format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vwarnx(format, arguments);
    va_end(arguments);
}

void err(int status, const char* format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    verr(status, format, arguments);
}

void errx(int status, const char* format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    verrx(status, format, arguments);
}
