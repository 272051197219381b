// tests/unit/mig/golden_test.cpp
//
// What each back end prints for a small interface, as a person has read and approved it.  After a wanted change run the test
// with MIG_UPDATE_GOLDEN=1 and read the difference.
#include "codegen/backend.h"
#include "driver/compile.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace migc {
namespace {

void compare(const GeneratedFiles& files, const std::string& folder)
{
    for (const GeneratedFile& file : files) {
        const std::filesystem::path path =
            std::filesystem::path{MIG_TEST_FILES "/golden"} / folder / file.name;
        if (std::getenv("MIG_UPDATE_GOLDEN") != nullptr) {
            std::filesystem::create_directories(path.parent_path());
            std::ofstream{path} << file.text;
        }
        std::ifstream in{path};
        std::stringstream expected;
        expected << in.rdbuf();
        EXPECT_EQ(file.text, expected.str()) << path;
    }
}

std::unique_ptr<const ir::Interface> compile(const char* name)
{
    Reporter reporter;
    PreprocessorCall call;
    call.arguments = {"-I", MIG_KERNEL_INCLUDE};
    return compile_file(std::string{MIG_TEST_FILES "/golden/"} + name, call, reporter);
}

TEST(MigGolden, Subsystem)
{
    const auto interface = compile("block.defs");
    ASSERT_NE(interface, nullptr);
    compare(generate_c(*interface), "c");
    compare(generate_cpp(*interface), "cpp");
    compare(generate_kernel(*interface), "kernel");
    compare(generate_description(*interface), "description");
    compare(generate_doc(*interface), "doc");
    compare(generate_json(*interface), "json");
}

TEST(MigGolden, KernelAsClient)
{
    const auto interface = compile("notice.defs");
    ASSERT_NE(interface, nullptr);
    compare(generate_kernel(*interface), "kernel");
}

TEST(MigGolden, Traps)
{
    const auto interface = compile("traps.defs");
    ASSERT_NE(interface, nullptr);
    compare(generate_trap_user(*interface), "trap");
    compare(generate_trap_kernel(*interface), "trap");
    compare(generate_description(*interface), "description");
    compare(generate_doc(*interface), "doc");
    compare(generate_json(*interface), "json");
}

}  // namespace
}  // namespace migc
