/* Who is logged in.  There is no record of it: the terminal's user is the process's. */
#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>
#include <utmpx.h>

char* getlogin(void)
{
    struct passwd* entry = getpwuid(getuid());

    return entry ? entry->pw_name : NULL;
}

int getlogin_r(char* name, size_t size)
{
    const char* found = getlogin();

    if (!found)
        return ENXIO;
    if (strlen(found) + 1 > size)
        return ERANGE;
    strcpy(name, found);
    return 0;
}

void setutxent(void) {}

void endutxent(void) {}

struct utmpx* getutxent(void) { return NULL; }

struct utmpx* getutxid(const struct utmpx* key)
{
    (void)key;
    return NULL;
}

struct utmpx* getutxline(const struct utmpx* key)
{
    (void)key;
    return NULL;
}

struct utmpx* pututxline(const struct utmpx* entry)
{
    (void)entry;
    errno = ENOSYS;
    return NULL;
}
