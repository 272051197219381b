/* BSD's messages about errors, which may end the program. */
#ifndef _ERR_H
#define _ERR_H

#include <stdarg.h>
#include <sys/cdefs.h>

#define __ERR_FORMAT(f, a) __attribute__((__format__(__printf__, f, a)))

__BEGIN_DECLS
void err(int __status, const char* __format, ...) __ERR_FORMAT(2, 3) __attribute__((__noreturn__));
void errx(int __status, const char* __format, ...) __ERR_FORMAT(2, 3) __attribute__((__noreturn__));
void verr(int __status, const char* __format, va_list __arguments) __attribute__((__noreturn__));
void verrx(int __status, const char* __format, va_list __arguments) __attribute__((__noreturn__));
void warn(const char* __format, ...) __ERR_FORMAT(1, 2);
void warnx(const char* __format, ...) __ERR_FORMAT(1, 2);
void vwarn(const char* __format, va_list __arguments);
void vwarnx(const char* __format, va_list __arguments);
__END_DECLS

#endif
