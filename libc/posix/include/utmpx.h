/* Who is logged in.  Portico keeps no such record: the calls find no entry. */
#ifndef _UTMPX_H
#define _UTMPX_H

#include <sys/cdefs.h>
#include <sys/time.h>
#include <sys/types.h>

#define UT_LINESIZE 32
#define UT_NAMESIZE 32
#define UT_HOSTSIZE 256
#define UT_UNKNOWN 0

#define EMPTY 0
#define RUN_LVL 1
#define BOOT_TIME 2
#define NEW_TIME 3
#define OLD_TIME 4
#define INIT_PROCESS 5
#define LOGIN_PROCESS 6
#define USER_PROCESS 7
#define DEAD_PROCESS 8

struct utmpx {
    short ut_type;
    pid_t ut_pid;
    char ut_line[UT_LINESIZE];
    char ut_id[4];
    char ut_user[UT_NAMESIZE];
    char ut_host[UT_HOSTSIZE];
    struct timeval ut_tv;
};

__BEGIN_DECLS
void endutxent(void);
struct utmpx* getutxent(void);
struct utmpx* getutxid(const struct utmpx* __key);
struct utmpx* getutxline(const struct utmpx* __key);
struct utmpx* pututxline(const struct utmpx* __entry);
void setutxent(void);
__END_DECLS

#endif
