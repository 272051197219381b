// tests/unit/bootstrap/archive_test.cpp
#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>
#include <string>

#include "archive.h"

namespace {

using boot::Archive;

std::string member(const std::string& name, unsigned mode, const std::string& data)
{
    char header[111];
    std::snprintf(header, sizeof header, "070701%08X%08X%08X%08X%08X%08X%08zX%08X%08X%08X%08X%08zX%08X", 1,
                  mode, 0, 0, 1, 0, data.size(), 0, 0, 0, 0, name.size() + 1, 0);
    std::string text = header + name;
    text.push_back('\0');
    text.resize((text.size() + 3) & ~size_t{3});
    text += data;
    text.resize((text.size() + 3) & ~size_t{3});
    return text;
}

std::span<const std::byte> bytes(const std::string& text) { return std::as_bytes(std::span{text}); }

std::string text_of(const std::optional<std::span<const std::byte>>& data)
{
    return data ? std::string{reinterpret_cast<const char*>(data->data()), data->size()} : "(none)";
}

const std::string archive = member("boot", 0040755, "") + member("./boot/a", 0100644, "first") +
                            member("boot/b", 0100644, "") + member("TRAILER!!!", 0, "");

TEST(Archive, FindsFilesByPath)
{
    const Archive a{bytes(archive)};
    EXPECT_EQ(text_of(a.find("/boot/a")), "first");
    EXPECT_EQ(text_of(a.find("boot/b")), "");
    EXPECT_EQ(text_of(a.find("/boot/c")), "(none)");
    EXPECT_EQ(text_of(a.find("/boot")), "(none)") << "a directory is no file";
}

TEST(Archive, EveryTruncationIsNoticed)
{
    for (size_t size = 0; size < archive.size(); ++size) {
        // An exact copy, so that a sanitizer sees a step beyond it.
        const std::string part = archive.substr(0, size);
        const std::string exact{part.data(), part.size()};
        const Archive a{bytes(exact)};
        const std::string found = text_of(a.find("boot/a"));
        EXPECT_TRUE(found == "first" || found == "(none)") << size;
    }
}

TEST(Archive, SizesThatLieAreNotBelieved)
{
    std::string lying = archive;
    lying.replace(6 + 8 * 11, 8, "FFFFFFFF");  // The first name's size.
    EXPECT_EQ(text_of(Archive{bytes(lying)}.find("boot/a")), "(none)");
    lying = archive;
    lying.replace(6 + 8 * 6, 8, "FFFFFFF0");  // The first file's size.
    EXPECT_EQ(text_of(Archive{bytes(lying)}.find("boot/a")), "(none)");
    lying = archive;
    lying.replace(6 + 8 * 6, 8, "0000000z");
    EXPECT_EQ(text_of(Archive{bytes(lying)}.find("boot/a")), "(none)");
}

}  // namespace
