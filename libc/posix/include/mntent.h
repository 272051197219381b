/* The table of mounted file systems: /proc/mounts, and files like it. */
#ifndef _MNTENT_H
#define _MNTENT_H

#include <stdio.h>
#include <sys/cdefs.h>

#define MOUNTED "/proc/mounts"
#define MNTTAB "/etc/fstab"
#define MNTTYPE_IGNORE "ignore"
#define MNTTYPE_SWAP "swap"
#define MNTOPT_DEFAULTS "defaults"
#define MNTOPT_RO "ro"
#define MNTOPT_RW "rw"
#define MNTOPT_NOAUTO "noauto"

struct mntent {
    char* mnt_fsname;
    char* mnt_dir;
    char* mnt_type;
    char* mnt_opts;
    int mnt_freq;
    int mnt_passno;
};

__BEGIN_DECLS
FILE* setmntent(const char* __path, const char* __mode);
struct mntent* getmntent(FILE* __table);
struct mntent* getmntent_r(FILE* __table, struct mntent* __entry, char* __buffer, int __size);
int addmntent(FILE* __table, const struct mntent* __entry);
int endmntent(FILE* __table);
char* hasmntopt(const struct mntent* __entry, const char* __option);
__END_DECLS

#endif
