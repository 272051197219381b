// bootstrap/elf_image.cpp
#include "elf_image.h"

#include <cstring>

namespace boot {

namespace {

struct FileHeader {
    unsigned char identification[16];
    uint16_t type;
    uint16_t machine;
    uint32_t version;
    uint64_t entry;
    uint64_t program_headers;
    uint64_t section_headers;
    uint32_t flags;
    uint16_t header_size;
    uint16_t program_header_size;
    uint16_t program_header_count;
    uint16_t section_header_size;
    uint16_t section_header_count;
    uint16_t section_names;
};

struct ProgramHeader {
    uint32_t type;
    uint32_t flags;
    uint64_t offset;
    uint64_t virtual_address;
    uint64_t physical_address;
    uint64_t file_size;
    uint64_t memory_size;
    uint64_t alignment;
};

constexpr unsigned char magic_64_little_endian[] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
constexpr uint16_t shared_object = 3;  // Which a static PIE is.
constexpr uint16_t machine_x86_64 = 62;
constexpr uint32_t segment_load = 1;
constexpr uint32_t segment_interpreter = 3;
constexpr uint32_t flag_execute = 1;
constexpr uint32_t flag_write = 2;
constexpr uint32_t flag_read = 4;
constexpr uint16_t most_program_headers = 32;
constexpr uint64_t highest_address = uint64_t{1} << 40;  // Generous for a program, and sums cannot overflow.
constexpr uint64_t page_mask = 4096 - 1;

bool fits(uint64_t offset, uint64_t size, size_t file_size)
{
    return offset <= file_size && size <= file_size - offset;
}

vm_prot_t protection_of(uint32_t flags)
{
    return ((flags & flag_read) != 0 ? VM_PROT_READ : 0) | ((flags & flag_write) != 0 ? VM_PROT_WRITE : 0) |
           ((flags & flag_execute) != 0 ? VM_PROT_EXECUTE : 0);
}

std::string_view check_header(const FileHeader& header, size_t file_size)
{
    if (std::memcmp(header.identification, magic_64_little_endian, sizeof magic_64_little_endian) != 0)
        return "not an ELF file of 64 bits";
    if (header.machine != machine_x86_64 || header.type != shared_object)
        return "not a position-independent program for x86-64";
    if (header.program_header_size != sizeof(ProgramHeader) || header.program_header_count == 0 ||
        header.program_header_count > most_program_headers)
        return "its program headers are malformed";
    if (!fits(header.program_headers, uint64_t{header.program_header_count} * sizeof(ProgramHeader),
              file_size))
        return "truncated: its program headers are missing";
    return {};
}

std::string_view check_segment(const ProgramHeader& header, uint64_t first_free_address, size_t file_size)
{
    if (header.file_size > header.memory_size || !fits(header.offset, header.file_size, file_size))
        return "truncated: a segment's data is missing";
    if (header.virtual_address >= highest_address || header.memory_size > highest_address)
        return "a segment lies too high";
    if ((header.virtual_address & ~page_mask) < first_free_address)
        return "its segments overlap or share a page";
    if ((header.flags & flag_write) != 0 && (header.flags & flag_execute) != 0)
        return "a segment is writable and executable";
    return {};
}

}  // namespace

std::expected<ElfImage, std::string_view> ElfImage::parse(std::span<const std::byte> file)
{
    FileHeader header;
    if (file.size() < sizeof header)
        return std::unexpected("truncated: not even a header");
    std::memcpy(&header, file.data(), sizeof header);
    if (const std::string_view fault = check_header(header, file.size()); !fault.empty())
        return std::unexpected(fault);

    ElfImage image;
    image.entry_ = header.entry;
    image.header_size_ = header.program_header_size;
    image.header_count_ = header.program_header_count;

    uint64_t first_free_address = 0;
    bool entry_is_executable = false;
    for (uint16_t i = 0; i < header.program_header_count; ++i) {
        ProgramHeader segment;
        std::memcpy(&segment, file.data() + header.program_headers + i * sizeof segment, sizeof segment);
        if (segment.type == segment_interpreter)
            return std::unexpected("it wants a dynamic linker");
        if (segment.type != segment_load || segment.memory_size == 0)
            continue;
        if (const std::string_view fault = check_segment(segment, first_free_address, file.size());
            !fault.empty())
            return std::unexpected(fault);

        const uint64_t end = segment.virtual_address + segment.memory_size;
        first_free_address = (end + page_mask) & ~page_mask;
        if ((segment.flags & flag_execute) != 0 && header.entry >= segment.virtual_address &&
            header.entry < end)
            entry_is_executable = true;
        if (header.program_headers >= segment.offset &&
            header.program_headers < segment.offset + segment.file_size)
            image.header_table_ = segment.virtual_address + (header.program_headers - segment.offset);
        image.segments_.push_back(Segment{segment.virtual_address, segment.memory_size,
                                          file.subspan(segment.offset, segment.file_size),
                                          protection_of(segment.flags)});
    }
    if (!entry_is_executable)
        return std::unexpected("its entry point is not in an executable segment");
    return image;
}

}  // namespace boot
