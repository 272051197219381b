// mig/driver/main.cpp
//
// Status 0: done.  1: the interface has mistakes, or a file could not be written.  2: the command line is wrong.  (diff has
// its own.)
#include "codegen/backend.h"
#include "diff/compare.h"
#include "driver/compile.h"
#include "driver/options.h"
#include "driver/output.h"

#include <filesystem>
#include <iostream>

namespace migc {

namespace {

// The classic -MD names the file itself: GNU's compiler <file>-mig.d, Apple's <file>.d.
PreprocessorCall preprocessor_for(const std::string& file, const Options& options)
{
    PreprocessorCall call = options.preprocessor;
    if (options.command != Options::Classic || !options.write_dependencies || !call.dependency_file.empty())
        return call;
    const std::string stem = std::filesystem::path{file}.stem().string();
    call.dependency_file = stem + (options.choices.dialect == ir::Dialect::Gnu ? "-mig.d" : ".d");
    for (const std::string& output : classic_outputs(stem, options))
        call.dependency_target += (call.dependency_target.empty() ? "" : " ") + output;
    return call;
}

bool run_one(const std::string& file, const Options& options)
{
    Reporter reporter;
    const auto interface = compile_file(file, preprocessor_for(file, options), reporter, options.choices);
    if (interface && options.command == Options::Doc && speaks_dialect(*interface, "doc", reporter))
        std::cout << generate_doc(*interface).front().text;
    else if (interface && options.command == Options::Json)
        std::cout << generate_json(*interface).front().text;
    else if (interface && options.command != Options::Check && options.command != Options::Doc)
        write_outputs(*interface, options, reporter);
    reporter.print(std::cerr, options.command == Options::Check || options.show_warnings);
    return !reporter.has_errors();
}

// Status as diff(1) has it.
int run_diff(const Options& options)
{
    const auto compiled = [&options](const std::string& file) {
        Reporter reporter;
        auto interface = compile_file(file, options.preprocessor, reporter, options.choices);
        reporter.print(std::cerr, false);
        return interface;
    };
    const auto older = compiled(options.file);
    const auto newer = compiled(options.more_files.front());
    if (!older || !newer)
        return 2;
    Reporter findings;
    compare(*older, *newer, findings);
    findings.print(std::cout, true);
    return findings.has_errors() ? 1 : 0;
}

int run(const Options& options)
{
    if (options.command == Options::Diff)
        return run_diff(options);
    bool well = run_one(options.file, options);
    for (const std::string& file : options.more_files)
        well = well && run_one(file, options);
    return well ? 0 : 1;
}

}  // namespace

}  // namespace migc

int main(int argc, char** argv)
{
    const migc::Options options = migc::parse_options({argv + 1, argv + argc}, argv[0]);
    if (!options.error.empty()) {
        std::cerr << "mig: " << options.error << "\n(mig --help lists the options)\n";
        return 2;
    }
    if (options.command == migc::Options::Help) {
        std::cout << *migc::help(options.help_topic);
        return 0;
    }
    if (options.command == migc::Options::Version) {
        std::cout << "mig (Portico) 0.1\n";
        return 0;
    }
    return migc::run(options);
}
