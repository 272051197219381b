/* Passwords kept apart from /etc/passwd. */
#ifndef _SHADOW_H
#define _SHADOW_H

#include <stdio.h>
#include <sys/cdefs.h>

struct spwd {
    char* sp_namp;
    char* sp_pwdp;
    long sp_lstchg;
    long sp_min;
    long sp_max;
    long sp_warn;
    long sp_inact;
    long sp_expire;
    unsigned long sp_flag;
};

__BEGIN_DECLS
struct spwd* getspnam(const char* __name);
__END_DECLS

#endif
