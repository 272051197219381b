/* The user data base's groups. */
#ifndef _GRP_H_
#define _GRP_H_

#include <sys/cdefs.h>
#include <sys/types.h>

struct group {
    char* gr_name;
    char* gr_passwd;
    gid_t gr_gid;
    char** gr_mem;
};

__BEGIN_DECLS
struct group* getgrgid(gid_t __gid);
struct group* getgrnam(const char* __name);
int getgrgid_r(gid_t __gid, struct group* __entry, char* __buffer, size_t __size, struct group** __result);
int getgrnam_r(const char* __name, struct group* __entry, char* __buffer, size_t __size,
               struct group** __result);
struct group* getgrent(void);
void setgrent(void);
void endgrent(void);
#if __MISC_VISIBLE
int getgrouplist(const char* __user, gid_t __first, gid_t* __groups, int* __count);
int initgroups(const char* __user, gid_t __first);
int setgroups(int __count, const gid_t* __groups);
#endif
__END_DECLS

#endif
