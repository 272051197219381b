// tests/unit/mig/options_test.cpp
#include "driver/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace migc {
namespace {

TEST(MigOptions, ModernForm)
{
    const Options options =
        parse_options({"generate", "--lang", "c++", "--out", "dir", "-I", "a", "-Ib", "-DX=1", "f.defs"});
    EXPECT_EQ(options.error, "");
    EXPECT_EQ(options.command, Options::Generate);
    EXPECT_EQ(options.language, "c++");
    EXPECT_EQ(options.file, "f.defs");
    EXPECT_THAT(options.preprocessor.arguments, testing::ElementsAre("-I", "a", "-Ib", "-DX=1"));
}

TEST(MigOptions, ClassicForm)
{
    const Options options =
        parse_options({"-q", "-user", "u.c", "-server", "/dev/null", "-sheader", "s.h", "f.defs"});
    EXPECT_EQ(options.error, "");
    EXPECT_EQ(options.command, Options::Classic);
    EXPECT_EQ(options.outputs.at("user"), "u.c");
    EXPECT_EQ(options.outputs.at("sheader"), "s.h");
}

TEST(MigOptions, MistakesAreNamed)
{
    EXPECT_NE(parse_options({}).error, "");
    EXPECT_NE(parse_options({"generate", "f.defs"}).error, "");
    EXPECT_NE(parse_options({"generate", "--lang", "pascal", "f.defs"}).error, "");
    EXPECT_NE(parse_options({"check", "a.defs", "b.defs"}).error, "");
    EXPECT_NE(parse_options({"check", "-nonsense", "a.defs"}).error, "");
    EXPECT_NE(parse_options({"-user"}).error, "");
}

}  // namespace
}  // namespace migc
