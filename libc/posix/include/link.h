/* The loaded program's own ELF headers: how the unwinder finds its tables.  There is one object, the program. */
#ifndef _LINK_H
#define _LINK_H

#include <elf.h>
#include <stddef.h>
#include <sys/cdefs.h>

#define ElfW(type) Elf64_##type

struct dl_phdr_info {
    Elf64_Addr dlpi_addr; /* load address less link address */
    const char* dlpi_name;
    const Elf64_Phdr* dlpi_phdr;
    Elf64_Half dlpi_phnum;
    unsigned long long dlpi_adds;
    unsigned long long dlpi_subs;
    size_t dlpi_tls_modid;
    void* dlpi_tls_data;
};

__BEGIN_DECLS
int dl_iterate_phdr(int (*__visit)(struct dl_phdr_info*, size_t, void*), void* __data);
__END_DECLS

#endif
