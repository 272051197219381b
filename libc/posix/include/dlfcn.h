/* Dynamic loading.  Programs are static: the calls exist and fail with a text that says so. */
#ifndef _DLFCN_H
#define _DLFCN_H

#include <sys/cdefs.h>

#define RTLD_LAZY 1
#define RTLD_NOW 2
#define RTLD_GLOBAL 0x100
#define RTLD_LOCAL 0
#define RTLD_DEFAULT ((void*)0)
#define RTLD_NEXT ((void*)-1)

typedef struct {
    const char* dli_fname;
    void* dli_fbase;
    const char* dli_sname;
    void* dli_saddr;
} Dl_info;

__BEGIN_DECLS
void* dlopen(const char* __path, int __mode);
void* dlsym(void* __restrict __handle, const char* __restrict __name);
int dlclose(void* __handle);
char* dlerror(void);
int dladdr(const void* __address, Dl_info* __info);
__END_DECLS

#endif
