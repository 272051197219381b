/* What the corpus test's generated programs share: values that are the same in every run, a mach_msg() that plays the
 * kernel, and lines of output to compare. */
#ifndef PLAYER_H
#define PLAYER_H

#include <mach/mach_types.h>
#include <mach/message.h>
#include <mach/mig_errors.h>
#include <mach/mig_support.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Values follow from the routine and the round alone, so both programs get the same. */
void begin_round(unsigned routine, unsigned round);
uint64_t some(uint64_t below);
void fill(void* bytes, size_t size);
/* 0, 1, the limit, or something between. */
unsigned some_count(unsigned limit);
mach_msg_type_name_t some_right(void);
/* Random letters; now and then more than fit. */
void fill_string(char* string, size_t limit);
/* Memory at addresses that are the same in every run. */
void* arena(size_t size);

void show(const char* what, const void* bytes, size_t size);
void show_number(const char* what, uint64_t number);

/* The generated program's: the server under test. */
boolean_t serve(mach_msg_header_t* request, mach_msg_header_t* reply);
void call_all(unsigned round);

/* Not zero while requests are delivered only to see which the server refuses. */
extern int is_probing;

#endif
