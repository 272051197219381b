/* everything_types.h: the C side of everything.defs. */
#ifndef EVERYTHING_TYPES_H
#define EVERYTHING_TYPES_H

#include <stdint.h>

typedef struct pair {
    uint64_t first, second;
} pair_t;

typedef uint32_t* limited_t;

typedef struct odd {
    uint8_t bytes[5];
} odd_t;

#endif
