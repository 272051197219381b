/* clearenv(), the auxiliary vector, and the program's own headers. */
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <portico/start.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <unistd.h>

extern const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));

int clearenv(void)
{
    static char* empty[1];

    empty[0] = NULL;
    environ = empty;
    return 0;
}

unsigned long getauxval(unsigned long type)
{
    for (const Elf64_auxv_t* entry = __portico_vectors.auxv; entry->a_type != AT_NULL; entry++)
        if (entry->a_type == type)
            return entry->a_un.a_val;
    errno = ENOENT;
    return 0;
}

int issetugid(void) { return getuid() != geteuid() || getgid() != getegid(); }

/* There is one object, the program, linked at address 0. */
int dl_iterate_phdr(int (*visit)(struct dl_phdr_info*, size_t, void*), void* data)
{
    struct dl_phdr_info info = {.dlpi_name = "", .dlpi_adds = 1};

    info.dlpi_addr = (Elf64_Addr)&__ehdr_start;
    info.dlpi_phdr = (const Elf64_Phdr*)((const char*)&__ehdr_start + __ehdr_start.e_phoff);
    info.dlpi_phnum = __ehdr_start.e_phnum;
    return visit(&info, sizeof info, data);
}

static char* pending_error;

void* dlopen(const char* path, int mode)
{
    (void)path, (void)mode;
    pending_error = "programs are static: there is nothing to load";
    return NULL;
}

void* dlsym(void* restrict handle, const char* restrict name)
{
    (void)handle, (void)name;
    pending_error = "programs are static: they have no symbol table to look into";
    return NULL;
}

int dlclose(void* handle)
{
    (void)handle;
    pending_error = "this handle is not from dlopen()";
    return -1;
}

char* dlerror(void)
{
    char* text = pending_error;

    pending_error = NULL;
    return text;
}

int dladdr(const void* address, Dl_info* info)
{
    (void)address, (void)info;
    return 0;
}
