#ifndef PORTICO_FREESTANDING_WCHAR_H
#define PORTICO_FREESTANDING_WCHAR_H
#include <stddef.h>

#define WEOF ((wint_t) - 1)
typedef unsigned int wint_t;
typedef struct {
    int value;
} mbstate_t;
typedef struct portico_no_file FILE;

#ifdef __cplusplus
extern "C" {
#endif
size_t wcslen(const wchar_t* text);
int wcscmp(const wchar_t* a, const wchar_t* b);
wchar_t* wcschr(const wchar_t* text, wchar_t character);
wchar_t* wcsrchr(const wchar_t* text, wchar_t character);
wchar_t* wcspbrk(const wchar_t* text, const wchar_t* set);
wchar_t* wcsstr(const wchar_t* text, const wchar_t* part);
wchar_t* wmemchr(const wchar_t* memory, wchar_t character, size_t size);
int wmemcmp(const wchar_t* a, const wchar_t* b, size_t size);
wchar_t* wmemcpy(wchar_t* to, const wchar_t* from, size_t size);
wchar_t* wmemmove(wchar_t* to, const wchar_t* from, size_t size);
wchar_t* wmemset(wchar_t* to, wchar_t character, size_t size);
#ifdef __cplusplus
}
#endif
#endif
