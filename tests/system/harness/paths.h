// tests/system/harness/paths.h
//
// Where the tree and the build are; CMake says so, and the environment may say otherwise.
#pragma once

#include <cstdlib>
#include <string>

namespace portico::harness {

inline std::string source_folder() { return PORTICO_SOURCE_FOLDER; }

inline std::string build_folder()
{
    const char* given = std::getenv("PORTICO_BUILD_FOLDER");
    return given != nullptr ? given : PORTICO_BUILD_FOLDER;
}

// Tests of the tests put a shell of the build machine here.
inline std::string run_command_path()
{
    const char* given = std::getenv("PORTICO_RUN_COMMAND");
    return given != nullptr ? given : source_folder() + "/run";
}

}  // namespace portico::harness
