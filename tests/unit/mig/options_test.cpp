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

TEST(MigOptions, AllFlagsOfTheGnuCompiler)
{
    const Options options = parse_options({"-Q",
                                           "-V",
                                           "-r",
                                           "-T",
                                           "-s",
                                           "-n",
                                           "-i",
                                           "one_",
                                           "-iheader",
                                           "i.h",
                                           "-list",
                                           "ids",
                                           "-prefix",
                                           "k_",
                                           "-subrprefix",
                                           "__",
                                           "-MD",
                                           "-cc",
                                           "clang-19 -E -P",
                                           "-migcom",
                                           "/x/migcom",
                                           "-imacros",
                                           "m.h",
                                           "-nostdinc",
                                           "a.defs",
                                           "b.defs"},
                                          "/usr/bin/x86_64-gnu-mig");
    EXPECT_EQ(options.error, "");
    EXPECT_EQ(options.choices.dialect, ir::Dialect::Gnu);
    EXPECT_TRUE(options.show_warnings && options.choices.symbol_table && options.only_named_outputs);
    EXPECT_EQ(options.parts_prefix, "one_");
    EXPECT_EQ(options.outputs.at("list"), "ids");
    EXPECT_EQ(options.choices.user_prefix, "k_");
    EXPECT_EQ(options.choices.library_prefix, "__");
    EXPECT_EQ(options.preprocessor.program, "clang-19");
    EXPECT_THAT(options.preprocessor.arguments, testing::ElementsAre("-P", "-imacros", "m.h", "-nostdinc"));
    EXPECT_EQ(options.file, "a.defs");
    EXPECT_THAT(options.more_files, testing::ElementsAre("b.defs"));
}

TEST(MigOptions, AllFlagsOfTheAppleCompiler)
{
    const Options options =
        parse_options({"-q", "-V", "-L", "-K", "-X", "-maxonstack", "1024", "-novouchers", "-dheader", "d.h",
                       "-arch", "x86_64", "-target", "x86_64-apple-macos", "-isysroot", "/sdk", "f.defs"});
    EXPECT_EQ(options.error, "");
    EXPECT_EQ(options.choices.dialect, std::nullopt);
    EXPECT_EQ(options.outputs.at("dheader"), "d.h");
    EXPECT_THAT(options.preprocessor.arguments, testing::ElementsAre("-isysroot", "/sdk"));
}

TEST(MigOptions, ADialectIsChosenByName)
{
    EXPECT_EQ(parse_options({"check", "--dialect=gnu", "f.defs"}).choices.dialect, ir::Dialect::Gnu);
    EXPECT_EQ(parse_options({"check", "--dialect", "osf", "f.defs"}).choices.dialect, ir::Dialect::Osf);
    EXPECT_NE(parse_options({"check", "--dialect=cmu", "f.defs"}).error, "");
}

TEST(MigOptions, DiffTakesTwoFiles)
{
    const Options options = parse_options({"diff", "-I", "a", "old.defs", "new.defs"});
    EXPECT_EQ(options.error, "");
    EXPECT_EQ(options.file, "old.defs");
    EXPECT_THAT(options.more_files, testing::ElementsAre("new.defs"));
    EXPECT_NE(parse_options({"diff", "old.defs"}).error, "");
    EXPECT_NE(parse_options({"diff", "a.defs", "b.defs", "c.defs"}).error, "");
}

TEST(MigOptions, EachCommandHasAPageOfHelp)
{
    for (const std::string command : {"generate", "check", "diff", "json", "doc"}) {
        const Options options = parse_options({command, "--help"});
        EXPECT_EQ(options.command, Options::Help);
        EXPECT_EQ(options.help_topic, command);
        EXPECT_EQ(parse_options({"help", command}).help_topic, command);
        EXPECT_TRUE(help(command)->starts_with("mig " + command + ":"));
        EXPECT_NE(help("")->find("mig " + command + " "), std::string::npos);
    }
    EXPECT_EQ(parse_options({"--help"}).help_topic, "");
    EXPECT_NE(parse_options({"help", "nonsense"}).error, "");
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
