/* Directory entries and directory streams. */
#ifndef _SYS_DIRENT_H
#define _SYS_DIRENT_H

#include <sys/cdefs.h>
#include <sys/types.h>

#define MAXNAMLEN 255

/* The record getdents() stores: as long as d_reclen says, its name ends in a null byte. */
struct dirent {
    ino_t d_ino;
    off_t d_off; /* where the next entry is; what telldir() returns */
    unsigned short d_reclen;
    unsigned char d_type;
    char d_name[MAXNAMLEN + 1];
};

#define _DIRENT_HAVE_D_TYPE 1
#define _DIRENT_HAVE_D_OFF 1
#define _DIRENT_HAVE_D_RECLEN 1

#define DT_UNKNOWN 0
#define DT_FIFO 1
#define DT_CHR 2
#define DT_DIR 4
#define DT_BLK 6
#define DT_REG 8
#define DT_LNK 10
#define DT_SOCK 12
#define IFTODT(mode) (((mode) & 0170000) >> 12)
#define DTTOIF(type) ((type) << 12)

/* A stream is libc/posix/pure/dirent.c's alone. */
typedef struct __directory DIR;

__BEGIN_DECLS
/* Entries from the descriptor's position on; 0 at the end, -1 with errno. */
ssize_t getdents(int __fd, void* __buffer, size_t __size);
__END_DECLS

#endif
