// mig/driver/options.cpp
#include "driver/options.h"

#include <set>

namespace migc {

const char* const help_text =
    R"(mig: the compiler of Mach interface definitions

usage:  mig generate --lang LANGUAGE [--out FOLDER] [options] FILE.defs
        mig check [options] FILE.defs          report mistakes and warnings, generate nothing
        mig json [options] FILE.defs           print the interface as JSON
        mig [options] [-user F] [-server F] [-header F] [-sheader F] FILE.defs

LANGUAGE is c, c++, kernel, trap-user, trap-kernel, description or json.

options:
    -I DIR, -isystem DIR, -D NAME[=VALUE], -U NAME, -include FILE   for the preprocessor
    -cpp PROGRAM          the preprocessor to run (default: $MIG_CPP, clang-19, clang, cc)
    -MD -MF FILE          write the files it read to FILE, for make or ninja
    -prefix NAME          a user prefix in addition to the file's own
    --help, --version

The diagnostics and the language are described in docs/mig.md.
)";

namespace {

class Parser {
public:
    explicit Parser(const std::vector<std::string>& words) : words_{words} {}

    Options run()
    {
        if (words_.empty())
            options_.error = "no file given";
        else if (!take_command())
            options_.command = Options::Classic;
        while (at_ < words_.size() && options_.error.empty())
            take_word();
        check();
        return std::move(options_);
    }

private:
    bool take_command()
    {
        static const std::map<std::string, Options::Command> commands{
            {"generate", Options::Generate}, {"check", Options::Check}, {"json", Options::Json}, {"help", Options::Help}};
        const auto found = commands.find(words_[0]);
        if (found == commands.end())
            return false;
        options_.command = found->second;
        at_ = 1;
        return true;
    }

    std::string value(const std::string& option)
    {
        if (at_ < words_.size())
            return words_[at_++];
        options_.error = option + " needs a value";
        return {};
    }

    void take_word()
    {
        static const std::set<std::string> files{"-user", "-server", "-header", "-sheader"};
        // Flags of other compilers that change nothing here: `false` ones have no value.
        static const std::map<std::string, bool> ignored{
            {"-q", false}, {"-Q", false}, {"-v", false}, {"-V", false}, {"-r", false}, {"-R", false}, {"-s", false},
            {"-S", false}, {"-novouchers", false}, {"-L", false}, {"-l", false}, {"-k", false}, {"-K", false},
            {"-maxonstack", true}, {"-n", false}, {"-x", false}, {"-X", false}, {"-b", false}, {"-arch", true}};
        const std::string word = words_[at_++];
        std::vector<std::string>& passed = options_.preprocessor.arguments;
        if (word == "--help" || word == "-h") {
            options_.command = Options::Help;
        } else if (word == "--version" || word == "-version") {
            options_.command = Options::Version;
        } else if (word == "--lang") {
            options_.language = value(word);
        } else if (word == "--out") {
            options_.output_folder = value(word);
        } else if (word == "-prefix") {
            options_.prefix = value(word);
        } else if (word == "-cpp") {
            options_.preprocessor.program = value(word);
        } else if (word == "-MF") {
            options_.preprocessor.dependency_file = value(word);
        } else if (word == "-MT") {
            options_.preprocessor.dependency_target = value(word);
        } else if (word == "-MD") {
        } else if (files.contains(word)) {
            options_.outputs[word.substr(1)] = value(word);
        } else if (word == "-I" || word == "-D" || word == "-U" || word == "-isystem" || word == "-include") {
            passed.push_back(word);
            passed.push_back(value(word));
        } else if (word.starts_with("-I") || word.starts_with("-D") || word.starts_with("-U")) {
            passed.push_back(word);
        } else if (const auto found = ignored.find(word); found != ignored.end()) {
            if (found->second)
                value(word);
        } else if (word.size() > 1 && word[0] == '-') {
            options_.error = "unknown option " + word;
        } else if (!options_.file.empty()) {
            options_.error = "more than one file: " + options_.file + " and " + word;
        } else {
            options_.file = word;
        }
    }

    void check()
    {
        static const std::set<std::string> languages{"c", "c++", "kernel", "trap-user", "trap-kernel", "description",
                                                     "json"};
        if (!options_.error.empty() || options_.command == Options::Help || options_.command == Options::Version)
            return;
        if (options_.file.empty())
            options_.error = "no file given";
        else if (options_.command == Options::Generate && !languages.contains(options_.language))
            options_.error = "--lang must be c, c++, kernel, trap-user, trap-kernel, description or json";
    }

    const std::vector<std::string>& words_;
    size_t at_ = 0;
    Options options_;
};

}  // namespace

Options parse_options(const std::vector<std::string>& words) { return Parser{words}.run(); }

}  // namespace migc
