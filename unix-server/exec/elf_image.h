// unix-server/exec/elf_image.h
//
// What an ELF64 file says about itself, checked.  Nothing here touches a task.
//
// Invariants  (X1) Segments are in rising order and do not overlap; every address and size was checked against the file's size
//                  and the address space, so adding them cannot wrap.
// Background  System V ABI, "Object Files"; AMD64 supplement.
#pragma once

#include <cstdint>
#include <mach/result.h>
#include <mach/vm_prot.h>
#include <span>
#include <vector>

namespace portico {

struct ElfSegment {
    uint64_t address;      // As linked; the load base is added.
    uint64_t memory_size;  // Bytes; what lies beyond file_size is zeros.
    uint64_t offset;       // In the file; congruent to the address by pages.
    uint64_t file_size;
    vm_prot_t protection;
};

struct ElfImage {
    bool relocatable;  // ET_DYN: may be loaded anywhere.
    uint64_t entry;
    uint64_t headers_address;  // Of the program headers, where a segment holds them; 0 otherwise.
    uint16_t header_count;
    uint16_t header_size;
    std::vector<ElfSegment> segments;

    uint64_t lowest() const { return segments.front().address; }
    uint64_t highest() const { return segments.back().address + segments.back().memory_size; }
};

// `head` is the beginning of the file, which must hold the header and the program headers.
// UNIX_ERROR(ENOEXEC): no ELF64 program for this machine, or one that contradicts itself or the file's size.
mach::Result<ElfImage> parse_elf(std::span<const char> head, uint64_t file_size);

}  // namespace portico
