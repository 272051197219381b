// tests/unit/mig/grammar_coverage_test.cpp
//
// Every rule of the grammar is used by a good file and by a bad one, and every word of the language by a good file: what is
// not used is not tested.  Words that are refused until they have stubs (M0111) are listed here, and the list is to become
// empty.
#include "driver/preprocess.h"

#include "MigLexer.h"
#include "MigParser.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

namespace migc {
namespace {

using grammar::MigLexer;
using grammar::MigParser;

struct Used {
    std::set<size_t> rules, tokens;

    void walk(antlr4::tree::ParseTree& tree)
    {
        if (auto* rule = dynamic_cast<antlr4::ParserRuleContext*>(&tree))
            rules.insert(rule->getRuleIndex());
        if (auto* leaf = dynamic_cast<antlr4::tree::TerminalNode*>(&tree))
            tokens.insert(leaf->getSymbol()->getType());
        for (antlr4::tree::ParseTree* child : tree.children)
            walk(*child);
    }
};

// Bad files include nothing and are read as they are.
std::optional<std::string> text_of(const std::filesystem::path& path, bool is_bad)
{
    if (is_bad) {
        std::ifstream in{path};
        return std::string{std::istreambuf_iterator<char>{in}, {}};
    }
    Reporter reporter;
    PreprocessorCall call;
    call.arguments = {"-I", MIG_KERNEL_INCLUDE};
    return preprocess(path.string(), call, reporter);
}

Used used_by(const std::string& folder)
{
    Used used;
    for (const auto& entry : std::filesystem::directory_iterator{MIG_TEST_FILES "/" + folder}) {
        if (entry.path().extension() != ".defs")
            continue;
        const std::optional<std::string> text = text_of(entry.path(), folder == "bad");
        if (!text)
            continue;
        antlr4::ANTLRInputStream input{*text};
        MigLexer lexer{&input};
        antlr4::CommonTokenStream tokens{&lexer};
        MigParser parser{&tokens};
        parser.removeErrorListeners();
        used.walk(*parser.specification());
    }
    return used;
}

std::set<std::string> missing_rules(const Used& used)
{
    antlr4::ANTLRInputStream nothing;
    MigLexer lexer{&nothing};
    antlr4::CommonTokenStream tokens{&lexer};
    MigParser parser{&tokens};
    std::set<std::string> missing;
    for (size_t rule = 0; rule < parser.getRuleNames().size(); ++rule) {
        if (!used.rules.contains(rule))
            missing.insert(parser.getRuleNames()[rule]);
    }
    return missing;
}

TEST(MigGrammar, EveryRuleIsUsedByAGoodFile)
{
    EXPECT_EQ(missing_rules(used_by("good")), std::set<std::string>{});
}

TEST(MigGrammar, EveryRuleIsUsedByABadFile)
{
    EXPECT_EQ(missing_rules(used_by("bad")), std::set<std::string>{});
}

TEST(MigGrammar, EveryWordIsUsedByAGoodFile)
{
    const std::set<std::string> refused{"RETCODE", "POINTER_TO_IF_NOT"};
    const std::set<std::string> never_in_a_tree{"LINE_MARKER", "BLOCK_COMMENT", "LINE_COMMENT", "WHITESPACE",
                                                "UNKNOWN"};
    const Used used = used_by("good");
    antlr4::ANTLRInputStream nothing;
    MigLexer lexer{&nothing};
    std::set<std::string> missing;
    for (size_t token = 1; token <= lexer.getVocabulary().getMaxTokenType(); ++token) {
        const std::string name{lexer.getVocabulary().getSymbolicName(token)};
        if (!used.tokens.contains(token) && !never_in_a_tree.contains(name) && !refused.contains(name))
            missing.insert(name);
    }
    EXPECT_EQ(missing, std::set<std::string>{});
}

}  // namespace
}  // namespace migc
