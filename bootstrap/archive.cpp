// bootstrap/archive.cpp
#include "archive.h"

#include <array>
#include <cstdint>

namespace boot {

namespace {

// A header is the magic and thirteen fields of eight hexadecimal digits, then the name with its NUL; data and
// next header start at multiples of four.
constexpr std::string_view magic = "070701";
constexpr size_t field_count = 13;
constexpr size_t field_size = 8;
constexpr size_t header_size = magic.size() + field_count * field_size;
constexpr std::string_view trailer = "TRAILER!!!";

enum Field : size_t { field_mode = 1, field_file_size = 6, field_name_size = 11 };

constexpr unsigned file_type_mask = 0170000;
constexpr unsigned regular_file = 0100000;

size_t aligned(size_t offset) { return (offset + 3) & ~size_t{3}; }

std::optional<uint32_t> hexadecimal(std::string_view digits)
{
    uint32_t value = 0;
    for (const char digit : digits) {
        if (digit >= '0' && digit <= '9')
            value = value << 4 | static_cast<uint32_t>(digit - '0');
        else if (digit >= 'A' && digit <= 'F')
            value = value << 4 | static_cast<uint32_t>(digit - 'A' + 10);
        else if (digit >= 'a' && digit <= 'f')
            value = value << 4 | static_cast<uint32_t>(digit - 'a' + 10);
        else
            return std::nullopt;
    }
    return value;
}

std::string_view text_at(std::span<const std::byte> bytes, size_t offset, size_t size)
{
    return {reinterpret_cast<const char*>(bytes.data()) + offset, size};
}

std::string_view without_leading(std::string_view path)
{
    while (path.starts_with("/") || path.starts_with("./"))
        path.remove_prefix(path.front() == '/' ? 1 : 2);
    return path;
}

}  // namespace

std::optional<ArchiveEntry> Archive::next(size_t& offset) const
{
    if (offset > bytes_.size() || bytes_.size() - offset < header_size ||
        text_at(bytes_, offset, magic.size()) != magic)
        return std::nullopt;

    std::array<uint32_t, field_count> fields{};
    for (size_t i = 0; i < field_count; ++i) {
        const auto value = hexadecimal(text_at(bytes_, offset + magic.size() + i * field_size, field_size));
        if (!value)
            return std::nullopt;
        fields[i] = *value;
    }

    const size_t name_at = offset + header_size;
    const size_t name_size = fields[field_name_size];
    if (name_size == 0 || bytes_.size() - name_at < name_size)
        return std::nullopt;
    const std::string_view name = text_at(bytes_, name_at, name_size - 1);
    if (name == trailer)
        return std::nullopt;

    const size_t data_at = aligned(name_at + name_size);
    const size_t data_size = fields[field_file_size];
    if (data_at > bytes_.size() || bytes_.size() - data_at < data_size)
        return std::nullopt;

    offset = aligned(data_at + data_size);
    return ArchiveEntry{without_leading(name), fields[field_mode], bytes_.subspan(data_at, data_size)};
}

std::optional<std::span<const std::byte>> Archive::find(std::string_view path) const
{
    const std::string_view wanted = without_leading(path);
    size_t offset = 0;
    while (const auto entry = next(offset)) {
        if (entry->path == wanted && (entry->mode & file_type_mask) == regular_file)
            return entry->data;
    }
    return std::nullopt;
}

}  // namespace boot
