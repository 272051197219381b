/* system(), popen() and pclose(), by fork() and the shell. */
#include <errno.h>
#include <fcntl.h>
#include <paths.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void exec_shell(const char* command)
{
    execl(_PATH_BSHELL, "sh", "-c", command, (char*)NULL);
    _exit(127);
}

static int wait_for(pid_t child)
{
    int status;

    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return status;
}

int system(const char* command)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN}, old_int, old_quit;
    sigset_t child_only, old_mask;

    if (!command)
        return access(_PATH_BSHELL, X_OK) == 0;
    sigemptyset(&child_only);
    sigaddset(&child_only, SIGCHLD);
    sigaction(SIGINT, &ignore, &old_int);
    sigaction(SIGQUIT, &ignore, &old_quit);
    sigprocmask(SIG_BLOCK, &child_only, &old_mask);
    pid_t child = fork();
    if (child == 0) {
        sigaction(SIGINT, &old_int, NULL);
        sigaction(SIGQUIT, &old_quit, NULL);
        sigprocmask(SIG_SETMASK, &old_mask, NULL);
        exec_shell(command);
    }
    int status = child < 0 ? -1 : wait_for(child);
    int error = errno;
    sigaction(SIGINT, &old_int, NULL);
    sigaction(SIGQUIT, &old_quit, NULL);
    sigprocmask(SIG_SETMASK, &old_mask, NULL);
    errno = error;
    return status;
}

/* The streams of popen() that are open.  A new child must not keep their descriptors (POSIX). */
static struct Pipe {
    struct Pipe* next;
    FILE* stream;
    pid_t child;
}* open_pipes;

FILE* popen(const char* command, const char* mode)
{
    int reading = mode[0] == 'r';
    int ends[2];

    if ((mode[0] != 'r' && mode[0] != 'w') || (mode[1] && strcmp(mode + 1, "e") != 0)) {
        errno = EINVAL;
        return NULL;
    }
    struct Pipe* record = malloc(sizeof *record);
    if (!record)
        return NULL;
    if (pipe2(ends, O_CLOEXEC) < 0)
        goto no_pipe;
    int ours = ends[reading ? 0 : 1], theirs = ends[reading ? 1 : 0];
    record->stream = fdopen(ours, reading ? "r" : "w");
    if (!record->stream)
        goto no_stream;
    record->child = fork();
    if (record->child < 0)
        goto no_child;
    if (record->child == 0) {
        for (struct Pipe* other = open_pipes; other; other = other->next)
            close(fileno(other->stream));
        if (theirs == reading)
            fcntl(theirs, F_SETFD, 0);
        else
            dup2(theirs, reading ? STDOUT_FILENO : STDIN_FILENO);
        exec_shell(command);
    }
    close(theirs);
    if (!mode[1])
        fcntl(ours, F_SETFD, 0);
    record->next = open_pipes;
    open_pipes = record;
    return record->stream;

no_child:
    fclose(record->stream);
    close(theirs);
    goto no_pipe;
no_stream:
    close(ends[0]);
    close(ends[1]);
no_pipe:
    free(record);
    return NULL;
}

int pclose(FILE* stream)
{
    for (struct Pipe** at = &open_pipes; *at; at = &(*at)->next) {
        struct Pipe* record = *at;
        if (record->stream != stream)
            continue;
        pid_t child = record->child;
        *at = record->next;
        free(record);
        fclose(stream);
        return wait_for(child);
    }
    errno = EINVAL;
    return -1;
}
