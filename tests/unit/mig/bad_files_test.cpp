// tests/unit/mig/bad_files_test.cpp
//
// Every file in tests/mig/bad says, in lines `// expect [file:]line:column number`, exactly which diagnostics it gets; every
// file in tests/mig/good gets none that is an error.  A diagnostic that no bad file hits is a failure, too.
#include "ast/parse.h"
#include "driver/compile.h"
#include "expectations.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <sstream>

namespace migc {
namespace {

std::vector<std::filesystem::path> files_in(const char* folder)
{
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator{std::string{MIG_TEST_FILES "/"} + folder}) {
        if (entry.path().extension() == ".defs")
            files.push_back(entry.path());
    }
    return files;
}

TEST(MigBadFiles, EachGetsExactlyItsDiagnostics)
{
    for (const std::filesystem::path& path : files_in("bad")) {
        SCOPED_TRACE(path.filename().string());
        const std::string text = read(path);
        Reporter reporter;
        compile_text(text, path.string(), reporter, choices_in(text));
        const std::vector<std::string> expected = expected_in(text);
        EXPECT_FALSE(expected.empty());
        EXPECT_EQ(reported_by(reporter, path.string()), expected);
    }
}

TEST(MigBadFiles, TogetherHitEveryDiagnosticOfTheLanguage)
{
    std::set<std::string> hit;
    for (const std::filesystem::path& path : files_in("bad")) {
        for (const std::string& line : expected_in(read(path)))
            hit.insert(line.substr(line.find('M')));
    }
    // Reading and writing files, and the findings of `mig diff`, are other tests' matter.
    const std::set<std::string> of_the_driver{"M0001", "M0002", "M0006", "M0114", "M0121"};
    std::istringstream table{read(std::filesystem::path{MIG_TEST_FILES} / "../../mig/diag/diagnostics.h")};
    for (std::string line; std::getline(table, line);) {
        const size_t at = line.find("\"M0");
        if (at == std::string::npos || line.find("inline") != std::string::npos)
            continue;
        const std::string number = line.substr(at + 1, 5);
        const bool is_of_diff = number.starts_with("M04");
        EXPECT_TRUE(hit.contains(number) || of_the_driver.contains(number) || is_of_diff) << number;
    }
}

TEST(MigBadFiles, ReportsShowTheLineWithACaretAndHowToMendIt)
{
    Reporter reporter;
    compile_text("subsystem s 100;\n\troutine f(p: nothing);\n", "x.defs", reporter);
    std::ostringstream out;
    reporter.print(out, true);
    EXPECT_TRUE(out.str().starts_with("x.defs:2:15: error M0201: 'nothing' is not a type\n"
                                      "    \troutine f(p: nothing);\n"
                                      "    \t             ^\n"
                                      "    to mend: declare it with `type`"))
        << out.str();
}

TEST(MigGoodFiles, CompileWithoutError)
{
    for (const std::filesystem::path& path : files_in("good")) {
        SCOPED_TRACE(path.filename().string());
        Reporter reporter;
        PreprocessorCall call;
        call.arguments = {"-I", MIG_KERNEL_INCLUDE};
        const auto interface = compile_file(path.string(), call, reporter);
        std::ostringstream out;
        reporter.print(out, false);
        EXPECT_NE(interface, nullptr) << out.str();
    }
}

// Neither a crash nor a hang, whatever a token turns into.
TEST(MigMutants, NeverCrash)
{
    const std::string text = read(MIG_TEST_FILES "/good/language.defs");
    const char* const replacements[] = {"",  ";",           "(", ")",       "array", "[",
                                        "0", "99999999999", "^", "routine", "\x01",  "type"};
    unsigned tried = 0;
    for (size_t at = 0; at < text.size(); at += 7) {
        std::string mutant = text;
        mutant.replace(at, 3, replacements[tried++ % std::size(replacements)]);
        Reporter reporter;
        compile_text(mutant, "mutant.defs", reporter);
    }
    EXPECT_GT(tried, 200u);
}

}  // namespace
}  // namespace migc
