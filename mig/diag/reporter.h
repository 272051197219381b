// mig/diag/reporter.h
//
// Where diagnostics go: collected in order, printed with the line and a caret.
#pragma once

#include "diag/diagnostics.h"

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace migc {

// A place in a file that a person wrote.  `file` is never null; `text` is the whole line as the parser saw it.
struct Position {
    std::shared_ptr<const std::string> file;
    uint32_t line = 0;
    uint32_t column = 0;  // From 1.
    std::shared_ptr<const std::string> text;
};

std::string to_string(const Position& position);

struct Report {
    const Diagnostic* diagnostic;
    Position position;
    std::string message;
};

class Reporter {
public:
    template <class... Arguments>
    void report(const Position& position, const Diagnostic& diagnostic, const Arguments&... arguments)
    {
        add(position, diagnostic, {as_text(arguments)...});
    }

    bool has_errors() const { return errors_ != 0; }
    const std::vector<Report>& reports() const { return reports_; }
    // Warnings are shown only on request: a build is no place for advice.
    void print(std::ostream& out, bool with_warnings) const;

private:
    static std::string as_text(std::string_view text) { return std::string{text}; }
    static std::string as_text(const Position& position) { return to_string(position); }
    template <class Number>
        requires std::is_arithmetic_v<Number>
    static std::string as_text(Number number)
    {
        return std::to_string(number);
    }

    void add(const Position& position, const Diagnostic& diagnostic,
             const std::vector<std::string>& arguments);

    std::vector<Report> reports_;
    unsigned errors_ = 0;
};

}  // namespace migc
