// tests/system/harness/remote_suite.h
//
// Tests that run elsewhere, in a guest or in a script, and tell their results in lines (result_lines.h).
//
// The names are known beforehand, so GoogleTest can list and choose them.  The command runs once, when the first of
// its tests is wanted; the others read their result from what it printed.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace portico::harness {

struct RemoteSuite {
    std::vector<std::string> names;  // suite.test
    std::vector<std::string> command;
    std::chrono::seconds limit;
    // If the same tests run in several ways: which this is.  GoogleTest shows suite/variant.test.
    std::string variant = {};
};

// Makes a GoogleTest test of every name.
void register_suite(RemoteSuite suite);

// The names that the GUEST_TESTs of a program left in its section .guest_tests.  Throws std::runtime_error if the file
// is no ELF64 program; a program without that section has no tests.
std::vector<std::string> guest_test_names(const std::filesystem::path& program);

}  // namespace portico::harness
