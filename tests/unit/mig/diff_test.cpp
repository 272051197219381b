// tests/unit/mig/diff_test.cpp
//
// Each pair tests/mig/diff/NAME.old.defs and NAME.new.defs is two states of one interface; the newer one says, in lines
// `// expect [old:]line:column number`, exactly what `mig diff` finds.  A finding that no pair hits is a failure, too.
#include "diff/compare.h"
#include "driver/compile.h"
#include "expectations.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <sstream>

namespace migc {
namespace {

std::unique_ptr<const ir::Interface> compile(const std::string& text, const std::string& name)
{
    Reporter reporter;
    auto interface = compile_text(text, name, reporter, choices_in(text));
    std::ostringstream mistakes;
    reporter.print(mistakes, false);
    EXPECT_NE(interface, nullptr) << mistakes.str();
    return interface;
}

Reporter findings_between(const std::string& older_text, const std::string& newer_text)
{
    const auto older = compile(older_text, "old");
    const auto newer = compile(newer_text, "new");
    Reporter findings;
    if (older && newer)
        compare(*older, *newer, findings);
    return findings;
}

// The names of the pairs, without `.new.defs`.
std::vector<std::string> pairs()
{
    const std::string end = ".new.defs";
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator{MIG_TEST_FILES "/diff"}) {
        const std::string path = entry.path().string();
        if (path.ends_with(end))
            names.push_back(path.substr(0, path.size() - end.size()));
    }
    return names;
}

TEST(MigDiff, EachPairGetsExactlyItsFindings)
{
    EXPECT_GE(pairs().size(), 6u);
    for (const std::string& name : pairs()) {
        SCOPED_TRACE(name);
        const std::string newer = read(name + ".new.defs");
        EXPECT_NE(newer.find("// expect "), std::string::npos);
        EXPECT_EQ(reported_by(findings_between(read(name + ".old.defs"), newer), "new"), expected_in(newer));
    }
}

TEST(MigDiff, ThePairsTogetherHitEveryFinding)
{
    std::set<std::string> hit;
    for (const std::string& name : pairs()) {
        for (const std::string& line : expected_in(read(name + ".new.defs")))
            hit.insert(line.substr(line.find('M')));
    }
    std::istringstream table{read(MIG_TEST_FILES "/../../mig/diag/diagnostics.h")};
    for (std::string line; std::getline(table, line);) {
        if (const size_t at = line.find("\"M04"); at != std::string::npos) {
            EXPECT_TRUE(hit.contains(line.substr(at + 1, 5))) << line;
        }
    }
}

// What broke on the way there breaks on the way back, whatever it is called then.  (A routine that is only added breaks
// nothing, and taking it away again does: so it is asked one way.)
TEST(MigDiff, AFileIsCompatibleWithItselfAndWhatBreaksDoesSoBothWays)
{
    for (const std::string& name : pairs()) {
        SCOPED_TRACE(name);
        const std::string older = read(name + ".old.defs");
        const std::string newer = read(name + ".new.defs");
        EXPECT_TRUE(findings_between(older, older).reports().empty());
        EXPECT_TRUE(findings_between(newer, newer).reports().empty());
        if (findings_between(older, newer).has_errors())
            EXPECT_TRUE(findings_between(newer, older).has_errors());
    }
}

TEST(MigDiff, AFindingSaysWhatWasAndWhatIs)
{
    const std::string types = "type int = 2; type p_t = MACH_MSG_TYPE_COPY_SEND; subsystem s 1;\n";
    const Reporter findings = findings_between(types + "routine f(p: p_t; x: int);\n",
                                               types + "routine f(p: p_t; x: t = array[2] of int);\n");
    std::ostringstream out;
    findings.print(out, true);
    EXPECT_TRUE(out.str().starts_with("new:2:19: error M0405: the request of 'f' has 8 bytes where it had 4 "
                                      "bytes\n"))
        << out.str();
}

}  // namespace
}  // namespace migc
