#include "elf_image.h"

#include <cerrno>
#include <cstring>
#include <elf.h>
#include <mach/machine/vm_param.h>

#include "../support/unix_error.h"

namespace portico {

namespace {

constexpr uint64_t page_mask = MACH_PAGE_SIZE - 1;

bool is_program_for_this_machine(const Elf64_Ehdr& header)
{
    return std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 && header.e_ident[EI_CLASS] == ELFCLASS64 &&
           header.e_ident[EI_DATA] == ELFDATA2LSB && header.e_machine == EM_X86_64 &&
           (header.e_type == ET_EXEC || header.e_type == ET_DYN) && header.e_phentsize == sizeof(Elf64_Phdr);
}

vm_prot_t protection_of(uint32_t flags)
{
    vm_prot_t protection = VM_PROT_NONE;
    if ((flags & PF_R) != 0)
        protection |= VM_PROT_READ;
    if ((flags & PF_W) != 0)
        protection |= VM_PROT_WRITE;
    if ((flags & PF_X) != 0)
        protection |= VM_PROT_EXECUTE;
    return protection;
}

// (X1) for one segment, given where the one before it ended.
bool is_sound(const Elf64_Phdr& segment, uint64_t file_size, uint64_t previous_end)
{
    return segment.p_memsz >= segment.p_filesz && segment.p_offset <= file_size &&
           segment.p_filesz <= file_size - segment.p_offset && segment.p_vaddr <= VM_MAX_ADDRESS &&
           segment.p_memsz <= VM_MAX_ADDRESS - segment.p_vaddr && segment.p_vaddr >= previous_end &&
           ((segment.p_vaddr ^ segment.p_offset) & page_mask) == 0;
}

}  // namespace

mach::Result<ElfImage> parse_elf(std::span<const char> head, uint64_t file_size)
{
    Elf64_Ehdr header;
    if (head.size() < sizeof header)
        return unix_failure(ENOEXEC);
    std::memcpy(&header, head.data(), sizeof header);
    if (!is_program_for_this_machine(header))
        return unix_failure(ENOEXEC);
    const uint64_t table_size = uint64_t{header.e_phnum} * sizeof(Elf64_Phdr);
    if (header.e_phoff > head.size() || table_size > head.size() - header.e_phoff)
        return unix_failure(ENOEXEC);

    ElfImage image{};
    image.relocatable = header.e_type == ET_DYN;
    image.entry = header.e_entry;
    image.header_count = header.e_phnum;
    image.header_size = sizeof(Elf64_Phdr);
    uint64_t previous_end = 0;
    for (uint16_t i = 0; i < header.e_phnum; ++i) {
        Elf64_Phdr segment;
        std::memcpy(&segment, head.data() + header.e_phoff + i * sizeof segment, sizeof segment);
        if (segment.p_type == PT_INTERP)
            return unix_failure(ENOEXEC);  // There is no dynamic linker.
        if (segment.p_type != PT_LOAD || segment.p_memsz == 0)
            continue;
        if (!is_sound(segment, file_size, previous_end))
            return unix_failure(ENOEXEC);
        previous_end = (segment.p_vaddr + segment.p_memsz + page_mask) & ~page_mask;
        image.segments.push_back({segment.p_vaddr, segment.p_memsz, segment.p_offset, segment.p_filesz,
                                  protection_of(segment.p_flags)});
        if (header.e_phoff >= segment.p_offset &&
            header.e_phoff + table_size <= segment.p_offset + segment.p_filesz)
            image.headers_address = segment.p_vaddr + (header.e_phoff - segment.p_offset);
    }
    if (image.segments.empty())
        return unix_failure(ENOEXEC);
    return image;
}

}  // namespace portico
