/* Load and memory, as /proc reports them. */
#ifndef _SYS_SYSINFO_H
#define _SYS_SYSINFO_H

#include <sys/cdefs.h>

struct sysinfo {
    long uptime;            /* seconds */
    unsigned long loads[3]; /* 1, 5 and 15 minutes, times 65,536 */
    unsigned long totalram;
    unsigned long freeram;
    unsigned long sharedram;
    unsigned long bufferram;
    unsigned long totalswap;
    unsigned long freeswap;
    unsigned short procs;
    unsigned long totalhigh;
    unsigned long freehigh;
    unsigned mem_unit;
};

__BEGIN_DECLS
int sysinfo(struct sysinfo* __info);
int get_nprocs(void);
int get_nprocs_conf(void);
__END_DECLS

#endif
