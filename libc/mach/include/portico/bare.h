/* portico/bare.h: what programs without a Unix below them (servers) can set. */
#ifndef PORTICO_BARE_H
#define PORTICO_BARE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where standard output and standard error go: at most HOST_LOG_MAX bytes a call. At first
 * bootstrap_log(). */
typedef void (*portico_log_function)(const char* text, size_t length);
extern portico_log_function portico_log;

#ifdef __cplusplus
}
#endif

#endif
