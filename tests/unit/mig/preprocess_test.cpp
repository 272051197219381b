// tests/unit/mig/preprocess_test.cpp
//
// mig runs the preprocessor itself: what it finds, and what it says when that fails.
#include "driver/compile.h"

#include <gtest/gtest.h>

#include <fstream>
#include <unistd.h>

namespace migc {
namespace {

class MigPreprocess : public testing::Test {
protected:
    std::string write(const std::string& name, const std::string& text)
    {
        const std::string path = testing::TempDir() + std::to_string(getpid()) + name;
        std::ofstream{path} << text;
        return path;
    }
    const char* only_report() const
    {
        return reporter_.reports().size() == 1 ? reporter_.reports()[0].diagnostic->number : "not one report";
    }
    Reporter reporter_;
    PreprocessorCall call_;
};

TEST_F(MigPreprocess, MissingFileIsReported)
{
    EXPECT_EQ(compile_file("/nonexistent/x.defs", call_, reporter_), nullptr);
    EXPECT_STREQ(only_report(), "M0001");
}

TEST_F(MigPreprocess, FailsWhenThePreprocessorFails)
{
    EXPECT_EQ(
        compile_file(write("a.defs", "#include <nonexistent.defs>\nsubsystem s 1;\n"), call_, reporter_),
        nullptr);
    EXPECT_STREQ(only_report(), "M0002");
}

TEST_F(MigPreprocess, FailsWhenThereIsNoPreprocessor)
{
    call_.program = "/nonexistent/cpp";
    EXPECT_EQ(compile_file(write("b.defs", "subsystem s 1;\n"), call_, reporter_), nullptr);
    EXPECT_STREQ(only_report(), "M0002");
}

TEST_F(MigPreprocess, DefinesAndConditionalsWork)
{
    call_.arguments = {"-DKERNEL_SERVER"};
    const auto interface = compile_file(
        write("c.defs", "subsystem\n#ifdef KERNEL_SERVER\nKernelServer\n#endif\ns 1;\n"), call_, reporter_);
    ASSERT_NE(interface, nullptr);
    EXPECT_TRUE(interface->kernel_server);
}

TEST_F(MigPreprocess, PositionsAreThoseOfTheIncludedFile)
{
    const std::string included = write("d.types", "\n\ntype a = wrong;\n");
    compile_file(write("d.defs", "subsystem s 1;\n#include \"" + included + "\"\n"), call_, reporter_);
    ASSERT_STREQ(only_report(), "M0201");
    EXPECT_EQ(*reporter_.reports()[0].position.file, included);
    EXPECT_EQ(reporter_.reports()[0].position.line, 3u);
}

}  // namespace
}  // namespace migc
