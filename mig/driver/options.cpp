// mig/driver/options.cpp
#include "driver/options.h"

#include <set>
#include <sstream>

namespace migc {

namespace {

class Parser {
public:
    Parser(const std::vector<std::string>& words, const std::string& program) : words_{words}
    {
        if (program.ends_with("-gnu-mig"))
            options_.choices.dialect = ir::Dialect::Gnu;
    }

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
            {"generate", Options::Generate}, {"check", Options::Check}, {"json", Options::Json},
            {"doc", Options::Doc},           {"diff", Options::Diff},   {"help", Options::Help}};
        const auto found = commands.find(words_[0]);
        if (found == commands.end())
            return false;
        options_.command = found->second;
        if (options_.command != Options::Help)
            options_.help_topic = words_[0];
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

    void take_dialect(const std::string& name)
    {
        if (name == "osf")
            options_.choices.dialect = ir::Dialect::Osf;
        else if (name == "gnu")
            options_.choices.dialect = ir::Dialect::Gnu;
        else
            options_.error = "--dialect must be osf or gnu";
    }

    // GNU's -cc takes a command with its options.
    void take_preprocessor(const std::string& command)
    {
        std::istringstream words{command};
        words >> options_.preprocessor.program;
        for (std::string word; words >> word;) {
            if (word != "-E")
                options_.preprocessor.arguments.push_back(word);
        }
    }

    // Where the value of an option goes, for those that do nothing but keep it.
    std::string* place_of(const std::string& option)
    {
        const std::map<std::string, std::string*> places{{"--lang", &options_.language},
                                                         {"--out", &options_.output_folder},
                                                         {"-prefix", &options_.choices.user_prefix},
                                                         {"-subrprefix", &options_.choices.library_prefix},
                                                         {"-cpp", &options_.preprocessor.program},
                                                         {"-MF", &options_.preprocessor.dependency_file},
                                                         {"-MT", &options_.preprocessor.dependency_target}};
        const auto found = places.find(option);
        return found == places.end() ? nullptr : found->second;
    }

    bool take_common(const std::string& word)
    {
        static const std::set<std::string> passed_with_value{
            "-I",      "-D",        "-U", "-isystem",   "-include", "-imacros",
            "-iquote", "-isysroot", "-F", "-idirafter", "--sysroot"};
        std::vector<std::string>& passed = options_.preprocessor.arguments;
        if (std::string* const place = place_of(word)) {
            *place = value(word);
        } else if (word == "--help" || word == "-h") {
            options_.command = Options::Help;
        } else if (word == "--version" || word == "-version") {
            options_.command = Options::Version;
        } else if (word == "--dialect") {
            take_dialect(value(word));
        } else if (word.starts_with("--dialect=")) {
            take_dialect(word.substr(10));
        } else if (word == "-MD") {
            options_.write_dependencies = true;
        } else if (passed_with_value.contains(word)) {
            passed.push_back(word);
            passed.push_back(value(word));
        } else if (word.starts_with("-I") || word.starts_with("-D") || word.starts_with("-U")) {
            passed.push_back(word);
        } else {
            return false;
        }
        return true;
    }

    bool take_classic(const std::string& word)
    {
        static const std::set<std::string> files{"-user",    "-server",  "-header", "-sheader",
                                                 "-iheader", "-dheader", "-list"};
        // These change nothing here: `true` ones have a value.
        static const std::map<std::string, bool> without_effect{
            {"-v", false},     {"-V", false},          {"-r", false},         {"-R", false},
            {"-t", false},     {"-T", false},          {"-L", false},         {"-l", false},
            {"-k", false},     {"-K", false},          {"-x", false},         {"-X", false},
            {"-b", false},     {"-novouchers", false}, {"-maxonstack", true}, {"-arch", true},
            {"-migcom", true}, {"-target", true}};
        if (files.contains(word))
            options_.outputs[word.substr(1)] = value(word);
        else if (word == "-n")
            options_.only_named_outputs = true;
        else if (word == "-i")
            options_.parts_prefix = value(word);
        else if (word == "-s" || word == "-S")
            options_.choices.symbol_table = word == "-s";
        else if (word == "-q" || word == "-Q")
            options_.show_warnings = word == "-Q";
        else if (word == "-cc")
            take_preprocessor(value(word));
        else if (const auto found = without_effect.find(word); found != without_effect.end())
            found->second ? static_cast<void>(value(word)) : void();
        else if (word.size() > 1 && word[0] == '-')
            options_.preprocessor.arguments.push_back(word);
        else
            return false;
        return true;
    }

    void take_word()
    {
        const std::string word = words_[at_++];
        const bool is_option = word.size() > 1 && word[0] == '-';
        if (take_common(word) || (options_.command == Options::Classic && take_classic(word)))
            return;
        if (is_option)
            options_.error = "unknown option " + word;
        else if (options_.file.empty())
            options_.file = word;
        else if (options_.command == Options::Classic ||
                 (options_.command == Options::Diff && options_.more_files.empty()))
            options_.more_files.push_back(word);
        else
            options_.error = "more than one file: " + options_.file + " and " + word;
    }

    void check()
    {
        static const std::set<std::string> languages{"c",           "c++",         "kernel", "trap-user",
                                                     "trap-kernel", "description", "doc",    "json"};
        if (!options_.error.empty() || options_.command == Options::Version)
            return;
        if (options_.command == Options::Help)
            check_help();
        else if (options_.file.empty())
            options_.error = "no file given";
        else if (options_.command == Options::Diff && options_.more_files.empty())
            options_.error = "mig diff needs two files, the older one first";
        else if (options_.command == Options::Generate && !languages.contains(options_.language))
            options_.error =
                "--lang must be c, c++, kernel, trap-user, trap-kernel, description, doc or json";
    }

    // `mig help COMMAND`: what stands where a file would is the command.
    void check_help()
    {
        if (options_.help_topic.empty())
            options_.help_topic = options_.file;
        if (!help(options_.help_topic))
            options_.error = "no command '" + options_.help_topic + "'";
    }

    const std::vector<std::string>& words_;
    size_t at_ = 0;
    Options options_;
};

}  // namespace

Options parse_options(const std::vector<std::string>& words, const std::string& program)
{
    return Parser{words, program}.run();
}

}  // namespace migc
