/* poweroff, reboot, halt: end every process, write back what is unwritten, stop the machine.
 *
 * usage: poweroff [-f]     -f: at once, without asking the processes first
 * Exit status 1 if it may not or the machine cannot.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static int command_of(const char* name)
{
    const char* slash = strrchr(name, '/');

    if (slash)
        name = slash + 1;
    if (strcmp(name, "reboot") == 0)
        return RB_AUTOBOOT;
    if (strcmp(name, "halt") == 0)
        return RB_HALT_SYSTEM;
    return RB_POWER_OFF;
}

/* Processes get a moment to end themselves. */
static void end_processes(void)
{
    const struct timespec moment = {.tv_nsec = 100000000};

    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    if (kill(-1, SIGTERM) == 0)
        nanosleep(&moment, NULL);
    kill(-1, SIGKILL);
}

int main(int argc, char** argv)
{
    int force = argc > 1 && strcmp(argv[1], "-f") == 0;

    if (argc > 2 || (argc == 2 && !force)) {
        fprintf(stderr, "usage: %s [-f]\n", argv[0]);
        return 1;
    }
    if (geteuid() != 0) {
        fprintf(stderr, "%s: only root may stop the machine\n", argv[0]);
        return 1;
    }
    sync();
    if (!force)
        end_processes();
    if ((unsigned)command_of(argv[0]) == RB_HALT_SYSTEM) {
        printf("The system is halted. In QEMU, Ctrl-A x ends it.\n");
        fflush(stdout);
        tcdrain(STDOUT_FILENO); /* where it is no terminal, there is nothing to wait for */
    }
    reboot(command_of(argv[0]));
    fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
    return 1;
}
