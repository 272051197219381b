// mig/ast/source_map.h
//
// Maps lines of the preprocessor's output back to the files that people wrote, by its `# line "file"` markers.
#pragma once

#include "diag/reporter.h"

#include <algorithm>
#include <optional>

namespace migc {

class SourceMap {
public:
    SourceMap(const std::string& text, const std::string& file);

    // `line` counts from 1, `column` from 0, both in the preprocessed text: as ANTLR counts.
    Position position(size_t line, size_t column) const;

private:
    struct Line {
        std::shared_ptr<const std::string> file, text;
        uint32_t number;
    };
    std::vector<Line> lines_;
};

}  // namespace migc
