// tests/unit/mig/mutants.h
//
// Good files with one token changed.  Neither a crash nor a hang may come of one, and in the GNU dialect ours and Debian's
// compiler accept or reject the same, but for differences that have a numbered reason.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace migc {

// Mutant `number` of these files: always the same.
class Mutants {
public:
    explicit Mutants(std::vector<std::string> files);
    struct Mutant {
        std::string text, change;
    };
    Mutant make(uint64_t number) const;

private:
    struct Token {
        size_t at, size;
    };
    struct File {
        std::string text;
        std::vector<Token> tokens;
    };
    std::vector<File> files_;
    std::vector<std::string> words_;  // What a token may become.
};

// One compiler's judgement.
struct Verdict {
    bool accepted;
    std::vector<std::string> complaints;  // Ours: numbers of errors.  Theirs: messages.
    std::vector<std::string> warnings;    // Ours alone: numbers.
};
Verdict judge(const std::string& text);

class OtherCompiler {
public:
    static bool is_installed();
    // Nothing if it crashed.
    std::optional<Verdict> judge(const std::string& text) const;
};

// Why ours and theirs may differ here: the number of one of our diagnostics that docs/mig-gnu.md explains; empty if there is none.
std::string reason_for_difference(const Verdict& ours);

struct Tally {
    uint64_t accepted = 0, rejected = 0, crashes_of_the_other = 0;
    std::map<std::string, uint64_t> explained;  // By reason.
    std::vector<std::string> unexplained;
};
// Judges the mutants from `first` to before `end`.
Tally try_mutants(const Mutants& mutants, uint64_t first, uint64_t end);

}  // namespace migc
