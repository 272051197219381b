// tests/unit/mig/expectations.h: files that say, in lines `// expect [file:]line:column number`, what mig reports about them.
#pragma once

#include "driver/compile.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace migc {

inline std::string read(const std::filesystem::path& path)
{
    std::ifstream in{path};
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

// `// expect nothing` is none.
inline std::vector<std::string> expected_in(const std::string& text)
{
    std::vector<std::string> found;
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("// expect ") && line != "// expect nothing")
            found.push_back(line.substr(10));
    }
    return found;
}

// As the lines say it: what is reported about another file than `file` has that one's name before it.
inline std::vector<std::string> reported_by(const Reporter& reporter, const std::string& file)
{
    std::vector<std::string> found;
    for (const Report& report : reporter.reports()) {
        const Position& at = report.position;
        const std::string prefix = *at.file == file ? "" : *at.file + ":";
        found.push_back(prefix + std::to_string(at.line) + ":" + std::to_string(at.column) + " " +
                        report.diagnostic->number);
    }
    return found;
}

// A line `// dialect gnu` chooses one; without it the file is OSF's.
inline Choices choices_in(const std::string& text)
{
    Choices choices;
    choices.dialect =
        text.find("\n// dialect gnu") == std::string::npos ? ir::Dialect::Osf : ir::Dialect::Gnu;
    return choices;
}

}  // namespace migc
