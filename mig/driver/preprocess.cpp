// mig/driver/preprocess.cpp
//
// Runs the C preprocessor as a child, without a shell, and reads what it prints.
#include "driver/preprocess.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace migc {

namespace {

Position start_of(const std::string& file)
{
    return {std::make_shared<const std::string>(file), 1, 0, nullptr};
}

std::vector<std::string> command_line(const std::string& program, const std::string& file,
                                      const PreprocessorCall& call)
{
    // -undef: a word like `unix` must stay a word.  -C: comments become documentation.
    std::vector<std::string> words{
        program, "-E", "-x", "c", "-undef", "-C", "-D__MIG__=1", "-D__LP64__=1", "-D__x86_64__=1"};
    words.insert(words.end(), call.arguments.begin(), call.arguments.end());
    if (!call.dependency_file.empty())
        words.insert(words.end(), {"-MD", "-MF", call.dependency_file, "-MT", call.dependency_target});
    words.push_back(file);
    return words;
}

// Starts the program with its standard output in `output`.  0 if there is no such program.
pid_t start(const std::vector<std::string>& words, int output)
{
    std::vector<char*> arguments;
    for (const std::string& word : words)
        arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    pid_t child = 0;
    const int error = posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    return error == 0 ? child : 0;
}

std::string read_all(int input)
{
    std::string text;
    char buffer[16384];
    for (;;) {
        const ssize_t count = read(input, buffer, sizeof buffer);
        if (count > 0)
            text.append(buffer, static_cast<size_t>(count));
        else if (count == 0 || errno != EINTR)
            return text;
    }
}

int wait_for(pid_t child)
{
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

std::optional<std::string> preprocess(const std::string& file, const PreprocessorCall& call,
                                      Reporter& reporter)
{
    if (access(file.c_str(), R_OK) != 0) {
        reporter.report(start_of(file), err_cannot_read, file, std::strerror(errno));
        return std::nullopt;
    }
    std::vector<std::string> programs{"clang-19", "clang", "cc"};
    if (!call.program.empty())
        programs = {call.program};
    else if (const char* chosen = getenv("MIG_CPP"))
        programs = {chosen};

    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        reporter.report(start_of(file), err_cannot_read, file, std::strerror(errno));
        return std::nullopt;
    }
    pid_t child = 0;
    for (const std::string& program : programs) {
        if ((child = start(command_line(program, file, call), ends[1])) != 0)
            break;
    }
    close(ends[1]);
    std::string text = child != 0 ? read_all(ends[0]) : "";
    close(ends[0]);
    const int status = child != 0 ? wait_for(child) : 127;
    if (status != 0) {
        reporter.report(start_of(file), err_preprocessor_failed, file, status);
        return std::nullopt;
    }
    return text;
}

}  // namespace migc
