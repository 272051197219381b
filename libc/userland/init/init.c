/* init: process 1.
 *
 * Owns the console session's beginning and end: starts a login shell on /dev/console, starts it again when it ends, and
 * waits for every orphan.  If the boot brought work along (/run/manifest), that is done instead, by /bin/hostlink.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define CONSOLE "/dev/console"
#define RUN_MANIFEST "/run/manifest"
#define SHORTEST_LIFE 2 /* seconds; a shell that ends sooner is started again only after a pause */

static void say(const char* text) { dprintf(STDERR_FILENO, "init: %s\n", text); }

static void set_environment(void)
{
    setenv("PATH", "/bin:/sbin:/usr/bin:/usr/sbin", 0);
    setenv("HOME", "/root", 0);
    setenv("USER", "root", 0);
    setenv("LOGNAME", "root", 0);
    setenv("SHELL", "/bin/mksh", 0);
    setenv("TZ", "UTC0", 0);
}

/* The boot menu tells the terminal's size by the environment; from here on the terminal knows it. */
static void set_window_size(void)
{
    const char* rows = getenv("LINES");
    const char* columns = getenv("COLUMNS");
    struct winsize size = {0};

    if (rows && columns) {
        size.ws_row = (unsigned short)atoi(rows);
        size.ws_col = (unsigned short)atoi(columns);
        if (size.ws_row > 0 && size.ws_col > 0)
            ioctl(STDIN_FILENO, TIOCSWINSZ, &size);
    }
    unsetenv("LINES");
    unsetenv("COLUMNS");
}

static void set_host_name(void)
{
    char name[256];
    int fd = open("/etc/hostname", O_RDONLY);

    if (fd < 0)
        return;
    ssize_t length = read(fd, name, sizeof name - 1);
    close(fd);
    if (length <= 0)
        return;
    name[length] = '\0';
    sethostname(name, strcspn(name, "\n"));
}

/* Descriptors 0 to 2 on the console, without making it this process's terminal. */
static void open_console(int flags)
{
    int fd = open(CONSOLE, O_RDWR | flags);

    if (fd < 0)
        return;
    for (int to = 0; to <= 2; to++)
        dup2(fd, to);
    if (fd > 2)
        close(fd);
}

static void become_session_on_console(void)
{
    setsid();
    close(0);
    close(1);
    close(2);
    open_console(0);
    tcsetpgrp(STDIN_FILENO, getpgrp());
    const char* home = getenv("HOME");
    chdir(home != NULL ? home : "/");
}

static pid_t start(const char* program, char* const arguments[], int on_console)
{
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    if (on_console)
        become_session_on_console();
    execv(program, arguments);
    dprintf(STDERR_FILENO, "init: cannot execute %s: %s\n", program, strerror(errno));
    _exit(127);
}

static pid_t start_shell(void)
{
    static char* const mksh[] = {"-mksh", NULL};
    static char* const sh[] = {"-sh", NULL};

    if (access("/bin/mksh", X_OK) == 0)
        return start("/bin/mksh", mksh, 1);
    return start("/bin/sh", sh, 1);
}

static pid_t start_run(void)
{
    static char* const hostlink[] = {"hostlink", NULL};

    return start("/bin/hostlink", hostlink, 0);
}

/* Waits for everybody's children until `wanted` has ended. */
static void wait_for(pid_t wanted)
{
    for (;;) {
        pid_t ended = waitpid(-1, NULL, 0);
        if (ended == wanted)
            return;
        if (ended < 0 && errno == ECHILD)
            return;
    }
}

int main(void)
{
    if (getpid() != 1) {
        say("only process 1 is init");
        return 1;
    }
    open_console(O_NOCTTY);
    set_environment();
    set_window_size();
    set_host_name();

    int has_run = access(RUN_MANIFEST, R_OK) == 0;
    for (;;) {
        time_t began = time(NULL);
        pid_t child = has_run ? start_run() : start_shell();
        if (child < 0) {
            dprintf(STDERR_FILENO, "init: cannot fork: %s\n", strerror(errno));
            sleep(SHORTEST_LIFE);
            continue;
        }
        wait_for(child);
        if (has_run) {
            say("hostlink has ended without switching the machine off");
            has_run = 0;
        }
        if (time(NULL) - began < SHORTEST_LIFE)
            sleep(SHORTEST_LIFE);
    }
}
