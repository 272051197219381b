/* Regular expressions.  The code is TRE's, as libc/regex/recipe.sh builds it; the layout of regex_t is what it expects. */
#ifndef _REGEX_H
#define _REGEX_H

#include <stddef.h>
#include <sys/cdefs.h>

typedef long regoff_t;

typedef struct re_pattern_buffer {
    size_t re_nsub;
    void *__opaque, *__padding[4];
    size_t __nsub2;
    char __padding2;
} regex_t;

typedef struct {
    regoff_t rm_so;
    regoff_t rm_eo;
} regmatch_t;

#define REG_EXTENDED 1
#define REG_ICASE 2
#define REG_NEWLINE 4
#define REG_NOSUB 8

#define REG_NOTBOL 1
#define REG_NOTEOL 2

#define REG_OK 0
#define REG_NOMATCH 1
#define REG_BADPAT 2
#define REG_ECOLLATE 3
#define REG_ECTYPE 4
#define REG_EESCAPE 5
#define REG_ESUBREG 6
#define REG_EBRACK 7
#define REG_EPAREN 8
#define REG_EBRACE 9
#define REG_BADBR 10
#define REG_ERANGE 11
#define REG_ESPACE 12
#define REG_BADRPT 13

__BEGIN_DECLS
int regcomp(regex_t* __restrict __regex, const char* __restrict __pattern, int __flags);
int regexec(const regex_t* __restrict __regex, const char* __restrict __text, size_t __count,
            regmatch_t* __restrict __matches, int __flags);
size_t regerror(int __error, const regex_t* __restrict __regex, char* __restrict __text, size_t __size);
void regfree(regex_t* __regex);
__END_DECLS

#endif
