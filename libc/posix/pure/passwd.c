/* /etc/passwd.  The functions without _r share one entry, as POSIX allows. */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static FILE* table;

/* Splits `line` at colons into exactly `count` fields. */
static int split(char* line, char** fields, int count)
{
    line[strcspn(line, "\n")] = '\0';
    for (int i = 0; i < count; i++) {
        if (!line)
            return 0;
        fields[i] = line;
        line = strchr(line, ':');
        if (line)
            *line++ = '\0';
    }
    return line == NULL;
}

static int parse(char* line, struct passwd* entry)
{
    char* field[7];

    if (!split(line, field, 7))
        return 0;
    *entry = (struct passwd){.pw_name = field[0],
                             .pw_passwd = field[1],
                             .pw_gecos = field[4],
                             .pw_dir = field[5],
                             .pw_shell = field[6]};
    entry->pw_uid = (uid_t)strtoul(field[2], NULL, 10);
    entry->pw_gid = (gid_t)strtoul(field[3], NULL, 10);
    return 1;
}

/* The first entry with this name, or with this number if there is no name.  Lines that are not entries, or that do not
 * fit, are passed over. */
static int look_up(const char* name, uid_t uid, struct passwd* entry, char* buffer, size_t size,
                   struct passwd** result)
{
    FILE* file = fopen("/etc/passwd", "re");
    int error = 0;

    *result = NULL;
    if (!file)
        return errno == ENOENT ? 0 : errno;
    while (!*result && fgets(buffer, (int)size, file)) {
        if (!strchr(buffer, '\n') && !feof(file)) {
            error = ERANGE;
            break;
        }
        if (parse(buffer, entry) && (name ? strcmp(entry->pw_name, name) == 0 : entry->pw_uid == uid))
            *result = entry;
    }
    fclose(file);
    return error;
}

int getpwnam_r(const char* name, struct passwd* entry, char* buffer, size_t size, struct passwd** result)
{
    return look_up(name, 0, entry, buffer, size, result);
}

int getpwuid_r(uid_t uid, struct passwd* entry, char* buffer, size_t size, struct passwd** result)
{
    return look_up(NULL, uid, entry, buffer, size, result);
}

static struct passwd shared;
static char line[1024];

struct passwd* getpwnam(const char* name)
{
    struct passwd* result;
    int error = look_up(name, 0, &shared, line, sizeof line, &result);

    if (error)
        errno = error;
    return result;
}

struct passwd* getpwuid(uid_t uid)
{
    struct passwd* result;
    int error = look_up(NULL, uid, &shared, line, sizeof line, &result);

    if (error)
        errno = error;
    return result;
}

void setpwent(void)
{
    if (table)
        rewind(table);
}

void endpwent(void)
{
    if (table)
        fclose(table);
    table = NULL;
}

struct passwd* getpwent(void)
{
    if (!table && !(table = fopen("/etc/passwd", "re")))
        return NULL;
    while (fgets(line, sizeof line, table))
        if (parse(line, &shared))
            return &shared;
    return NULL;
}
