/* /etc/group.  The functions without _r share one entry, as POSIX allows. */
#include <errno.h>
#include <grp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static FILE* table;

/* Parses a line in place; the array of members is put behind its text, which ends at `end`. */
static int parse(char* text, char* end, struct group* entry)
{
    char* field[4];
    char* at = text;

    text[strcspn(text, "\n")] = '\0';
    uintptr_t free_room = ((uintptr_t)text + strlen(text) + 1 + 7) & ~(uintptr_t)7;
    for (int i = 0; i < 4; i++) {
        if (!at)
            return ENOENT;
        field[i] = at;
        at = strchr(at, ':');
        if (at)
            *at++ = '\0';
    }
    if (at)
        return ENOENT;
    *entry = (struct group){.gr_name = field[0], .gr_passwd = field[1], .gr_mem = (char**)free_room};
    entry->gr_gid = (gid_t)strtoul(field[2], NULL, 10);
    char** member = entry->gr_mem;
    for (char* name = strtok_r(field[3], ",", &at); name; name = strtok_r(NULL, ",", &at)) {
        if ((char*)(member + 2) > end)
            return ERANGE;
        *member++ = name;
    }
    if ((char*)(member + 1) > end)
        return ERANGE;
    *member = NULL;
    return 0;
}

static int look_up(const char* name, gid_t gid, struct group* entry, char* buffer, size_t size,
                   struct group** result)
{
    FILE* file = fopen("/etc/group", "re");
    int error = 0;

    *result = NULL;
    if (!file)
        return errno == ENOENT ? 0 : errno;
    while (!*result && fgets(buffer, (int)size, file)) {
        error = strchr(buffer, '\n') || feof(file) ? parse(buffer, buffer + size, entry) : ERANGE;
        if (error == ERANGE)
            break;
        if (!error && (name ? strcmp(entry->gr_name, name) == 0 : entry->gr_gid == gid))
            *result = entry;
        error = 0;
    }
    fclose(file);
    return error;
}

int getgrnam_r(const char* name, struct group* entry, char* buffer, size_t size, struct group** result)
{
    return look_up(name, 0, entry, buffer, size, result);
}

int getgrgid_r(gid_t gid, struct group* entry, char* buffer, size_t size, struct group** result)
{
    return look_up(NULL, gid, entry, buffer, size, result);
}

static struct group shared;
static char line[4096];

struct group* getgrnam(const char* name)
{
    struct group* result;
    int error = look_up(name, 0, &shared, line, sizeof line, &result);

    if (error)
        errno = error;
    return result;
}

struct group* getgrgid(gid_t gid)
{
    struct group* result;
    int error = look_up(NULL, gid, &shared, line, sizeof line, &result);

    if (error)
        errno = error;
    return result;
}

void setgrent(void)
{
    if (table && fseek(table, 0, SEEK_SET) != 0)
        endgrent(); /* The next getgrent() opens it anew. */
}

void endgrent(void)
{
    if (table)
        fclose(table);
    table = NULL;
}

struct group* getgrent(void)
{
    if (!table && !(table = fopen("/etc/group", "re")))
        return NULL;
    while (fgets(line, sizeof line, table))
        if (parse(line, line + sizeof line, &shared) == 0)
            return &shared;
    return NULL;
}

/* The groups of `user`, `first` among them.  -1 if there are more than *count; *count is how many in any case. */
int getgrouplist(const char* user, gid_t first, gid_t* groups, int* count)
{
    int found = 0, room = *count;
    struct group* entry;

    if (found < room)
        groups[found] = first;
    found++;
    setgrent();
    while ((entry = getgrent()) != NULL) {
        if (entry->gr_gid == first)
            continue;
        for (char** member = entry->gr_mem; *member; member++) {
            if (strcmp(*member, user) != 0)
                continue;
            if (found < room)
                groups[found] = entry->gr_gid;
            found++;
            break;
        }
    }
    endgrent();
    *count = found;
    return found > room ? -1 : found;
}

int initgroups(const char* user, gid_t first)
{
    gid_t groups[64];
    int count = 64;

    getgrouplist(user, first, groups, &count);
    return setgroups(count > 64 ? 64 : count, groups);
}
