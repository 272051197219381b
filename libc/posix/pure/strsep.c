/* strsep().  newlib's loses an empty last token: it returns NULL where the token is the empty string. */
#include <string.h>

char* strsep(char** rest, const char* delimiters)
{
    char* token = *rest;

    if (!token)
        return NULL;
    char* end = token + strcspn(token, delimiters);
    *rest = *end ? end + 1 : NULL;
    *end = '\0';
    return token;
}
