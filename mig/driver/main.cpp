// mig/driver/main.cpp
//
// Status 0: done.  1: the interface has mistakes, or a file could not be written.  2: the command line is wrong.
#include "codegen/backend.h"
#include "driver/compile.h"
#include "driver/options.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace migc {

namespace {

bool write_file(const std::string& path, const std::string& text, Reporter& reporter)
{
    std::ofstream out{path, std::ios::binary};
    out << text;
    out.close();
    if (out)
        return true;
    reporter.report({std::make_shared<const std::string>(path), 0, 0, nullptr}, err_cannot_write, path,
                    std::strerror(errno));
    return false;
}

GeneratedFiles generate(const ir::Interface& interface, const std::string& language)
{
    if (language == "c")
        return generate_c(interface);
    if (language == "c++")
        return generate_cpp(interface);
    if (language == "kernel")
        return generate_kernel(interface);
    if (language == "trap-user")
        return generate_trap_user(interface);
    if (language == "trap-kernel")
        return generate_trap_kernel(interface);
    if (language == "description")
        return generate_description(interface);
    return generate_json(interface);
}

void generate_into_folder(const ir::Interface& interface, const Options& options, Reporter& reporter)
{
    std::error_code ignored;  // Writing fails if this does.
    std::filesystem::create_directories(options.output_folder, ignored);
    for (const GeneratedFile& file : generate(interface, options.language)) {
        if (!write_file(options.output_folder + "/" + file.name, file.text, reporter))
            return;
    }
}

// The classic command line names each file; those that it does not name have the classic default in this folder.
void generate_classic(const ir::Interface& interface, const Options& options, Reporter& reporter)
{
    const std::map<std::string, std::string> kinds{{interface.name + "User.c", "user"},
                                                   {interface.name + "Server.c", "server"},
                                                   {interface.name + ".h", "header"},
                                                   {interface.name + "_server.h", "sheader"}};
    const auto header = options.outputs.find("header");
    const auto server_header = options.outputs.find("sheader");
    for (GeneratedFile& file : generate_c(interface)) {
        const std::string& kind = kinds.at(file.name);
        const auto chosen = options.outputs.find(kind);
        if (chosen == options.outputs.end() && kind == "sheader")
            continue;
        // The sources include the headers by the names these have been given.
        const auto rename = [&file](const std::string& from, const std::string& to) {
            const std::string quoted = '"' + from + '"';
            const size_t at = file.text.find(quoted);
            if (at != std::string::npos)
                file.text.replace(at, quoted.size(), '"' + std::filesystem::path{to}.filename().string() + '"');
        };
        if (header != options.outputs.end())
            rename(interface.name + ".h", header->second);
        if (server_header != options.outputs.end())
            rename(interface.name + "_server.h", server_header->second);
        if (!write_file(chosen == options.outputs.end() ? file.name : chosen->second, file.text, reporter))
            return;
    }
}

int run(const Options& options)
{
    Reporter reporter;
    const std::unique_ptr<const ir::Interface> interface = compile_file(options.file, options.preprocessor, reporter);
    if (interface) {
        if (options.command == Options::Generate)
            generate_into_folder(*interface, options, reporter);
        else if (options.command == Options::Classic)
            generate_classic(*interface, options, reporter);
        else if (options.command == Options::Json)
            std::cout << generate_json(*interface).front().text;
    }
    reporter.print(std::cerr, options.command == Options::Check);
    return reporter.has_errors() ? 1 : 0;
}

}  // namespace

}  // namespace migc

int main(int argc, char** argv)
{
    const migc::Options options = migc::parse_options({argv + 1, argv + argc});
    if (!options.error.empty()) {
        std::cerr << "mig: " << options.error << "\n(mig --help lists the options)\n";
        return 2;
    }
    if (options.command == migc::Options::Help) {
        std::cout << migc::help_text;
        return 0;
    }
    if (options.command == migc::Options::Version) {
        std::cout << "mig (Portico) 0.1\n";
        return 0;
    }
    return migc::run(options);
}
