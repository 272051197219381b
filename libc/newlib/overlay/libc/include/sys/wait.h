/* A child's end, and the calls that wait for it.
 *
 * A status word: exited, 0 in the low byte and the exit status in the second; killed, the signal in the low
 * seven bits and 0x80 with a core dump; stopped, 0x7f and the signal in the second byte; continued, 0xffff. */
#ifndef _SYS_WAIT_H
#define _SYS_WAIT_H

#include <signal.h>
#include <sys/cdefs.h>
#include <sys/resource.h>
#include <sys/types.h>

#define WNOHANG 1
#define WUNTRACED 2
#define WSTOPPED 2
#define WEXITED 4
#define WCONTINUED 8
#define WNOWAIT 0x01000000

#define WEXITSTATUS(w) (((w) >> 8) & 0xff)
#define WTERMSIG(w) ((w) & 0x7f)
#define WSTOPSIG(w) WEXITSTATUS(w)
#define WIFEXITED(w) (WTERMSIG(w) == 0)
#define WIFSIGNALED(w) (((w) & 0xffff) - 1U < 0xffU)
#define WIFSTOPPED(w) (((w) & 0xff) == 0x7f)
#define WIFCONTINUED(w) ((w) == 0xffff)
#define WCOREDUMP(w) ((w) & 0x80)
#define W_EXITCODE(status, signal) ((status) << 8 | (signal))
#define W_STOPCODE(signal) ((signal) << 8 | 0x7f)
#define WCOREFLAG 0x80

typedef enum { P_ALL = 0, P_PID = 1, P_PGID = 2 } idtype_t;

__BEGIN_DECLS
pid_t wait(int* __status);
pid_t waitpid(pid_t __pid, int* __status, int __options);
int waitid(idtype_t __type, id_t __id, siginfo_t* __info, int __options);
#if __MISC_VISIBLE
pid_t wait3(int* __status, int __options, struct rusage* __usage);
pid_t wait4(pid_t __pid, int* __status, int __options, struct rusage* __usage);
#endif
__END_DECLS

#endif
