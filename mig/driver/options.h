// mig/driver/options.h
//
// The command line: the modern form (a command word) and the classic one of the GNU and Apple compilers.
#pragma once

#include "driver/preprocess.h"
#include "sema/analyze.h"

#include <map>

namespace migc {

struct Options {
    enum Command { Help, Version, Generate, Check, Json, Doc, Diff, Classic };
    Command command = Help;
    std::string language, output_folder = ".", file, error;
    std::vector<std::string> more_files;  // Classic: several at once.  Diff: the newer one.
    std::string help_topic;               // The command that --help is about; empty for all of them.
    Choices choices;
    // Classic: which generated file goes where ("user", "server", "header", "sheader", "iheader", "dheader", "list").
    std::map<std::string, std::string> outputs;
    bool only_named_outputs = false;
    std::optional<std::string> parts_prefix;  // Each user stub into <prefix><routine>.c.
    bool show_warnings = false, write_dependencies = false;
    PreprocessorCall preprocessor;
};

// `program` is the name mig was called by: the Hurd's compiler is called <machine>-gnu-mig, and so is mig in its place.
// `error` says what is wrong with the command line, if anything.
Options parse_options(const std::vector<std::string>& words, const std::string& program = "mig");
// The page of a command, or of all of them if it is empty; nothing if there is no such command.
std::optional<std::string> help(const std::string& command);

}  // namespace migc
