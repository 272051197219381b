// tests/system/harness/script_comparisons.cpp
//
// Scripts whose standard output, standard error and status must equal those of the build machine's dash and busybox, and
// busybox's own testsuite, of which what passes there must pass in the guest.  tests/posix/compare_scripts.py and
// compare_busybox.py run them, many in one boot.
#include "paths.h"
#include "remote_suite.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>

namespace portico::harness {

void register_script_comparisons();

namespace {

// The campaign has 20,000 generated scripts; ./check takes one of its hundred slices (--slice 0/100).
constexpr int campaign_size = 20'000;
constexpr int slices = 100;
constexpr int generated_limit_s = 240;
constexpr int tour_limit_s = 180;
constexpr int busybox_limit_s = 400;

// What differs between one comparison and the next; the suite's name tells it.
struct Variant {
    const char* suffix;
    std::vector<std::string> arguments;
};

std::vector<std::string> compare_command(const char* program, const std::string& suite,
                                         const Variant& variant, int limit_s)
{
    std::vector<std::string> command{"/usr/bin/python3",
                                     "-B",
                                     source_folder() + "/tests/posix/" + program,
                                     "--build-folder",
                                     build_folder(),
                                     "--suite",
                                     suite,
                                     "--time-limit",
                                     std::to_string(limit_s),
                                     "--log",
                                     build_folder() + "/logs/" + suite + ".log"};
    command.insert(command.end(), variant.arguments.begin(), variant.arguments.end());
    return command;
}

void register_tour(const Variant& variant)
{
    const std::string suite = std::string{"Tour"} + variant.suffix;
    std::vector<std::string> command = compare_command("compare_scripts.py", suite, variant, tour_limit_s);
    command.push_back(source_folder() + "/tests/system/scripts/tour.sh");
    register_suite({{suite + ".tour"}, std::move(command), std::chrono::seconds{tour_limit_s + 60}});
}

void register_generated(const Variant& variant)
{
    const std::string suite = std::string{"Generated"} + variant.suffix;
    std::vector<std::string> command =
        compare_command("compare_scripts.py", suite, variant, generated_limit_s);
    command.insert(command.end(),
                   {"--generated", "--count", std::to_string(campaign_size), "--slice", "0/100"});
    std::vector<std::string> names;
    for (int seed = 0; seed < campaign_size; seed += slices) {
        char number[16];
        std::snprintf(number, sizeof number, "%05d", seed);
        names.push_back(suite + ".seed_" + number);
    }
    register_suite({std::move(names), std::move(command), std::chrono::seconds{generated_limit_s + 120}});
}

// The applets that are built and that the testsuite has tests for.  Those whose tests start thousands of processes, or
// compute for minutes, are left to the campaign.
std::vector<std::string> busybox_applets()
{
    static const std::set<std::string> campaign_only{"bc",        "md5sum",  "sha1sum",
                                                     "sha256sum", "sha3sum", "sha512sum"};
    const std::string part = build_folder() + "/third-party/busybox-host";
    std::ifstream built{part + "/applets"};
    std::vector<std::string> applets;
    for (std::string applet; built >> applet;) {
        const std::string tests = part + "/testsuite/" + applet;
        if (!campaign_only.contains(applet) &&
            (std::filesystem::is_regular_file(tests + ".tests") || std::filesystem::is_directory(tests)))
            applets.push_back(applet);
    }
    return applets;
}

void register_busybox(const Variant& variant)
{
    const std::string suite = std::string{"Busybox"} + variant.suffix;
    const std::vector<std::string> applets = busybox_applets();
    std::vector<std::string> names;
    for (const std::string& applet : applets)
        names.push_back(suite + "." + applet);
    std::vector<std::string> command = compare_command("compare_busybox.py", suite, variant, busybox_limit_s);
    command.insert(command.end(), applets.begin(), applets.end());
    register_suite({std::move(names), std::move(command), std::chrono::seconds{busybox_limit_s + 120}});
}

}  // namespace

void register_script_comparisons()
{
    const Variant single{"Single", {"--wiring", "single"}};
    const Variant multi{"Multi", {"--wiring", "multi"}};
    const Variant suspended{"Suspended", {"--wiring", "single", "--append", "suspend-seed=1"}};
    for (const Variant& variant : {single, multi, suspended}) {
        register_tour(variant);
        register_generated(variant);
    }
    register_busybox(single);
    register_tour({"IsoBios", {"--iso"}});
    register_tour({"IsoUefi", {"--uefi"}});
}

}  // namespace portico::harness
