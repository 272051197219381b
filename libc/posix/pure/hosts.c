/* gethostbyname(): addresses written as such, and the names of /etc/hosts.  There is no other source of names yet. */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define LONGEST_LINE 512
#define MOST_ALIASES 16

/* The answer, which lasts until the next call. */
static struct {
    char line[LONGEST_LINE];
    struct in_addr address;
    char* addresses[2];
    char* aliases[MOST_ALIASES + 1];
    struct hostent entry;
} answer;

static struct hostent* finish(char* name)
{
    answer.addresses[0] = (char*)&answer.address;
    answer.entry = (struct hostent){.h_name = name,
                                    .h_aliases = answer.aliases,
                                    .h_addrtype = AF_INET,
                                    .h_length = sizeof answer.address,
                                    .h_addr_list = answer.addresses};
    h_errno = 0;
    return &answer.entry;
}

/* Takes answer.line apart.  Answers the official name if one of the line's names is `wanted`. */
static char* match_line(const char* wanted)
{
    char* rest = answer.line;
    int matches = 0, count = 0;

    rest[strcspn(rest, "#\n")] = '\0';
    char* address = strtok_r(rest, " \t", &rest);
    char* official = strtok_r(NULL, " \t", &rest);
    if (!official || !inet_aton(address, &answer.address))
        return NULL;
    matches = strcasecmp(official, wanted) == 0;
    for (char* alias; count < MOST_ALIASES && (alias = strtok_r(NULL, " \t", &rest));) {
        answer.aliases[count++] = alias;
        matches |= strcasecmp(alias, wanted) == 0;
    }
    answer.aliases[count] = NULL;
    return matches ? official : NULL;
}

struct hostent* gethostbyname(const char* name)
{
    char* official = NULL;

    if (inet_aton(name, &answer.address)) {
        answer.aliases[0] = NULL;
        strlcpy(answer.line, name, sizeof answer.line);
        return finish(answer.line);
    }
    FILE* hosts = fopen("/etc/hosts", "re");
    if (!hosts) {
        h_errno = NO_RECOVERY;
        return NULL;
    }
    while (!official && fgets(answer.line, sizeof answer.line, hosts))
        official = match_line(name);
    fclose(hosts);
    if (official)
        return finish(official);
    h_errno = HOST_NOT_FOUND;
    return NULL;
}
