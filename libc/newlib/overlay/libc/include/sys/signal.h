/* Signals: Linux's numbers and flags, and the calls of POSIX.
 *
 * A signal set is one 64-bit word, signal n being bit n - 1. */
#ifndef _SYS_SIGNAL_H
#define _SYS_SIGNAL_H

#include <_ansi.h>
#include <sys/cdefs.h>
#include <sys/features.h>
#include <sys/types.h>
#include <sys/_sigset.h>
#include <sys/_timespec.h>

#if !defined(_SIGSET_T_DECLARED)
#define _SIGSET_T_DECLARED
typedef __sigset_t sigset_t;
#endif

#define SIGHUP 1
#define SIGINT 2
#define SIGQUIT 3
#define SIGILL 4
#define SIGTRAP 5
#define SIGABRT 6
#define SIGIOT SIGABRT
#define SIGBUS 7
#define SIGFPE 8
#define SIGKILL 9
#define SIGUSR1 10
#define SIGSEGV 11
#define SIGUSR2 12
#define SIGPIPE 13
#define SIGALRM 14
#define SIGTERM 15
#define SIGSTKFLT 16
#define SIGCHLD 17
#define SIGCLD SIGCHLD
#define SIGCONT 18
#define SIGSTOP 19
#define SIGTSTP 20
#define SIGTTIN 21
#define SIGTTOU 22
#define SIGURG 23
#define SIGXCPU 24
#define SIGXFSZ 25
#define SIGVTALRM 26
#define SIGPROF 27
#define SIGWINCH 28
#define SIGIO 29
#define SIGPOLL SIGIO
#define SIGPWR 30
#define SIGSYS 31
#define SIGRTMIN 34 /* 32 and 33 are the C library's own */
#define SIGRTMAX 64
#define NSIG 65
#define _NSIG NSIG

#define SIG_BLOCK 0
#define SIG_UNBLOCK 1
#define SIG_SETMASK 2

#define SA_NOCLDSTOP 0x00000001
#define SA_NOCLDWAIT 0x00000002
#define SA_SIGINFO 0x00000004
#define SA_ONSTACK 0x08000000
#define SA_RESTART 0x10000000
#define SA_NODEFER 0x40000000
#define SA_RESETHAND 0x80000000
#define SA_NOMASK SA_NODEFER
#define SA_ONESHOT SA_RESETHAND

typedef void (*_sig_func_ptr)(int);

union sigval {
    int sival_int;
    void* sival_ptr;
};

typedef struct {
    int si_signo;
    int si_errno;
    int si_code;
    pid_t si_pid;
    uid_t si_uid;
    int si_status;         /* SIGCHLD: exit status or signal */
    void* si_addr;         /* SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP: where */
    union sigval si_value; /* sigqueue() */
    long si_band;          /* SIGPOLL */
    clock_t si_utime;
    clock_t si_stime;
    int si_timerid;
    int si_overrun;
    long __spare[6];
} siginfo_t;

struct sigaction {
    union {
        _sig_func_ptr __handler;
        void (*__action)(int, siginfo_t*, void*);
    } __function;
    sigset_t sa_mask;
    int sa_flags;
};
#define sa_handler __function.__handler
#define sa_sigaction __function.__action

#define SI_USER 0
#define SI_KERNEL 0x80
#define SI_QUEUE (-1)
#define SI_TIMER (-2)
#define SI_MESGQ (-3)
#define SI_ASYNCIO (-4)
#define SI_TKILL (-6)

#define ILL_ILLOPC 1
#define ILL_ILLOPN 2
#define ILL_ILLADR 3
#define ILL_ILLTRP 4
#define ILL_PRVOPC 5
#define ILL_PRVREG 6
#define ILL_COPROC 7
#define ILL_BADSTK 8
#define FPE_INTDIV 1
#define FPE_INTOVF 2
#define FPE_FLTDIV 3
#define FPE_FLTOVF 4
#define FPE_FLTUND 5
#define FPE_FLTRES 6
#define FPE_FLTINV 7
#define FPE_FLTSUB 8
#define SEGV_MAPERR 1
#define SEGV_ACCERR 2
#define BUS_ADRALN 1
#define BUS_ADRERR 2
#define BUS_OBJERR 3
#define TRAP_BRKPT 1
#define TRAP_TRACE 2
#define CLD_EXITED 1
#define CLD_KILLED 2
#define CLD_DUMPED 3
#define CLD_TRAPPED 4
#define CLD_STOPPED 5
#define CLD_CONTINUED 6
#define POLL_IN 1
#define POLL_OUT 2
#define POLL_MSG 3
#define POLL_ERR 4
#define POLL_PRI 5
#define POLL_HUP 6

#define SIGEV_SIGNAL 0
#define SIGEV_NONE 1
#define SIGEV_THREAD 2

struct sigevent {
    union sigval sigev_value;
    int sigev_signo;
    int sigev_notify;
    void (*sigev_notify_function)(union sigval);
    pthread_attr_t* sigev_notify_attributes;
};

#define MINSIGSTKSZ 2048
#define SIGSTKSZ 8192
#define SS_ONSTACK 1
#define SS_DISABLE 2

typedef struct sigaltstack {
    void* ss_sp;
    int ss_flags;
    size_t ss_size;
} stack_t;

__BEGIN_DECLS
int kill(pid_t __pid, int __signal);
#if __BSD_VISIBLE || __XSI_VISIBLE >= 4
int killpg(pid_t __group, int __signal);
#endif
int sigaction(int __signal, const struct sigaction* __restrict __new, struct sigaction* __restrict __old);
int sigaddset(sigset_t* __set, int __signal);
int sigdelset(sigset_t* __set, int __signal);
int sigemptyset(sigset_t* __set);
int sigfillset(sigset_t* __set);
int sigismember(const sigset_t* __set, int __signal);
int sigpending(sigset_t* __set);
int sigprocmask(int __how, const sigset_t* __restrict __set, sigset_t* __restrict __old);
int sigsuspend(const sigset_t* __set);
int sigwait(const sigset_t* __restrict __set, int* __restrict __signal);
int sigwaitinfo(const sigset_t* __restrict __set, siginfo_t* __restrict __info);
int sigtimedwait(const sigset_t* __restrict __set, siginfo_t* __restrict __info,
                 const struct timespec* __restrict __timeout);
int sigqueue(pid_t __pid, int __signal, const union sigval __value);
int sigaltstack(const stack_t* __restrict __new, stack_t* __restrict __old);
int siginterrupt(int __signal, int __flag);
#if __XSI_VISIBLE
int sighold(int __signal);
int sigignore(int __signal);
int sigrelse(int __signal);
#endif
void psiginfo(const siginfo_t* __info, const char* __text);
int pthread_sigmask(int __how, const sigset_t* __restrict __set, sigset_t* __restrict __old);
int pthread_kill(pthread_t __id, int __signal);
__END_DECLS

#include <sys/ucontext.h>

#ifndef _SIGNAL_H_
#include <signal.h>
#endif

#endif
