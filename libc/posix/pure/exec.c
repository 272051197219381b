/* The relatives of execve(). */
#include <errno.h>
#include <limits.h>
#include <paths.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Counts the arguments after the first, up to and with the null pointer. */
static size_t count(va_list list)
{
    size_t n = 1;

    while (va_arg(list, char*))
        n++;
    return n;
}

/* Collects the arguments into an array; *environment is the one that follows them. */
static void collect(char** vector, const char* first, va_list list, char*** environment)
{
    *vector = (char*)first;
    while (*vector)
        *++vector = va_arg(list, char*);
    if (environment)
        *environment = va_arg(list, char**);
}

int execv(const char* path, char* const arguments[]) { return execve(path, arguments, environ); }

int execl(const char* path, const char* first, ...)
{
    va_list list;

    va_start(list, first);
    char* vector[count(list) + 1];
    va_end(list);
    va_start(list, first);
    collect(vector, first, list, NULL);
    va_end(list);
    return execve(path, vector, environ);
}

int execle(const char* path, const char* first, ...)
{
    va_list list;
    char** environment;

    va_start(list, first);
    char* vector[count(list) + 1];
    va_end(list);
    va_start(list, first);
    collect(vector, first, list, &environment);
    va_end(list);
    return execve(path, vector, environment);
}

int execlp(const char* file, const char* first, ...)
{
    va_list list;

    va_start(list, first);
    char* vector[count(list) + 1];
    va_end(list);
    va_start(list, first);
    collect(vector, first, list, NULL);
    va_end(list);
    return execvp(file, vector);
}

/* A file that is executable but in no format of exec's is a script without a first line: the shell's. */
static void try(const char* path, char* const arguments[], char* const environment[])
{
    execve(path, arguments, environment);
    if (errno != ENOEXEC)
        return;
    size_t n = 0;
    while (arguments[n])
        n++;
    char* vector[n + 3];
    vector[0] = "sh";
    vector[1] = (char*)path;
    for (size_t i = 1; i < n; i++)
        vector[i + 1] = arguments[i];
    vector[n > 0 ? n + 1 : 2] = NULL;
    execve(_PATH_BSHELL, vector, environment);
}

int execvpe(const char* file, char* const arguments[], char* const environment[])
{
    const char* path = getenv("PATH");
    int denied = 0;

    if (!*file) {
        errno = ENOENT;
        return -1;
    }
    if (strchr(file, '/')) {
        try(file, arguments, environment);
        return -1;
    }
    for (const char* at = path ? path : "/bin:/usr/bin"; at;) {
        char name[PATH_MAX];
        size_t length = strcspn(at, ":");
        if (length + 1 + strlen(file) + 1 <= sizeof name) {
            memcpy(name, at, length);
            strcpy(name + length, length ? "/" : "");
            strcat(name, file);
            try(name, arguments, environment);
            if (errno == EACCES)
                denied = 1;
            else if (errno != ENOENT && errno != ENOTDIR)
                return -1;
        }
        at = at[length] ? at + length + 1 : NULL;
    }
    errno = denied ? EACCES : ENOENT;
    return -1;
}

int execvp(const char* file, char* const arguments[]) { return execvpe(file, arguments, environ); }
