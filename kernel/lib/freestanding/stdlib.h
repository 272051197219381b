#ifndef PORTICO_FREESTANDING_STDLIB_H
#define PORTICO_FREESTANDING_STDLIB_H
#include <stddef.h>

typedef struct {
    int quot, rem;
} div_t;
typedef struct {
    long quot, rem;
} ldiv_t;
typedef struct {
    long long quot, rem;
} lldiv_t;

#ifdef __cplusplus
extern "C" {
#endif
int abs(int x);
long labs(long x);
long long llabs(long long x);
ldiv_t ldiv(long x, long y);
lldiv_t lldiv(long long x, long long y);
#ifdef __cplusplus
}
#endif
#endif
