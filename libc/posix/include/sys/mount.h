/* Attaching file systems. */
#ifndef _SYS_MOUNT_H
#define _SYS_MOUNT_H

#include <sys/cdefs.h>
#include <sys/statfs.h>

#define MS_RDONLY 0x1
#define MS_NOSUID 0x2
#define MS_NODEV 0x4
#define MS_NOEXEC 0x8
#define MS_SYNCHRONOUS 0x10
#define MS_REMOUNT 0x20
#define MS_MANDLOCK 0x40
#define MS_DIRSYNC 0x80
#define MS_NOATIME 0x400
#define MS_NODIRATIME 0x800
#define MS_BIND 0x1000
#define MS_MOVE 0x2000
#define MS_REC 0x4000
#define MS_SILENT 0x8000
#define MNT_FORCE 1
#define MNT_DETACH 2

__BEGIN_DECLS
int mount(const char* __source, const char* __target, const char* __type, unsigned long __flags,
          const void* __data);
int umount(const char* __target);
int umount2(const char* __target, int __flags);
__END_DECLS

#endif
