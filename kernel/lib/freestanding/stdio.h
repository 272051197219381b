#ifndef PORTICO_FREESTANDING_STDIO_H
#define PORTICO_FREESTANDING_STDIO_H
#include <stddef.h>
#define EOF (-1)
typedef struct portico_no_file FILE;
typedef long fpos_t;
#ifdef __cplusplus
extern "C"
#endif
    int
    remove(const char* path);
#endif
