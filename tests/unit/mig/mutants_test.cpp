// tests/unit/mig/mutants_test.cpp
//
// The first few mutants; docs/campaigns/mig-mutants.md tells of all.
#include "mutants.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace migc {
namespace {

std::string good_file()
{
    std::ifstream in{MIG_TEST_FILES "/good/gnu.defs"};
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

TEST(MigGnuMutants, AreJudgedAsTheOtherCompilerJudgesThem)
{
    if (!OtherCompiler::is_installed())
        GTEST_SKIP() << "Debian's mig-x86-64-gnu is not installed";
    const Mutants mutants{{good_file()}};
    const Tally tally = try_mutants(mutants, 0, 150);
    EXPECT_GT(tally.accepted, 5u);
    EXPECT_GT(tally.rejected, 75u);
    for (const std::string& each : tally.unexplained)
        ADD_FAILURE() << each;
}

TEST(MigGnuMutants, AreTheSameInEveryRun)
{
    const Mutants first{{good_file()}}, second{{good_file()}};
    for (uint64_t number = 0; number < 50; ++number)
        EXPECT_EQ(first.make(number).text, second.make(number).text);
}

// Else a mutant would differ for a reason that it did not bring.
TEST(MigGnuMutants, TheGoodFileHasNothingThatOnlyOursTakes)
{
    const Verdict verdict = judge(good_file());
    EXPECT_TRUE(verdict.accepted);
    EXPECT_EQ(reason_for_difference(verdict), "");
}

}  // namespace
}  // namespace migc
