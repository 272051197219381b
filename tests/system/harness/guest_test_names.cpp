// tests/system/harness/guest_test_names.cpp
//
// Finds one section in an ELF64 file.  Everything read is checked against the file's size: the file may be half written.
#include "remote_suite.h"

#include <cstring>
#include <elf.h>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace portico::harness {
namespace {

constexpr std::string_view section_name = ".guest_tests";

class ElfFile {
public:
    explicit ElfFile(const std::filesystem::path& path)
    {
        std::ifstream file{path, std::ios::binary};
        bytes_.assign(std::istreambuf_iterator<char>{file}, {});
        const auto header = at<Elf64_Ehdr>(0);
        if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64)
            throw std::runtime_error{path.string() + " is no ELF64 program"};
        for (std::size_t i = 0; i < header.e_shnum; i++)
            sections_.push_back(at<Elf64_Shdr>(header.e_shoff + i * sizeof(Elf64_Shdr)));
        names_ = header.e_shnum != 0 ? contents(sections_.at(header.e_shstrndx)) : std::string_view{};
    }

    std::string_view section(std::string_view wanted) const
    {
        for (const Elf64_Shdr& section : sections_) {
            const std::string_view rest =
                names_.substr(std::min<std::size_t>(section.sh_name, names_.size()));
            if (rest.substr(0, rest.find('\0')) == wanted)
                return contents(section);
        }
        return {};
    }

private:
    template <typename T>
    T at(std::size_t offset) const
    {
        T value;
        if (offset > bytes_.size() || bytes_.size() - offset < sizeof value)
            throw std::runtime_error{"an ELF program is cut off"};
        std::memcpy(&value, bytes_.data() + offset, sizeof value);
        return value;
    }

    std::string_view contents(const Elf64_Shdr& section) const
    {
        if (section.sh_offset > bytes_.size() || bytes_.size() - section.sh_offset < section.sh_size)
            throw std::runtime_error{"an ELF program is cut off"};
        return std::string_view{bytes_}.substr(section.sh_offset, section.sh_size);
    }

    std::string bytes_;
    std::vector<Elf64_Shdr> sections_;
    std::string_view names_;
};

}  // namespace

std::vector<std::string> guest_test_names(const std::filesystem::path& program)
{
    const ElfFile file{program};
    std::vector<std::string> names;
    std::string_view rest = file.section(section_name);
    while (!rest.empty()) {
        const std::string_view name = rest.substr(0, rest.find('\0'));
        if (name.find('.') != std::string_view::npos)  // Between two names there may be zeros for alignment.
            names.emplace_back(name);
        rest.remove_prefix(std::min(rest.size(), name.size() + 1));
    }
    return names;
}

}  // namespace portico::harness
