// kernel/kern/elf_loader.cpp
//
// Nothing in the file is believed: each range is checked against the file and the address space before it is used.

#include <kern/elf_loader.h>

#include <algorithm>
#include <array>
#include <cstring>

#include <vm/vm_map.h>
#include <vm/vm_user.h>

using mach::failure;
using mach::Result;

namespace {

// The parts of the ELF-64 object file format that a static PIE needs.
struct FileHeader {
    std::array<uint8_t, 16> identification;
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, program_headers, section_headers;
    uint32_t flags;
    uint16_t size, program_header_size, program_header_count;
    uint16_t section_header_size, section_header_count, section_names;
};
static_assert(sizeof(FileHeader) == 64);

struct ProgramHeader {
    uint32_t type, flags;
    uint64_t offset, address, physical_address, file_size, memory_size, alignment;
};
static_assert(sizeof(ProgramHeader) == 56);

constexpr std::array<uint8_t, 7> identification = {
    0x7f, 'E', 'L', 'F', 2 /* 64 bits */, 1 /* little-endian */, 1};
constexpr uint16_t type_dynamic = 3;
constexpr uint16_t machine_x86_64 = 62;
constexpr uint32_t segment_load = 1;
constexpr uint32_t flag_execute = 1, flag_write = 2, flag_read = 4;
constexpr uint64_t image_limit = uint64_t{1} << 30;

bool within(uint64_t start, uint64_t size, uint64_t limit) { return start <= limit && size <= limit - start; }

Result<FileHeader> read_header(std::span<const std::byte> file)
{
    FileHeader header;
    if (file.size() < sizeof header)
        return failure(KERN_INVALID_ARGUMENT);
    std::memcpy(&header, file.data(), sizeof header);
    const uint64_t table = uint64_t{header.program_header_count} * sizeof(ProgramHeader);
    const bool good =
        std::equal(identification.begin(), identification.end(), header.identification.begin()) &&
        header.type == type_dynamic && header.machine == machine_x86_64 &&
        header.program_header_size == sizeof(ProgramHeader) &&
        within(header.program_headers, table, file.size()) && header.entry < image_limit;
    if (!good)
        return failure(KERN_INVALID_ARGUMENT);
    return header;
}

ProgramHeader program_header(std::span<const std::byte> file, const FileHeader& header, unsigned index)
{
    ProgramHeader segment;
    std::memcpy(&segment, file.data() + header.program_headers + index * sizeof segment, sizeof segment);
    return segment;
}

vm_prot_t protection_of(uint32_t flags)
{
    return ((flags & flag_read) != 0 ? VM_PROT_READ : 0) | ((flags & flag_write) != 0 ? VM_PROT_WRITE : 0) |
           ((flags & flag_execute) != 0 ? VM_PROT_EXECUTE : 0);
}

Result<void> load_segment(Thread& self, VmMap& map, std::span<const std::byte> file,
                          const ProgramHeader& segment, vm_address_t base)
{
    if (!within(segment.offset, segment.file_size, file.size()) || segment.file_size > segment.memory_size ||
        !within(segment.address, segment.memory_size, image_limit))
        return failure(KERN_INVALID_ARGUMENT);
    const vm_address_t start = trunc_page(base + segment.address);
    const vm_size_t size = round_page(base + segment.address + segment.memory_size) - start;
    TRY(map.allocate(start, size, VM_FLAGS_FIXED));
    TRY(vm_map_write_wait(self, map, base + segment.address,
                          file.subspan(segment.offset, segment.file_size)));
    return map.protect(start, size, /*set_maximum=*/false, protection_of(segment.flags));
}

}  // namespace

Result<LoadedImage> elf_load(Thread& self, VmMap& map, std::span<const std::byte> file, vm_address_t base)
{
    const FileHeader header = TRY(read_header(file));
    LoadedImage image{base + header.entry, 0, sizeof(ProgramHeader), header.program_header_count};
    for (unsigned i = 0; i < header.program_header_count; ++i) {
        const ProgramHeader segment = program_header(file, header, i);
        if (segment.type != segment_load || segment.memory_size == 0)
            continue;
        TRY(load_segment(self, map, file, segment, base));
        if (within(segment.offset, segment.file_size, header.program_headers) ||
            header.program_headers < segment.offset)
            continue;
        image.program_headers = base + segment.address + (header.program_headers - segment.offset);
    }
    return image;
}
