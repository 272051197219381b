/* unix_types.h: what crosses a port between programs and the Unix services.
 *
 * C and C++, included by the stubs that mig makes from the .defs beside this file.  Sizes are part of the
 * interface; numbers that POSIX names (O_*, S_*, SIG*, E*) have the values of the C library's headers.
 */
#ifndef PORTICO_UNIX_TYPES_H
#define PORTICO_UNIX_TYPES_H

#include <mach/kern_return.h>
#include <stdint.h>

/* Inline bytes of one io_read or io_write; more is moved in pieces.  8 KiB is what a message hands over in
 * one copy (design D5). */
#define UNIX_IO_MAX 8192
#define UNIX_PATH_MAX 4096
#define UNIX_NAME_MAX 255

/* A service answers with an errno, carried as a kern_return_t of its own system so that no kernel code can be
 * mistaken for it. */
#define UNIX_ERROR_BASE 0x40000000
#define UNIX_ERROR(number) ((kern_return_t)(UNIX_ERROR_BASE | (number)))
#define UNIX_ERROR_IS(code) (((code) & 0x7ffff000) == UNIX_ERROR_BASE)
#define UNIX_ERROR_NUMBER(code) ((code) & 0xfff)
/* Not an errno: the terminal's answer to a process that is not in the foreground (design D16).  The library asks
 * the process service, which signals the group or says EIO. */
#define UNIX_ERROR_BACKGROUND UNIX_ERROR(0xffe)

/* Each request that can wait carries a number by which its caller may cancel it; 0 cannot be cancelled. */
typedef uint32_t call_number_t;

/* What owns an open file; the library chooses by it which further calls make sense on a channel. */
enum unix_channel_kind {
    UNIX_CHANNEL_FILE = 1, /* regular file or block of memory: seekable, can be mapped */
    UNIX_CHANNEL_DIRECTORY = 2,
    UNIX_CHANNEL_DEVICE = 3, /* a character device that is no terminal; reading never waits */
    UNIX_CHANNEL_TERMINAL = 4,
    UNIX_CHANNEL_PIPE = 5,
    UNIX_CHANNEL_SOCKET = 6,
};

typedef struct unix_stat {
    uint64_t st_dev, st_ino, st_rdev;
    uint64_t st_size;                                                /* bytes */
    uint64_t st_blocks;                                              /* of 512 bytes */
    uint64_t st_atime_ns, st_mtime_ns, st_ctime_ns;                  /* since the epoch */
    uint32_t st_mode, st_nlink, st_uid, st_gid, st_blksize, st_kind; /* st_kind: unix_channel_kind */
} unix_stat_t;

typedef struct unix_statvfs {
    uint64_t block_size, blocks, blocks_free, files, files_free, flags, name_max, id;
} unix_statvfs_t;

typedef struct unix_termios {
    uint32_t c_iflag, c_oflag, c_cflag, c_lflag, c_ispeed, c_ospeed;
    uint8_t c_cc[20];
} unix_termios_t;

typedef struct unix_winsize {
    uint16_t rows, columns, x_pixels, y_pixels;
} unix_winsize_t;

/* One directory entry in the reply of file_read_directory: this header, the name with its NUL, padding to 8. */
typedef struct unix_dirent {
    uint64_t d_ino;
    uint64_t d_offset; /* where the next entry starts: valid for io_seek */
    uint16_t d_record_length;
    uint8_t d_type; /* DT_* */
    char d_name[];
} unix_dirent_t;

typedef struct unix_identity {
    int32_t pid, ppid, pgid, sid;
    uint32_t ruid, euid, suid, rgid, egid, sgid;
} unix_identity_t;

typedef struct unix_usage {
    uint64_t user_ns, system_ns, max_resident_bytes, minor_faults, major_faults;
} unix_usage_t;

/* A signal as the library takes it up: see process_take_signal. */
typedef struct unix_signal {
    int32_t number; /* 0: none is pending */
    int32_t code;
    int32_t sender_pid;
    uint32_t sender_uid;
    int32_t status;
    uint32_t flags; /* the action's SA_* flags */
    uint64_t value;
    uint64_t address;            /* of the fault, for SIGSEGV, SIGBUS, SIGILL, SIGFPE */
    uint64_t saved_ip, saved_sp; /* where the thread was, if it was redirected; otherwise 0 */
    uint64_t saved_mask;         /* to be restored by process_finish_signal */
} unix_signal_t;

typedef struct unix_timer {
    uint64_t value_ns, interval_ns; /* value 0: disarmed */
} unix_timer_t;

/* process_set_action: what the library will do with a signal.  The handler's address never leaves the library. */
enum unix_signal_disposition { UNIX_SIGNAL_DEFAULT = 0, UNIX_SIGNAL_IGNORE = 1, UNIX_SIGNAL_CATCH = 2 };

/* Bits of io_poll and io_watch: POSIX's poll bits with the C library's values. */

#endif
