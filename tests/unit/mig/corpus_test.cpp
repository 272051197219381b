// tests/unit/mig/corpus_test.cpp
//
// The interfaces of Debian's gnumach-dev, compiled by ours and by Debian's mig-x86-64-gnu.  For each subsystem: the message ids
// are equal, the prototypes are (one program is compiled against the headers of both), and with the same arguments every
// request, every reply and every result is, byte for byte.  The other compiler's stubs are compiled so that variables without
// a value are zero: that is its padding, and ours.  Each description of each request is also damaged bit by bit: what the
// other server refuses, ours does.
#include "corpus_driver.h"

#include "codegen/backend.h"
#include "driver/compile.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

namespace migc {
namespace {

namespace fs = std::filesystem;

const fs::path headers{"/usr/include/x86_64-linux-gnu"};
const fs::path corpus{MIG_TEST_FILES "/corpus"};
constexpr const char* oracle = "/usr/bin/x86_64-gnu-mig";

struct Outcome {
    int status;
    std::string output;
};

Outcome run(const std::string& command)
{
    Outcome outcome{0, {}};
    FILE* pipe = popen((command + " 2>&1").c_str(), "r");
    if (pipe == nullptr)
        return {-1, "no shell for " + command};
    char buffer[65536];
    for (size_t count; (count = fread(buffer, 1, sizeof buffer, pipe)) != 0;)
        outcome.output.append(buffer, count);
    outcome.status = pclose(pipe);
    return outcome;
}

void write(const fs::path& path, const std::string& text) { std::ofstream{path} << text; }

std::vector<std::string> lines_of(const std::string& text)
{
    std::vector<std::string> lines;
    std::istringstream in{text};
    for (std::string line; std::getline(in, line);)
        lines.push_back(line);
    return lines;
}

// Stub files that the other compiler makes and no C compiler takes: what it sends is a structure that its own headers
// declare with another size.  Ours says the same of them.
const std::map<std::string, std::set<std::string>> unbuildable{
    {"mach_debug", {"Server"}},         // vm_region_info_t is 15 words on the wire, 64 bytes in C
    {"mach_host", {"User", "Server"}},  // time_value_t is 3 words on the wire, 16 bytes in C
};

class MigCorpus : public testing::TestWithParam<const char*> {
protected:
    void SetUp() override
    {
        if (!fs::exists(oracle) || !fs::exists(headers / GetParam()))
            GTEST_SKIP() << "Debian's mig-x86-64-gnu and gnumach-dev are not installed";
        Reporter reporter;
        PreprocessorCall call;
        call.arguments = {"-I", headers.string()};
        interface_ = compile_file((headers / GetParam()).string(), call, reporter);
        std::ostringstream messages;
        reporter.print(messages, false);
        ASSERT_NE(interface_, nullptr) << messages.str();
        EXPECT_EQ(interface_->dialect, ir::Dialect::Gnu);

        folder_ =
            fs::temp_directory_path() / ("mig-corpus-" + interface_->name + "-" + std::to_string(getpid()));
        fs::create_directories(folder_ / "theirs");
        fs::create_directories(folder_ / "ours");
        const std::string& name = interface_->name;
        const Outcome made =
            run("cd " + (folder_ / "theirs").string() + " && CC=clang-19 " + oracle + " -D__x86_64__ -user " +
                name + "User.c -server " + name + "Server.c -header " + name + ".h -sheader " + name +
                "_server.h -list ids " + (headers / GetParam()).string());
        ASSERT_EQ(made.status, 0) << made.output;
        for (const GeneratedFile& file : generate_gnu_c(*interface_))
            write(folder_ / "ours" / file.name, file.text);
        write(folder_ / "driver.c", corpus_driver(*interface_, builds("Server")));
        write(folder_ / "renames.h", corpus_renames(*interface_));
    }

    void TearDown() override
    {
        if (!folder_.empty() && !HasFailure())
            fs::remove_all(folder_);
    }

    // Both with every warning a careless compiler would also see as an error.
    Outcome compile(const std::string& whose, const std::string& file, const std::string& flags)
    {
        const std::string includes = " -I" + (folder_ / whose).string() + " -I" + folder_.string() + " -I" +
                                     corpus.string() + " -I" + (corpus / "include").string();
        return run("clang-19 -std=gnu11 -O0 -g0 -c -o " + (folder_ / whose / file).string() + ".o " + flags +
                   includes + " " +
                   (file == "driver" || file == "player"
                        ? (file == "player" ? corpus / "player.c" : folder_ / "driver.c").string()
                        : (folder_ / whose / (interface_->name + file + ".c")).string()));
    }

    bool builds(const std::string& file) const
    {
        const auto found = unbuildable.find(interface_->name);
        return found == unbuildable.end() || !found->second.contains(file);
    }

    std::vector<std::string> play(const std::string& whose, const std::string& flags)
    {
        const std::string renamed = " -include " + (folder_ / "renames.h").string();
        for (const auto& [file, more] : std::map<std::string, std::string>{
                 {"User", flags + renamed}, {"Server", flags}, {"driver", " -w"}, {"player", ""}}) {
            if (!builds(file))
                continue;
            const Outcome outcome = compile(whose, file, more);
            EXPECT_EQ(outcome.status, 0) << whose << ' ' << file << ":\n" << outcome.output;
        }
        const std::string program = (folder_ / whose / "program").string();
        const Outcome linked = run("clang-19 " + (whose == "ours" ? std::string{sanitizers} : "") + " -o " +
                                   program + " " + (folder_ / whose).string() + "/*.o");
        EXPECT_EQ(linked.status, 0) << linked.output;
        const Outcome played = run(program);
        EXPECT_EQ(played.status, 0) << whose << ":\n" << played.output.substr(0, 4000);
        return lines_of(played.output);
    }

    static constexpr const char* sanitizers = " -fsanitize=address,undefined -fno-sanitize-recover=all";
    std::unique_ptr<const ir::Interface> interface_;
    fs::path folder_;
};

TEST_P(MigCorpus, HasTheSameMessageIds)
{
    std::set<std::string> theirs, ours;
    std::ifstream in{folder_ / "theirs" / "ids"};
    for (std::string line; std::getline(in, line);)
        theirs.insert(line);
    for (const auto& routine : interface_->routines) {
        if (routine) {
            ours.insert(interface_->name + ' ' + std::to_string(interface_->base) + ' ' + routine->name +
                        ' ' + std::to_string(routine->id - interface_->base) + ' ' +
                        std::to_string(routine->id) + ' ' +
                        (routine->simple ? "0" : std::to_string(routine->id + ir::reply_id_offset)));
        }
    }
    EXPECT_EQ(theirs, ours);
}

TEST_P(MigCorpus, HasTheSameMessagesByteForByte)
{
    for (const char* file : {"User", "Server"}) {
        if (builds(file))
            continue;
        // Named above, and here is the reason: the compiler's own words, alike for both.
        for (const char* whose : {"theirs", "ours"}) {
            const Outcome outcome = compile(whose, file, " -w");
            EXPECT_NE(outcome.status, 0) << whose << ' ' << file;
            EXPECT_NE(outcome.output.find("static assertion failed"), std::string::npos) << outcome.output;
        }
    }
    if (!builds("User"))
        return;
    const std::vector<std::string> theirs = play("theirs", " -w -ftrivial-auto-var-init=zero");
    const std::vector<std::string> ours = play("ours", std::string{" -Wall -Wextra -Werror"} + sanitizers);
    ASSERT_FALSE(theirs.empty());
    std::string routine;
    for (size_t at = 0; at < std::max(theirs.size(), ours.size()); ++at) {
        ASSERT_LT(at, theirs.size()) << ours[at];
        ASSERT_LT(at, ours.size()) << theirs[at];
        if (!theirs[at].starts_with(' ') && !theirs[at].starts_with('?'))
            routine = theirs[at];
        if (theirs[at].starts_with('?') && theirs[at].ends_with("taken"))
            continue;  // Ours may be stricter.
        ASSERT_EQ(theirs[at], ours[at]) << routine << ", line " << at;
    }
}

// An existing build calls ours with the other's flags, finds the files it expects, and its makefile the rule.
TEST(MigClassic, WritesTheFilesThatTheOtherCompilerWrites)
{
    if (!fs::exists(oracle) || !fs::exists(headers / "mach/exc.defs"))
        GTEST_SKIP() << "Debian's mig-x86-64-gnu and gnumach-dev are not installed";
    const fs::path folder = fs::temp_directory_path() / ("mig-classic-" + std::to_string(getpid()));
    const std::string flags = " -D__x86_64__ -MD -s -sheader S.h -list ids -prefix p_ -subrprefix __ ";
    const std::string file = (headers / "mach/exc.defs").string();
    std::map<std::string, std::set<std::string>> files;
    for (const auto& [whose, program] :
         std::map<std::string, std::string>{{"theirs", oracle}, {"ours", MIG_PROGRAM " --dialect gnu"}}) {
        for (const std::string more : {"all", "-n -i part_ -header H.h"}) {
            const fs::path place = folder / whose / more.substr(0, 2);
            fs::create_directories(place);
            const Outcome made = run("cd " + place.string() + " && CC=clang-19 " + program + flags +
                                     (more == "all" ? "" : more) + " " + file);
            EXPECT_EQ(made.status, 0) << made.output;
            for (const auto& entry : fs::directory_iterator{place})
                files[whose].insert(more.substr(0, 2) + "/" + entry.path().filename().string());
        }
    }
    EXPECT_EQ(files["theirs"], files["ours"]);
    const auto rule_target = [&](const std::string& whose) {
        std::ifstream in{folder / whose / "al" / "exc-mig.d"};
        std::string line;
        std::getline(in, line, ':');
        std::istringstream words{line};
        return std::set<std::string>{std::istream_iterator<std::string>{words}, {}};
    };
    EXPECT_EQ(rule_target("theirs"), rule_target("ours"));
    fs::remove_all(folder);
}

INSTANTIATE_TEST_SUITE_P(Gnumach, MigCorpus,
                         testing::Values("mach/memory_object_default.defs", "mach/mach_port.defs",
                                         "mach/bootstrap.defs", "mach/default_pager_helper.defs",
                                         "mach/memory_object.defs", "mach/experimental.defs", "mach/exc.defs",
                                         "mach/default_pager.defs", "mach/mach_host.defs",
                                         "mach/x86_64/mach_i386.defs", "mach/notify.defs",
                                         "mach/gnumach.defs", "mach/task_notify.defs", "mach/mach4.defs",
                                         "mach/mach.defs", "device/device.defs", "device/device_request.defs",
                                         "device/device_reply.defs", "mach_debug/mach_debug.defs"),
                         [](const auto& info) { return fs::path{info.param}.stem().string(); });

}  // namespace
}  // namespace migc
