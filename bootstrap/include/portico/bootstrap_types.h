/* portico/bootstrap_types.h: the C side of bootstrap.defs. */
#ifndef PORTICO_BOOTSTRAP_TYPES_H
#define PORTICO_BOOTSTRAP_TYPES_H

#define BOOTSTRAP_NAME_MAX 64 /* with the NUL */
#define BOOTSTRAP_TEXT_MAX 1024

typedef char bootstrap_name_t[BOOTSTRAP_NAME_MAX];

#endif
