// bootstrap/elf_image.h: a static position-independent program in ELF64 for x86-64, checked.
//
// Owns        nothing: it looks at the program's bytes.
// Invariants  (E1) Every offset and size lies within the file; segments rise, share no page, and none is both
//                  writable and executable; the entry point lies in an executable one.
#ifndef PORTICO_BOOTSTRAP_ELF_IMAGE_H
#define PORTICO_BOOTSTRAP_ELF_IMAGE_H

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string_view>
#include <vector>

#include <mach/vm_prot.h>

namespace boot {

struct Segment {
    uint64_t address;  // From the load address, not rounded.
    uint64_t memory_size;
    std::span<const std::byte> data;  // What comes after it, up to memory_size, is zero.
    vm_prot_t protection;
};

class ElfImage {
public:
    // Or what is wrong with it, for people.
    static std::expected<ElfImage, std::string_view> parse(std::span<const std::byte> file);

    const std::vector<Segment>& segments() const { return segments_; }
    uint64_t entry() const { return entry_; }

    // The auxiliary vector's AT_PHDR (from the load address), AT_PHENT, AT_PHNUM.
    uint64_t header_table() const { return header_table_; }
    uint64_t header_size() const { return header_size_; }
    uint64_t header_count() const { return header_count_; }

private:
    std::vector<Segment> segments_;
    uint64_t entry_ = 0;
    uint64_t header_table_ = 0;
    uint64_t header_size_ = 0;
    uint64_t header_count_ = 0;
};

}  // namespace boot

#endif
