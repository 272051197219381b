// tests/unit/bootstrap/elf_image_test.cpp
#include <elf.h>
#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "elf_image.h"
#include "initial_stack.h"

namespace {

using boot::ElfImage;

// A program of two segments: text with the headers at 0, data at 0x2000.
struct Program {
    Elf64_Ehdr header = {};
    Elf64_Phdr segments[2] = {};
    char rest[64] = {};

    Program()
    {
        std::memcpy(header.e_ident, ELFMAG, SELFMAG);
        header.e_ident[EI_CLASS] = ELFCLASS64;
        header.e_ident[EI_DATA] = ELFDATA2LSB;
        header.e_ident[EI_VERSION] = EV_CURRENT;
        header.e_type = ET_DYN;
        header.e_machine = EM_X86_64;
        header.e_entry = 0x100;
        header.e_phoff = sizeof header;
        header.e_phentsize = sizeof segments[0];
        header.e_phnum = 2;
        segments[0] = {PT_LOAD, PF_R | PF_X, 0, 0, 0, sizeof(Program), 0x1000, 0x1000};
        segments[1] = {PT_LOAD, PF_R | PF_W, 16, 0x2010, 0x2010, 32, 0x3000, 0x1000};
    }
    std::span<const std::byte> bytes() const { return std::as_bytes(std::span{this, 1}); }
    std::string fault() const
    {
        const auto image = ElfImage::parse(bytes());
        return image ? "" : std::string{image.error()};
    }
};

TEST(ElfImage, ReadsSegmentsAndEntry)
{
    const Program program;
    const auto image = ElfImage::parse(program.bytes());
    ASSERT_TRUE(image.has_value());
    EXPECT_EQ(image->entry(), 0x100u);
    EXPECT_EQ(image->header_table(), sizeof(Elf64_Ehdr));
    ASSERT_EQ(image->segments().size(), 2u);
    EXPECT_EQ(image->segments()[0].protection, VM_PROT_READ | VM_PROT_EXECUTE);
    EXPECT_EQ(image->segments()[1].address, 0x2010u);
    EXPECT_EQ(image->segments()[1].data.size(), 32u);
    EXPECT_EQ(image->segments()[1].memory_size, 0x3000u);
}

TEST(ElfImage, EveryTruncationIsNoticed)
{
    const Program program;
    for (size_t size = 0; size < sizeof program; ++size) {
        const std::vector<std::byte> part{program.bytes().begin(),
                                          program.bytes().begin() + static_cast<long>(size)};
        EXPECT_FALSE(ElfImage::parse(part).has_value()) << size;
    }
}

TEST(ElfImage, RefusesWhatItCannotRunSafely)
{
    Program p;
    p.header.e_machine = EM_386;
    EXPECT_NE(p.fault(), "");
    p = {};
    p.segments[1].p_flags |= PF_X;
    EXPECT_EQ(p.fault(), "a segment is writable and executable");
    p = {};
    p.segments[1].p_vaddr = 0xff0;
    EXPECT_EQ(p.fault(), "its segments overlap or share a page");
    p = {};
    p.segments[1].p_offset = ~uint64_t{0};
    EXPECT_EQ(p.fault(), "truncated: a segment's data is missing");
    p = {};
    p.segments[1].p_memsz = ~uint64_t{0};
    EXPECT_EQ(p.fault(), "a segment lies too high");
    p = {};
    p.header.e_entry = 0x2010;
    EXPECT_EQ(p.fault(), "its entry point is not in an executable segment");
    p = {};
    p.segments[0].p_type = PT_INTERP;
    EXPECT_EQ(p.fault(), "it wants a dynamic linker");
    p = {};
    p.header.e_phoff = ~uint64_t{0};
    EXPECT_EQ(p.fault(), "truncated: its program headers are missing");
}

TEST(InitialStack, IsWhatTheAbiSays)
{
    constexpr uint64_t top = 0x7000'0000;
    const std::vector<std::byte> stack =
        boot::make_initial_stack(top, {"name", "x=1"}, {{6, 4096}, {9, 0x1234}});
    EXPECT_EQ(stack.size() % 16, 0u);
    const uint64_t base = top - stack.size();
    std::vector<uint64_t> words(10);
    std::memcpy(words.data(), stack.data(), words.size() * 8);
    EXPECT_EQ(words[0], 2u);
    EXPECT_STREQ(reinterpret_cast<const char*>(stack.data()) + (words[1] - base), "name");
    EXPECT_STREQ(reinterpret_cast<const char*>(stack.data()) + (words[2] - base), "x=1");
    EXPECT_EQ(words[3], 0u);  // The end of argv.
    EXPECT_EQ(words[4], 0u);  // The end of envp.
    EXPECT_EQ(words[5], 6u);
    EXPECT_EQ(words[6], 4096u);
    EXPECT_EQ(words[9], 0u);  // AT_NULL.
}

}  // namespace
