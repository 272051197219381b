/* libc/mach/c/internal.h: what the files of this library share. */
#ifndef PORTICO_LIBC_MACH_INTERNAL_H
#define PORTICO_LIBC_MACH_INTERNAL_H

#define HIDDEN __attribute__((visibility("hidden")))

/* The calling thread's reply port belonged to another space: it has none now. */
HIDDEN void __portico_forget_reply_port(void);

#endif
