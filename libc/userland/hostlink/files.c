/* Walks a file or a tree and sends it: a directory before what is in it, a file's frame before its data. */
#include "files.h"

#include "protocol.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where the walk is.  `path` is the whole path, `below` the part of it that the host gets to see. */
struct walk {
    struct link* link;
    uint32_t number;
    char path[PATH_MAX];
    size_t below;
};

static void send_missing(struct walk* walk, int error)
{
    const uint32_t numbers[2] = {walk->number, (uint32_t)error};
    size_t length = strlen(walk->path);
    if (length > link_room(2))
        length = link_room(2);
    link_send(walk->link, 'X', numbers, 2, walk->path, length);
}

/* Announces a file.  The path and a link's target share the frame; one that does not fit is reported instead. */
static int send_file(struct walk* walk, mode_t mode, const char* target, size_t target_length)
{
    static char names[LINK_MAX_PAYLOAD];
    const char* shown = walk->path + walk->below;
    const size_t length = strlen(shown);
    const uint32_t numbers[3] = {walk->number, (uint32_t)mode, (uint32_t)length};

    if (length + target_length > link_room(3)) {
        send_missing(walk, ENAMETOOLONG);
        return -1;
    }
    memcpy(names, shown, length);
    memcpy(names + length, target, target_length);
    link_send(walk->link, 'F', numbers, 3, names, length + target_length);
    return 0;
}

static void send_regular(struct walk* walk, mode_t mode)
{
    static unsigned char buffer[LINK_MAX_PAYLOAD];
    const int file = open(walk->path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        send_missing(walk, errno);
        return;
    }
    if (send_file(walk, mode, "", 0) == 0) {
        ssize_t count;
        while ((count = read(file, buffer, link_room(1))) != 0) {
            if (count < 0 && errno == EINTR)
                continue;
            if (count < 0) {
                send_missing(walk, errno);
                break;
            }
            link_send(walk->link, 'D', &walk->number, 1, buffer, (size_t)count);
        }
    }
    close(file);
}

static void send_symbolic_link(struct walk* walk, mode_t mode)
{
    char target[PATH_MAX];
    const ssize_t length = readlink(walk->path, target, sizeof target);
    if (length < 0)
        send_missing(walk, errno);
    else
        send_file(walk, mode, target, (size_t)length);
}

static void send_any(struct walk* walk);

/* Recursion is as deep as the tree, and a path of PATH_MAX bounds that. */
static void send_directory(struct walk* walk, mode_t mode)
{
    DIR* directory = opendir(walk->path);
    if (directory == NULL) {
        send_missing(walk, errno);
        return;
    }
    const size_t length = strlen(walk->path);
    if (send_file(walk, mode, "", 0) == 0) {
        for (struct dirent* entry; (entry = readdir(directory)) != NULL;) {
            if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                continue;
            const int size = snprintf(walk->path + length, sizeof walk->path - length, "/%s", entry->d_name);
            if ((size_t)size < sizeof walk->path - length)
                send_any(walk);
            walk->path[length] = '\0';
            if ((size_t)size >= sizeof walk->path - length)
                send_missing(walk, ENAMETOOLONG);
        }
    }
    closedir(directory);
}

static void send_any(struct walk* walk)
{
    struct stat status;
    if (lstat(walk->path, &status) != 0)
        send_missing(walk, errno);
    else if (S_ISDIR(status.st_mode))
        send_directory(walk, status.st_mode);
    else if (S_ISREG(status.st_mode))
        send_regular(walk, status.st_mode);
    else if (S_ISLNK(status.st_mode))
        send_symbolic_link(walk, status.st_mode);
    else
        send_missing(walk, EINVAL); /* A device, a FIFO or a socket has no contents to send. */
}

void files_send(struct link* link, const struct wanted_file* wanted)
{
    struct walk walk = {.link = link, .number = wanted->number};
    size_t length = strlen(wanted->path);
    if (length >= sizeof walk.path) {
        snprintf(walk.path, sizeof walk.path, "%s", wanted->path);
        send_missing(&walk, ENAMETOOLONG);
        return;
    }
    memcpy(walk.path, wanted->path, length + 1);
    while (length > 1 && walk.path[length - 1] == '/')
        walk.path[--length] = '\0';
    walk.below = length;
    send_any(&walk);
}
