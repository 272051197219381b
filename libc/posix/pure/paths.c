/* basename(), dirname() and realpath(). */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The end of `path` without the slashes that end it; a path of slashes keeps one. */
static size_t length_without_slashes(const char* path, size_t length)
{
    while (length > 1 && path[length - 1] == '/')
        length--;
    return length;
}

char* basename(char* path)
{
    if (!path || !*path)
        return ".";
    size_t length = length_without_slashes(path, strlen(path));
    path[length] = '\0';
    char* slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

char* dirname(char* path)
{
    if (!path || !*path)
        return ".";
    size_t length = length_without_slashes(path, strlen(path));
    while (length > 0 && path[length - 1] != '/')
        length--;
    if (length == 0)
        return ".";
    path[length_without_slashes(path, length)] = '\0';
    return path;
}

/* What realpath() has found so far, and what is still to be walked. */
struct Walk {
    char done[PATH_MAX]; /* absolute, no slash at its end; "" is the root */
    char rest[PATH_MAX];
    int links;
};

static int too_long(void)
{
    errno = ENAMETOOLONG;
    return -1;
}

/* Puts the target of the link `walk->done` before what is still to be walked. */
static int follow(struct Walk* walk)
{
    char target[PATH_MAX];
    ssize_t length = readlink(walk->done, target, sizeof target - 1);

    if (length < 0)
        return -1;
    if (++walk->links > SYMLOOP_MAX) {
        errno = ELOOP;
        return -1;
    }
    target[length] = '\0';
    if ((size_t)length + strlen(walk->rest) + 1 > sizeof walk->rest)
        return too_long();
    /* What is left is empty or begins with a slash. */
    memmove(walk->rest + length, walk->rest, strlen(walk->rest) + 1);
    memcpy(walk->rest, target, (size_t)length);
    if (target[0] == '/')
        walk->done[0] = '\0';
    else
        *strrchr(walk->done, '/') = '\0';
    return 0;
}

/* Walks one component, which is cut off the front of `rest`. */
static int step(struct Walk* walk)
{
    char name[PATH_MAX];
    size_t skip = strspn(walk->rest, "/");
    size_t length = strcspn(walk->rest + skip, "/");
    size_t done = strlen(walk->done);
    struct stat status;

    memcpy(name, walk->rest + skip, length);
    name[length] = '\0';
    memmove(walk->rest, walk->rest + skip + length, strlen(walk->rest + skip + length) + 1);
    if (length == 0 || strcmp(name, ".") == 0)
        return 0;
    if (strcmp(name, "..") == 0) {
        char* slash = strrchr(walk->done, '/');
        if (slash)
            *slash = '\0';
        return 0;
    }
    if (done + 1 + length + 1 > sizeof walk->done)
        return too_long();
    walk->done[done] = '/';
    memcpy(walk->done + done + 1, name, length + 1);
    if (lstat(walk->done, &status) < 0)
        return -1;
    if (S_ISLNK(status.st_mode))
        return follow(walk);
    if (walk->rest[0] && !S_ISDIR(status.st_mode)) {
        errno = ENOTDIR;
        return -1;
    }
    return 0;
}

char* realpath(const char* restrict path, char* restrict result)
{
    struct Walk walk = {.links = 0};

    if (!path || !*path) {
        errno = path ? ENOENT : EINVAL;
        return NULL;
    }
    if (strlen(path) + 1 > sizeof walk.rest)
        return too_long(), NULL;
    strcpy(walk.rest, path);
    if (path[0] != '/' && !getcwd(walk.done, sizeof walk.done))
        return NULL;
    if (strcmp(walk.done, "/") == 0)
        walk.done[0] = '\0';
    while (walk.rest[0])
        if (step(&walk) < 0)
            return NULL;
    if (!walk.done[0])
        strcpy(walk.done, "/");
    return result ? strcpy(result, walk.done) : strdup(walk.done);
}
