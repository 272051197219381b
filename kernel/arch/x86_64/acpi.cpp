// kernel/arch/x86_64/acpi.cpp
//
// Reads four tables: MADT (interrupts), HPET, FADT (power) and, in the DSDT, the one package that says how to switch off.
// There is no AML interpreter: _S5_ is a package of constants in every firmware, so it is found by its name.
// Tables are checked (checksum, lengths) before they are believed; without them the machine is an AT.
#include <arch/acpi.h>

#include <cstring>
#include <string_view>

#include <arch/start.h>
#include <machine/memory.h>

namespace x86 {

AcpiInfo acpi;

namespace {

using machine::phys_to_virt;

struct [[gnu::packed]] Header {
    char signature[4];
    uint32_t length;
    uint8_t revision, checksum;
    char vendor[6], table[8];
    uint32_t vendor_revision;
    char creator[4];
    uint32_t creator_revision;
};

struct [[gnu::packed]] RootPointer {
    char signature[8];
    uint8_t checksum;
    char vendor[6];
    uint8_t revision;
    uint32_t rsdt;
    uint32_t length;
    uint64_t xsdt;
};

constexpr uint32_t longest_table = 1 << 20;

uint8_t sum_of(const void* at, size_t size)
{
    uint8_t sum = 0;
    for (size_t i = 0; i < size; ++i)
        sum = static_cast<uint8_t>(sum + static_cast<const uint8_t*>(at)[i]);
    return sum;
}

const Header* table_at(phys_address_t physical)
{
    if (physical == 0 || physical >= 1ull << 32)
        return nullptr;
    const auto* header = static_cast<const Header*>(phys_to_virt(physical));
    if (header->length < sizeof(Header) || header->length > longest_table ||
        sum_of(header, header->length) != 0)
        return nullptr;
    return header;
}

template <class T>
T read(const void* table, size_t offset)
{
    T value;
    memcpy(&value, static_cast<const char*>(table) + offset, sizeof value);
    return value;
}

// Without a word from the boot loader: on a BIOS machine it lies in the last 128 KiB of the first MiB, on a 16-byte boundary.
phys_address_t search_root_pointer()
{
    for (phys_address_t at = 0xe0000; at < 0x100000; at += 16) {
        if (memcmp(phys_to_virt(at), "RSD PTR ", 8) == 0 && sum_of(phys_to_virt(at), 20) == 0)
            return at;
    }
    return 0;
}

void read_madt(const Header* madt)
{
    acpi.has_8259 = (read<uint32_t>(madt, 40) & 1) != 0;
    for (uint32_t offset = 44; offset + 2 <= madt->length;) {
        const auto type = read<uint8_t>(madt, offset);
        const auto length = read<uint8_t>(madt, offset + 1);
        if (length < 2 || offset + length > madt->length)
            return;
        constexpr uint32_t usable = 1;
        if (type == 0 && length >= 8 && (read<uint32_t>(madt, offset + 4) & usable) != 0) {
            if (acpi.local_apic_count < acpi.local_apics.size())
                acpi.local_apics[acpi.local_apic_count++] = read<uint8_t>(madt, offset + 3);
        } else if (type == 1 && acpi.io_apic == 0) {
            acpi.io_apic = read<uint32_t>(madt, offset + 4);
            acpi.io_apic_base = read<uint32_t>(madt, offset + 8);
        } else if (type == 2) {
            const auto line = read<uint8_t>(madt, offset + 3);
            const auto flags = read<uint16_t>(madt, offset + 8);
            if (line < acpi.isa_lines.size())
                acpi.isa_lines[line] = {read<uint32_t>(madt, offset + 4), (flags >> 2 & 3) == 3,
                                        (flags & 3) == 3};
        }
        offset += length;
    }
}

// Name(_S5_, Package { a, b, ... }): 08 "_S5_" 12 length count, then constants: 0A byte, or 00, 01.
bool read_sleep_types(const Header* dsdt)
{
    const std::string_view code{reinterpret_cast<const char*>(dsdt), dsdt->length};
    const size_t name = code.find("_S5_");
    if (name == code.npos || name + 16 > code.size() || code[name + 4] != 0x12)
        return false;
    size_t at = name + 5;
    at += 1 + (static_cast<uint8_t>(code[at]) >> 6);  // The package's length: one to four bytes.
    ++at;                                             // How many there are.
    uint16_t values[2];
    for (uint16_t& value : values) {
        if (at + 2 > code.size())
            return false;
        if (code[at] == 0x0a)
            ++at;
        value = static_cast<uint8_t>(code[at++]);
    }
    acpi.sleep_type_a = values[0];
    acpi.sleep_type_b = values[1];
    return true;
}

void read_fadt(const Header* fadt)
{
    if (fadt->length < 116)
        return;
    acpi.pm1a_control = static_cast<uint16_t>(read<uint32_t>(fadt, 64));
    acpi.pm1b_control = static_cast<uint16_t>(read<uint32_t>(fadt, 68));
    const Header* dsdt = table_at(read<uint32_t>(fadt, 40));
    if (dsdt == nullptr && fadt->length >= 148)
        dsdt = table_at(read<uint64_t>(fadt, 140));
    acpi.can_power_off = acpi.pm1a_control != 0 && dsdt != nullptr && read_sleep_types(dsdt);
    constexpr uint32_t has_reset = 1 << 10;
    constexpr uint8_t io_space = 1;
    if (fadt->length >= 129 && (read<uint32_t>(fadt, 112) & has_reset) != 0 &&
        read<uint8_t>(fadt, 116) == io_space) {
        acpi.reset_port = static_cast<uint16_t>(read<uint64_t>(fadt, 120));
        acpi.reset_value = read<uint8_t>(fadt, 128);
    }
}

void read_table(phys_address_t physical)
{
    const Header* table = table_at(physical);
    if (table == nullptr)
        return;
    const std::string_view signature{table->signature, 4};
    if (signature == "APIC")
        read_madt(table);
    else if (signature == "FACP")
        read_fadt(table);
    else if (signature == "HPET" && table->length >= 56)
        acpi.hpet = read<uint64_t>(table, 44);
}

}  // namespace
}  // namespace x86

void machine::acpi_start(phys_address_t rsdp)
{
    using namespace x86;
    for (uint32_t line = 0; line < acpi.isa_lines.size(); ++line)
        acpi.isa_lines[line] = {line, false, false};
    if (rsdp == 0)
        rsdp = search_root_pointer();
    if (rsdp == 0)
        return;
    RootPointer root;
    memcpy(&root, phys_to_virt(rsdp), sizeof root);
    const Header* extended = root.revision >= 2 ? table_at(root.xsdt) : nullptr;
    const Header* list = extended != nullptr ? extended : table_at(root.rsdt);
    if (list == nullptr)
        return;
    const size_t entry = extended != nullptr ? 8 : 4;
    for (size_t offset = sizeof(Header); offset + entry <= list->length; offset += entry)
        read_table(entry == 8 ? read<uint64_t>(list, offset) : read<uint32_t>(list, offset));
}
