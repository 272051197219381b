/* Pseudo-terminals, the BSD way. */
#ifndef _PTY_H
#define _PTY_H

#include <sys/cdefs.h>
#include <termios.h>

__BEGIN_DECLS
int openpty(int* __controller, int* __terminal, char* __name, const struct termios* __termios,
            const struct winsize* __size);
pid_t forkpty(int* __controller, char* __name, const struct termios* __termios, const struct winsize* __size);
int login_tty(int __fd);
__END_DECLS

#endif
