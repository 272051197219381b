// tests/system/harness/main.cpp
//
// The system tests: one GoogleTest program that boots QEMU and judges what comes out of it.
//
// Four kinds of tests: programs that run in the guest as its first task, or as processes of its Unix (both registered from
// lists that CMake writes), scripts compared with the build machine (script_comparisons.cpp), and a person's session on a pseudo-terminal
// (interactive_test.cpp).  All of them boot by ./run, so what they test is what a person gets.
#include "paths.h"
#include "remote_suite.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <sstream>

namespace portico::harness {

void register_script_comparisons();

namespace {

// One line of the list: path, time limit in seconds, processors, words for the kernel's command line.
void register_guest_program(const std::string& line)
{
    std::istringstream fields{line};
    std::string program;
    int limit = 0;
    std::string processors;
    fields >> program >> limit >> processors;
    std::string words;
    std::getline(fields >> std::ws, words);

    std::vector<std::string> command{run_command_path(),
                                     "--no-build",
                                     "--build-folder",
                                     build_folder(),
                                     "--bootstrap",
                                     program,
                                     "--smp",
                                     processors,
                                     "--time-limit",
                                     std::to_string(limit)};
    if (!words.empty())
        command.insert(command.end(), {"--append", words});
    const std::string log =
        build_folder() + "/logs/" + std::filesystem::path{program}.filename().string() + ".log";
    command.insert(command.end(), {"--log", log});
    // ./run's own limit comes first: it knows the end of the console.
    register_suite({guest_test_names(program), std::move(command), std::chrono::seconds{limit + 30}});
}

// One line of the list of programs that run as processes of the Unix personality, the path of which is the last field:
// wiring, time limit in seconds, the part of its campaign that it runs, options of ./run joined by commas or "-", path.
void register_unix_program(const std::string& line)
{
    std::istringstream fields{line};
    std::string wiring;
    int limit = 0;
    std::string slice;
    std::string options;
    std::string program;
    fields >> wiring >> limit >> slice >> options >> program;

    std::vector<std::string> command{"/usr/bin/python3",
                                     "-B",
                                     source_folder() + "/tests/system/unix/run_program.py",
                                     "--build-folder",
                                     build_folder(),
                                     "--wiring",
                                     wiring,
                                     "--time-limit",
                                     std::to_string(limit),
                                     "--slice",
                                     slice};
    std::istringstream words{options == "-" ? "" : options};
    for (std::string word; std::getline(words, word, ',');)
        command.push_back(word);
    command.push_back(program);
    register_suite({guest_test_names(program), std::move(command), std::chrono::seconds{limit + 30}, wiring});
}

void register_unix_programs()
{
    std::ifstream list{build_folder() + "/tests/system/unix-programs.txt"};
    for (std::string line; std::getline(list, line);) {
        if (!line.empty())
            register_unix_program(line);
    }
}

void register_guest_programs()
{
    std::ifstream list{build_folder() + "/tests/system/guest-programs.txt"};
    for (std::string line; std::getline(list, line);) {
        if (!line.empty())
            register_guest_program(line);
    }
}

}  // namespace
}  // namespace portico::harness

int main(int argument_count, char** arguments)
{
    testing::InitGoogleTest(&argument_count, arguments);
    try {
        std::filesystem::create_directories(portico::harness::build_folder() + "/logs");
        portico::harness::register_guest_programs();
        portico::harness::register_unix_programs();
        portico::harness::register_script_comparisons();
    } catch (const std::exception& error) {
        std::cerr << "system-tests: " << error.what() << '\n';
        return 2;
    }
    return RUN_ALL_TESTS();
}
