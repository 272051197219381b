// mig/driver/help.cpp
//
// What --help prints.  The completion for bash reads the options out of these texts: an option stands first on its line, or
// after a comma.
#include "driver/options.h"

namespace migc {

namespace {

const char* const general =
    R"(mig: the compiler of Mach interface definitions

usage:  mig generate --lang LANGUAGE [--out FOLDER] [options] FILE.defs
        mig check [options] FILE.defs          report mistakes and warnings, generate nothing
        mig diff [options] OLD.defs NEW.defs   report what breaks between two states of an interface
        mig json [options] FILE.defs           print the interface as JSON
        mig doc [options] FILE.defs            print the interface as a page of Markdown
        mig [options] [-user F] [-server F] [-header F] [-sheader F] FILE.defs
        mig help [COMMAND]                     a command's own page; so does mig COMMAND --help

LANGUAGE is c, c++, kernel, trap-user, trap-kernel, description, doc or json.
)";

const char* const common = R"(
options:
    --dialect osf|gnu     the family the file is written for (default: the file tells)
    -I DIR, -isystem DIR, -D NAME[=VALUE], -U NAME, -include FILE   for the preprocessor
    -cpp PROGRAM          the preprocessor to run (default: $MIG_CPP, clang-19, clang, cc)
    -MD -MF FILE          write the files it read to FILE, for make or ninja
    -prefix NAME          before the names of the user's functions, in addition to the file's own prefix
    --help, --version
)";

const char* const classic = R"(
options of the classic form, as the GNU and Apple compilers have them:
    -user F, -server F, -header F   instead of <name>User.c, <name>Server.c, <name>.h
    -sheader F, -iheader F, -dheader F, -list F     further headers, and a list of routines with their ids
    -n                    only the files that are named
    -i PREFIX             each user stub in a file of its own, PREFIX<routine>.c
    -s, -S                a table of routines by name in the server's source, or none
    -Q, -q                show warnings, or not
    -cc COMMAND           the preprocessor and its options
    -subrprefix NAME      before mach_msg and the mig_* functions that stubs call
    -maxonstack N, -migcom F, -arch A, -novouchers, -l -L -k -K -r -R -t -T -v -V -x -X -b    accepted
    Any other goes to the preprocessor.

The diagnostics and the language are described in docs/mig.md.
)";

const char* const status = R"(
status: 0 done; 1 the interface has mistakes or a file cannot be written; 2 the command line is wrong
)";

std::optional<std::string> page_of(const std::string& command)
{
    const std::string generate = R"(mig generate: stubs, tables and pages from an interface

usage:  mig generate --lang LANGUAGE [--out FOLDER] [options] FILE.defs

    --lang LANGUAGE       c            <name>.h, <name>User.c, <name>_server.h, <name>Server.c
                          c++          <name>_interface.h, <name>_remote.cpp, <name>_server.cpp
                          kernel       <name>_kernel.h, <name>_kernel.cpp
                          trap-user    <name>.h, <name>.S
                          trap-kernel  <name>_table.h, <name>_table.cpp
                          description  <name>_description.h, <name>_description.cpp
                          doc, json    <name>.md, <name>.json
    --out FOLDER          where they go (default: here)
)";
    const std::string check = R"(mig check: every mistake and every warning of an interface, on standard error

usage:  mig check [options] FILE.defs
)";
    const std::string json =
        R"(mig json: all that mig knows of an interface, on standard output (docs/mig-json.md)

usage:  mig json [options] FILE.defs
)";
    const std::string doc = R"(mig doc: the interface as a page of Markdown, on standard output

usage:  mig doc [options] FILE.defs
)";
    const std::string diff =
        R"(mig diff: what breaks between programs built with OLD and programs built with NEW

usage:  mig diff [options] OLD.defs NEW.defs

An error is a message that one of them sends and the other refuses or misreads; a warning is one that is taken, perhaps
for something else.  Findings are on standard output, numbered M0401 to M0412.
)";
    const std::string diff_status = R"(
status: 0 nothing breaks; 1 something does; 2 a file has mistakes, or the command line is wrong
)";
    if (command == "generate")
        return generate + common + status;
    if (command == "check")
        return check + common + status;
    if (command == "json")
        return json + common + status;
    if (command == "doc")
        return doc + common + status;
    if (command == "diff")
        return diff + common + diff_status;
    return std::nullopt;
}

}  // namespace

std::optional<std::string> help(const std::string& command)
{
    return command.empty() ? std::string{general} + common + classic : page_of(command);
}

}  // namespace migc
