// mig/diag/reporter.cpp
#include "diag/reporter.h"

namespace migc {

std::string to_string(const Position& position)
{
    return *position.file + ":" + std::to_string(position.line) + ":" + std::to_string(position.column);
}

namespace {

// Puts the arguments where the template has {}.
std::string fill(std::string_view pattern, const std::vector<std::string>& arguments, size_t& next)
{
    std::string result;
    for (size_t at = 0; at < pattern.size(); ++at) {
        if (pattern.substr(at, 2) == "{}" && next < arguments.size()) {
            result += arguments[next++];
            ++at;
        } else {
            result += pattern[at];
        }
    }
    return result;
}

}  // namespace

void Reporter::add(const Position& position, const Diagnostic& diagnostic,
                   const std::vector<std::string>& arguments)
{
    size_t next = 0;
    std::string message = fill(diagnostic.text, arguments, next);
    // A remedy may have a {} of its own; it takes what the text left over, or the last argument again.
    if (next >= arguments.size() && !arguments.empty())
        next = arguments.size() - 1;
    message += "\n    to mend: " + fill(diagnostic.remedy, arguments, next);
    reports_.push_back({&diagnostic, position, std::move(message)});
    if (diagnostic.severity == Severity::Error)
        ++errors_;
}

void Reporter::print(std::ostream& out, bool with_warnings) const
{
    for (const Report& report : reports_) {
        if (report.diagnostic->severity == Severity::Warning && !with_warnings)
            continue;
        const size_t end_of_text = report.message.find('\n');
        out << to_string(report.position) << ": "
            << (report.diagnostic->severity == Severity::Error ? "error" : "warning") << ' '
            << report.diagnostic->number << ": " << report.message.substr(0, end_of_text) << '\n';
        if (report.position.text && report.position.column != 0) {
            // Tabs are kept so that the caret stands under its column whatever a tab's width is.
            std::string caret;
            for (size_t at = 0; at + 1 < report.position.column && at < report.position.text->size(); ++at)
                caret += (*report.position.text)[at] == '\t' ? '\t' : ' ';
            out << "    " << *report.position.text << "\n    " << caret << "^\n";
        }
        out << report.message.substr(end_of_text + 1) << '\n';
    }
}

}  // namespace migc
