// tests/system/harness/result_lines.h
//
// Reads a log in which tests tell their results in GoogleTest's lines:
//
//     [ RUN      ] suite.test
//     anything in between is the reason, if it fails
//     [       OK ] suite.test        or        [  FAILED  ] suite.test
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace portico::harness {

struct TestResult {
    enum class Verdict { Passed, Failed, Unfinished };
    Verdict verdict = Verdict::Unfinished;
    std::string reason;
};

// By the tests' names.  A test that began and did not end is there as Unfinished, with all that followed.
std::map<std::string, TestResult, std::less<>> parse_result_lines(std::string_view log);

}  // namespace portico::harness
