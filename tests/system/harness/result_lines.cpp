// tests/system/harness/result_lines.cpp
#include "result_lines.h"

namespace portico::harness {
namespace {

constexpr std::string_view run_mark = "[ RUN      ] ";
constexpr std::string_view passed_mark = "[       OK ] ";
constexpr std::string_view failed_mark = "[  FAILED  ] ";

// A serial console ends its lines with a carriage return too.
std::string_view next_line(std::string_view& rest)
{
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    while (!line.empty() && line.back() == '\r')
        line.remove_suffix(1);
    return line;
}

}  // namespace

std::map<std::string, TestResult, std::less<>> parse_result_lines(std::string_view log)
{
    std::map<std::string, TestResult, std::less<>> results;
    TestResult* current = nullptr;
    while (!log.empty()) {
        const std::string_view line = next_line(log);
        if (line.starts_with(run_mark)) {
            current = &results[std::string{line.substr(run_mark.size())}];
        } else if (line.starts_with(passed_mark) || line.starts_with(failed_mark)) {
            TestResult& result = results[std::string{line.substr(passed_mark.size())}];
            result.verdict =
                line.starts_with(passed_mark) ? TestResult::Verdict::Passed : TestResult::Verdict::Failed;
            current = nullptr;
        } else if (current != nullptr) {
            current->reason.append(line).push_back('\n');
        }
    }
    return results;
}

}  // namespace portico::harness
