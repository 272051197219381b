/* Internet addresses as text, and the look-ups that fail because there is no network yet.  hosts.c has those of names. */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>

int h_errno;

/* One to four numbers with dots between them; the last fills what bytes are left. */
int inet_aton(const char* text, struct in_addr* address)
{
    unsigned long part[4], value = 0;
    int count = 0;

    for (;;) {
        char* end;
        if (count == 4 || *text < '0' || *text > '9')
            return 0;
        part[count++] = strtoul(text, &end, 0);
        text = end;
        if (*text != '.')
            break;
        text++;
    }
    if (*text && *text != ' ' && *text != '\t' && *text != '\n')
        return 0;
    for (int i = 0; i < count - 1; i++) {
        if (part[i] > 255)
            return 0;
        value |= part[i] << (24 - 8 * i);
    }
    if (part[count - 1] > 0xffffffffUL >> (8 * (count - 1)))
        return 0;
    address->s_addr = htonl((unsigned)(value | part[count - 1]));
    return 1;
}

in_addr_t inet_addr(const char* text)
{
    struct in_addr address;

    return inet_aton(text, &address) ? address.s_addr : INADDR_NONE;
}

const char* inet_ntop(int family, const void* restrict from, char* restrict text, socklen_t size)
{
    const unsigned char* byte = from;
    char result[INET_ADDRSTRLEN];

    if (family != AF_INET) {
        errno = EAFNOSUPPORT;
        return NULL;
    }
    int length = sprintf(result, "%u.%u.%u.%u", byte[0], byte[1], byte[2], byte[3]);
    if ((socklen_t)length >= size) {
        errno = ENOSPC;
        return NULL;
    }
    snprintf(text, size, "%s", result);
    return text;
}

int inet_pton(int family, const char* restrict text, void* restrict to)
{
    unsigned byte[4];
    int length = 0;

    if (family != AF_INET) {
        errno = EAFNOSUPPORT;
        return -1;
    }
    if (sscanf(text, "%3u.%3u.%3u.%3u%n", &byte[0], &byte[1], &byte[2], &byte[3], &length) != 4 ||
        text[length])
        return 0;
    for (int i = 0; i < 4; i++) {
        if (byte[i] > 255)
            return 0;
        ((unsigned char*)to)[i] = (unsigned char)byte[i];
    }
    return 1;
}

char* inet_ntoa(struct in_addr address)
{
    static char text[INET_ADDRSTRLEN];

    inet_ntop(AF_INET, &address, text, sizeof text);
    return text;
}

const char* hstrerror(int error)
{
    switch (error) {
    case 0:
        return "Resolver Error 0 (no error)";
    case HOST_NOT_FOUND:
        return "Unknown host";
    case TRY_AGAIN:
        return "Host name lookup failure";
    case NO_RECOVERY:
        return "Unknown server error";
    case NO_DATA:
        return "No address associated with name";
    default:
        return "Unknown resolver error";
    }
}

const char* gai_strerror(int error)
{
    switch (error) {
    case EAI_NONAME:
        return "Name or service not known";
    case EAI_FAIL:
        return "Non-recoverable failure in name resolution";
    case EAI_FAMILY:
        return "ai_family not supported";
    case EAI_SYSTEM:
        return "System error";
    default:
        return "Unknown error";
    }
}

struct servent* getservbyname(const char* name, const char* protocol)
{
    (void)name, (void)protocol;
    return NULL;
}

struct servent* getservbyport(int port, const char* protocol)
{
    (void)port, (void)protocol;
    return NULL;
}

int getaddrinfo(const char* restrict node, const char* restrict service,
                const struct addrinfo* restrict hints, struct addrinfo** restrict result)
{
    (void)node, (void)service, (void)hints;
    *result = NULL;
    return EAI_FAIL;
}

void freeaddrinfo(struct addrinfo* list) { (void)list; /* getaddrinfo() never made one. */ }

int getnameinfo(const struct sockaddr* restrict address, socklen_t length, char* restrict node,
                socklen_t node_size, char* restrict service, socklen_t service_size, int flags)
{
    (void)address, (void)length, (void)node, (void)node_size, (void)service, (void)service_size, (void)flags;
    return EAI_FAIL;
}

unsigned if_nametoindex(const char* name)
{
    (void)name;
    errno = ENODEV;
    return 0;
}

char* if_indextoname(unsigned index, char* name)
{
    (void)index, (void)name;
    errno = ENXIO;
    return NULL;
}
