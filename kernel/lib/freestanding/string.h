#ifndef PORTICO_FREESTANDING_STRING_H
#define PORTICO_FREESTANDING_STRING_H
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif
// In arch/x86_64/string.cpp.
void* memcpy(void* to, const void* from, size_t size);
void* memmove(void* to, const void* from, size_t size);
void* memset(void* to, int byte, size_t size);
int memcmp(const void* a, const void* b, size_t size);
size_t strlen(const char* text);
int strcmp(const char* a, const char* b);
int strncmp(const char* a, const char* b, size_t size);

// Declared only.
void* memchr(const void* memory, int byte, size_t size);
char* strchr(const char* text, int character);
char* strrchr(const char* text, int character);
char* strpbrk(const char* text, const char* set);
char* strstr(const char* text, const char* part);
#ifdef __cplusplus
}
#endif
#endif
