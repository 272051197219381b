// mig/driver/options.h
//
// The command line: the modern form (a command word) and the classic one of the GNU and Apple compilers.
#pragma once

#include "driver/preprocess.h"

#include <map>

namespace migc {

struct Options {
    enum Command { Help, Version, Generate, Check, Json, Classic };
    Command command = Help;
    std::string language, output_folder = ".", prefix, file, error;
    // Classic: which generated file goes where ("user", "server", "header", "sheader").
    std::map<std::string, std::string> outputs;
    PreprocessorCall preprocessor;
};

// `error` says what is wrong with the command line, if anything.
Options parse_options(const std::vector<std::string>& words);
extern const char* const help_text;

}  // namespace migc
