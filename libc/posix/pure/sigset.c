/* Signal sets, and System V's calls for one signal. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static int valid(int signal)
{
    if (signal > 0 && signal < NSIG)
        return 1;
    errno = EINVAL;
    return 0;
}

int(sigemptyset)(sigset_t* set)
{
    *set = 0;
    return 0;
}

int(sigfillset)(sigset_t* set)
{
    *set = ~0UL;
    return 0;
}

int(sigaddset)(sigset_t* set, int signal)
{
    if (!valid(signal))
        return -1;
    *set |= 1UL << (signal - 1);
    return 0;
}

int(sigdelset)(sigset_t* set, int signal)
{
    if (!valid(signal))
        return -1;
    *set &= ~(1UL << (signal - 1));
    return 0;
}

int(sigismember)(const sigset_t* set, int signal)
{
    if (!valid(signal))
        return -1;
    return (int)(*set >> (signal - 1) & 1);
}

static int change_mask(int how, int signal)
{
    sigset_t set;

    sigemptyset(&set);
    return sigaddset(&set, signal) < 0 ? -1 : sigprocmask(how, &set, NULL);
}

int sighold(int signal) { return change_mask(SIG_BLOCK, signal); }

int sigrelse(int signal) { return change_mask(SIG_UNBLOCK, signal); }

int sigignore(int signal)
{
    struct sigaction action = {.sa_handler = SIG_IGN};

    return sigaction(signal, &action, NULL);
}

void psiginfo(const siginfo_t* info, const char* text)
{
    fprintf(stderr, "%s%s%s\n", text ? text : "", text && *text ? ": " : "", strsignal(info->si_signo));
}
