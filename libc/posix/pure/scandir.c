/* Whole directories as sorted arrays. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef int (*Filter)(const struct dirent*);
typedef int (*Comparison)(const struct dirent**, const struct dirent**);

int alphasort(const struct dirent** a, const struct dirent** b)
{
    return strcoll((*a)->d_name, (*b)->d_name);
}

int versionsort(const struct dirent** a, const struct dirent** b)
{
    return strverscmp((*a)->d_name, (*b)->d_name);
}

/* Appends a copy of `entry`; false when memory is short. */
static int append(struct dirent*** list, size_t* count, size_t* room, const struct dirent* entry)
{
    if (*count == *room) {
        size_t more = *room ? 2 * *room : 32;
        struct dirent** grown = realloc(*list, more * sizeof **list);
        if (!grown)
            return 0;
        *list = grown;
        *room = more;
    }
    size_t size = offsetof(struct dirent, d_name) + strlen(entry->d_name) + 1;
    struct dirent* copy = malloc(size);
    if (!copy)
        return 0;
    (*list)[(*count)++] = memcpy(copy, entry, size);
    return 1;
}

int scandir(const char* path, struct dirent*** result, Filter wanted, Comparison compare)
{
    struct dirent** list = NULL;
    size_t count = 0, room = 0;
    DIR* stream = opendir(path);

    if (!stream)
        return -1;
    errno = 0;
    for (struct dirent* entry; (entry = readdir(stream)) != NULL;) {
        if (wanted && !wanted(entry))
            continue;
        if (!append(&list, &count, &room, entry)) {
            errno = ENOMEM;
            break;
        }
        errno = 0;
    }
    int error = errno;
    closedir(stream);
    if (error) {
        while (count)
            free(list[--count]);
        free(list);
        errno = error;
        return -1;
    }
    if (compare && count)
        qsort(list, count, sizeof *list, (int (*)(const void*, const void*))compare);
    *result = list;
    return (int)count;
}
