// kernel/arch/x86_64/multiboot.cpp: what GRUB (multiboot 2) or QEMU's -kernel (multiboot 1) tell, as a BootInfo.
//
// The loader's structures lie anywhere in free memory: everything is copied out of them before a page is given out.
#include <arch/start.h>

#include <cstring>
#include <string_view>

#include <arch/memory_ranges.h>
#include <lib/assert.h>
#include <machine/memory.h>

namespace machine {
namespace {

constexpr uint32_t magic_1 = 0x2badb002;
constexpr uint32_t magic_2 = 0x36d76289;

template <class T>
const T* at(phys_address_t physical)
{
    return static_cast<const T*>(phys_to_virt(physical));
}

void set_command_line(BootInfo& boot, std::string_view text)
{
    const size_t length = std::min(text.size(), boot.command_line.size() - 1);
    memcpy(boot.command_line.data(), text.data(), length);
    boot.command_line[length] = '\0';
}

// The module's name is the first word of its line, without the path that QEMU has there.
void add_module(BootInfo& boot, uint64_t start, uint64_t end, std::string_view line)
{
    if (boot.module_count == BootInfo::max_modules || end < start)
        return;
    std::string_view name = line.substr(0, line.find(' '));
    if (const size_t slash = name.rfind('/'); slash != name.npos)
        name.remove_prefix(slash + 1);
    BootModule& module = boot.module_storage[boot.module_count++];
    module = {start, end - start, {}};
    memcpy(module.name, name.data(), std::min(name.size(), sizeof module.name - 1));
}

void add_firmware_range(BootInfo& boot, uint64_t start, uint64_t length, uint32_t type)
{
    constexpr uint32_t ram = 1, acpi = 3;
    const uint64_t end = start + length < start ? UINT64_MAX : start + length;
    if (type == ram)
        add_ram(boot, start, end);
    else
        note_reserved(start, end, type == acpi ? MemoryRange::Kind::Firmware : MemoryRange::Kind::Device);
}

// ---- Multiboot 1

struct Information1 {
    uint32_t flags, mem_lower, mem_upper, boot_device, command_line, module_count, modules, symbols[4],
        map_length, map;
};
struct Module1 {
    uint32_t start, end, text, reserved;
};
struct [[gnu::packed]] MapEntry1 {
    uint32_t size;  // Of what follows.
    uint64_t address, length;
    uint32_t type;
};

void read_multiboot_1(BootInfo& boot, phys_address_t physical)
{
    const auto& info = *at<Information1>(physical);
    constexpr uint32_t has_command_line = 1 << 2, has_modules = 1 << 3, has_map = 1 << 6;
    if ((info.flags & has_map) == 0)
        panic("the boot loader gave no memory map");
    for (uint32_t offset = 0; offset < info.map_length;) {
        const auto& entry = *at<MapEntry1>(info.map + offset);
        add_firmware_range(boot, entry.address, entry.length, entry.type);
        offset += entry.size + sizeof entry.size;
    }
    if ((info.flags & has_command_line) != 0) {
        std::string_view text{at<char>(info.command_line)};
        const size_t space = text.find(' ');  // The first word is the kernel's own path.
        set_command_line(boot, space == text.npos ? "" : text.substr(space + 1));
    }
    for (uint32_t i = 0; (info.flags & has_modules) != 0 && i < info.module_count; ++i) {
        const auto& module = at<Module1>(info.modules)[i];
        add_module(boot, module.start, module.end, module.text != 0 ? at<char>(module.text) : "");
    }
}

// ---- Multiboot 2

struct Tag2 {
    uint32_t type, size;
};
struct ModuleTag2 : Tag2 {
    uint32_t start, end;
};
struct MapTag2 : Tag2 {
    uint32_t entry_size, entry_version;
};
struct MapEntry2 {
    uint64_t address, length;
    uint32_t type, reserved;
};

void read_map_2(BootInfo& boot, const MapTag2& tag)
{
    const auto* first = reinterpret_cast<const std::byte*>(&tag + 1);
    const auto* end = reinterpret_cast<const std::byte*>(&tag) + tag.size;
    for (; first + sizeof(MapEntry2) <= end; first += tag.entry_size) {
        const auto& entry = *reinterpret_cast<const MapEntry2*>(first);
        add_firmware_range(boot, entry.address, entry.length, entry.type);
    }
}

void read_tag_2(BootInfo& boot, const Tag2& tag)
{
    constexpr uint32_t command_line = 1, module = 3, memory_map = 6, rsdp_1 = 14, rsdp_2 = 15;
    const auto* body = reinterpret_cast<const char*>(&tag + 1);
    switch (tag.type) {
    case command_line:
        set_command_line(boot, body);
        break;
    case module: {
        const auto& m = static_cast<const ModuleTag2&>(tag);
        add_module(boot, m.start, m.end, reinterpret_cast<const char*>(&m + 1));
        break;
    }
    case memory_map:
        read_map_2(boot, static_cast<const MapTag2&>(tag));
        break;
    case rsdp_1:
        if (boot.acpi_rsdp == 0)
            boot.acpi_rsdp = keep_rsdp(body, tag.size - sizeof tag);
        break;
    case rsdp_2:
        boot.acpi_rsdp = keep_rsdp(body, tag.size - sizeof tag);
        break;
    default:  // Of no use here.
        break;
    }
}

void read_multiboot_2(BootInfo& boot, phys_address_t physical)
{
    const uint32_t total = *at<uint32_t>(physical);
    for (uint32_t offset = 8; offset < total;) {
        const auto& tag = *at<Tag2>(physical + offset);
        if (tag.type == 0 || tag.size < sizeof tag)
            break;
        read_tag_2(boot, tag);
        offset += (tag.size + 7) & ~7u;
    }
}

// The firmware's root pointer is a copy inside the loader's data, so we keep a copy of our own, in the image.
alignas(16) char rsdp_copy[64];

}  // namespace

phys_address_t keep_rsdp(const void* from, size_t size)
{
    memcpy(rsdp_copy, from, std::min(size, sizeof rsdp_copy));
    return reinterpret_cast<uint64_t>(rsdp_copy) - kernel_base;
}

void read_boot_information(BootInfo& boot, uint32_t magic, phys_address_t information)
{
    if (magic == magic_1)
        read_multiboot_1(boot, information);
    else if (magic == magic_2)
        read_multiboot_2(boot, information);
    else
        panic("the boot loader is unknown (eax = %x)", magic);
    finish_ranges(boot);
}

}  // namespace machine
