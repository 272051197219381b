#include "mutants.h"

#include "driver/compile.h"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <regex>
#include <spawn.h>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace migc {

namespace {

constexpr const char* program = "/usr/lib/mig/x86_64-gnu-migcom";

// Words, numbers, strings and single characters; line markers and comments stay as they are.
std::regex token_pattern()
{
    return std::regex{R"([A-Za-z_][A-Za-z0-9_]*|[0-9]+|"[^"\n]*"|[^\sA-Za-z0-9_])"};
}

std::vector<std::pair<size_t, size_t>> lines_to_change(const std::string& text)
{
    std::vector<std::pair<size_t, size_t>> ranges;
    for (size_t at = 0; at < text.size();) {
        const size_t end = std::min(text.find('\n', at), text.size());
        if (text[at] != '#')
            ranges.emplace_back(at, end);
        at = end + 1;
    }
    return ranges;
}

// The other compiler knows no comments: the preprocessor before it takes them out.
std::string without_comments(std::string text)
{
    for (size_t at; (at = text.find("/*")) != std::string::npos;) {
        const size_t end = std::min(text.find("*/", at + 2), text.size() - 2);
        text.replace(at, end + 2 - at, " ");
    }
    return text;
}

}  // namespace

Mutants::Mutants(std::vector<std::string> files)
{
    const std::regex pattern = token_pattern();
    std::set<std::string> words{"0",      "1",           "4096",    "99999999999", "\"x\"",   "polymorphic",
                                "intran", "requestport", "skip",    "import",      "routine", "c_string",
                                "struct", "array",       "dealloc", "servercopy",  "IsLong",  "mach_port_t",
                                "int",    "@",           "/"};
    for (std::string& text : files) {
        File file{without_comments(std::move(text)), {}};
        for (const auto& [from, to] : lines_to_change(file.text)) {
            const auto begin = file.text.cbegin();
            for (std::sregex_iterator
                     it{begin + static_cast<ptrdiff_t>(from), begin + static_cast<ptrdiff_t>(to), pattern},
                 end;
                 it != end; ++it) {
                file.tokens.push_back(
                    {from + static_cast<size_t>(it->position()), static_cast<size_t>(it->length())});
                words.insert(it->str());
            }
        }
        files_.push_back(std::move(file));
    }
    words_.assign(words.begin(), words.end());
}

Mutants::Mutant Mutants::make(uint64_t number) const
{
    std::mt19937_64 random{number};
    const File& file = files_[random() % files_.size()];
    const size_t index = random() % file.tokens.size();
    const Token token = file.tokens[index];
    const std::string old = file.text.substr(token.at, token.size);
    std::string replacement;
    size_t size = token.size;
    switch (random() % 4) {
    case 0:
        break;
    case 1:
        replacement = old + " " + old;
        break;
    case 2:
        if (index + 1 < file.tokens.size()) {
            const Token next = file.tokens[index + 1];
            size = next.at + next.size - token.at;
            replacement = file.text.substr(next.at, next.size) + " " + old;
        }
        break;
    default:
        replacement = words_[random() % words_.size()];
        break;
    }
    Mutant mutant{file.text, "'" + file.text.substr(token.at, size) + "' -> '" + replacement + "'"};
    mutant.text.replace(token.at, size, replacement.empty() ? " " : " " + replacement + " ");
    const size_t line = static_cast<size_t>(
        std::count(mutant.text.begin(), mutant.text.begin() + static_cast<ptrdiff_t>(token.at), '\n'));
    mutant.change += " in line " + std::to_string(line + 1);
    return mutant;
}

Verdict judge(const std::string& text)
{
    Reporter reporter;
    Choices choices;
    choices.dialect = ir::Dialect::Gnu;
    const bool accepted = compile_text(text, "mutant.defs", reporter, choices) != nullptr;
    Verdict verdict{accepted, {}, {}};
    for (const Report& report : reporter.reports()) {
        const bool is_error = report.diagnostic->severity == Severity::Error;
        (is_error ? verdict.complaints : verdict.warnings).emplace_back(report.diagnostic->number);
    }
    return verdict;
}

bool OtherCompiler::is_installed() { return access(program, X_OK) == 0; }

std::optional<Verdict> OtherCompiler::judge(const std::string& text) const
{
    const std::string stem =
        std::filesystem::temp_directory_path() / ("mig-mutant-" + std::to_string(getpid()));
    std::ofstream{stem + ".defs"} << text;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, (stem + ".defs").c_str(), O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, (stem + ".err").c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC, 0600);
    std::array<char*, 3> words{const_cast<char*>(program), const_cast<char*>("-n"), nullptr};
    pid_t child = 0;
    int status = -1;
    if (posix_spawn(&child, program, &actions, nullptr, words.data(), environ) == 0)
        waitpid(child, &status, 0);
    posix_spawn_file_actions_destroy(&actions);
    if (!WIFEXITED(status))
        return std::nullopt;
    Verdict verdict{WEXITSTATUS(status) == 0, {}, {}};
    std::ifstream in{stem + ".err"};
    for (std::string line; std::getline(in, line);) {
        if (line.find("warning:") == std::string::npos)
            verdict.complaints.push_back(line);
    }
    std::filesystem::remove(stem + ".defs");
    std::filesystem::remove(stem + ".err");
    return verdict;
}

std::string reason_for_difference(const Verdict& ours)
{
    // What we warn of when only ours takes it, and what only we object to.
    static const std::set<std::string> wider{"M0115", "M0116", "M0117", "M0118", "M0119", "M0120"};
    static const std::set<std::string> stricter{"M0004", "M0104", "M0201", "M0202", "M0203", "M0209",
                                                "M0214", "M0215", "M0302", "M0305", "M0314"};
    for (const std::string& number : ours.accepted ? ours.warnings : ours.complaints) {
        if ((ours.accepted ? wider : stricter).contains(number))
            return number;
        if (!ours.accepted)
            return {};  // Every one of our objections has to be explained.
    }
    return {};
}

Tally try_mutants(const Mutants& mutants, uint64_t first, uint64_t end)
{
    Tally tally;
    const OtherCompiler other;
    for (uint64_t number = first; number < end; ++number) {
        const Mutants::Mutant mutant = mutants.make(number);
        alarm(20);  // A hang ends the program.
        const Verdict ours = judge(mutant.text);
        alarm(0);
        ++(ours.accepted ? tally.accepted : tally.rejected);
        const std::optional<Verdict> theirs = other.judge(mutant.text);
        if (!theirs) {
            ++tally.crashes_of_the_other;
            continue;
        }
        if (theirs->accepted == ours.accepted)
            continue;
        if (const std::string reason = reason_for_difference(ours); !reason.empty()) {
            ++tally.explained[reason];
            continue;
        }
        const auto& complaints = ours.accepted ? theirs->complaints : ours.complaints;
        tally.unexplained.push_back("mutant " + std::to_string(number) + ": " + mutant.change + ": only " +
                                    (ours.accepted ? "they object: " : "we object: ") +
                                    (complaints.empty() ? "" : complaints.front()));
    }
    return tally;
}

}  // namespace migc
