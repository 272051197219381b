/* device/char_types.h: the C side of char.defs. */
#ifndef DEVICE_CHAR_TYPES_H
#define DEVICE_CHAR_TYPES_H

#include <stdint.h>

#define CHAR_DATA_MAX 4096 /* bytes in one request */

#define CHAR_PARITY_NONE 0
#define CHAR_PARITY_ODD 1
#define CHAR_PARITY_EVEN 2

#define CHAR_FLUSH_INPUT 1
#define CHAR_FLUSH_OUTPUT 2

/* A request's number, by which its client may cancel it. Other interfaces have the same type. */
typedef uint32_t call_number_t;

#endif
