// mig/driver/preprocess.h
#pragma once

#include "diag/reporter.h"

#include <optional>

namespace migc {

struct PreprocessorCall {
    std::string program;                 // Empty: $MIG_CPP, or the first of clang-19, clang, cc that exists.
    std::vector<std::string> arguments;  // -I, -D, -U, -isystem ... in the order given.
    std::string dependency_file;         // Where to write what make needs to know; empty: nowhere.
    std::string dependency_target;
};

// The file's text after the preprocessor, comments kept.  Nothing, and a report, if that fails.
std::optional<std::string> preprocess(const std::string& file, const PreprocessorCall& call,
                                      Reporter& reporter);

}  // namespace migc
