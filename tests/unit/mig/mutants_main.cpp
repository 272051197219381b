// tests/unit/mig/mutants_main.cpp
//
//   mig_mutants [--mutants N] [--slice K/M] [--record FILE] FILE.defs...
//
// Tries the K-th of M equal parts of N mutants of the files, and adds one line for it to the record; a part that is in the record
// already is not tried again, so a campaign that was broken off goes on where it was.  Without --slice all parts are tried.
#include "driver/preprocess.h"
#include "mutants.h"

#include <cstring>
#include <fstream>
#include <iostream>

namespace migc {

namespace {

struct Campaign {
    uint64_t mutants = 100000;
    unsigned first = 1, last = 100, parts = 100;
    std::string record;
    std::vector<std::string> files;
};

Campaign read(int argc, char** argv)
{
    Campaign campaign;
    for (int at = 1; at < argc; ++at) {
        const std::string word = argv[at];
        if (word == "--mutants" && at + 1 < argc) {
            campaign.mutants = std::stoull(argv[++at]);
        } else if (word == "--record" && at + 1 < argc) {
            campaign.record = argv[++at];
        } else if (word == "--slice" && at + 1 < argc) {
            const std::string slice = argv[++at];
            campaign.first = campaign.last = static_cast<unsigned>(std::stoul(slice));
            campaign.parts = static_cast<unsigned>(std::stoul(slice.substr(slice.find('/') + 1)));
        } else {
            campaign.files.push_back(word);
        }
    }
    return campaign;
}

bool is_recorded(const Campaign& campaign, const std::string& slice)
{
    std::ifstream in{campaign.record};
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with(slice + " "))
            return true;
    }
    return false;
}

bool try_slice(const Campaign& campaign, const Mutants& mutants, unsigned number)
{
    const std::string slice = std::to_string(number) + "/" + std::to_string(campaign.parts);
    if (!campaign.record.empty() && is_recorded(campaign, slice))
        return true;
    const uint64_t first = campaign.mutants * (number - 1) / campaign.parts;
    const uint64_t end = campaign.mutants * number / campaign.parts;
    const Tally tally = try_mutants(mutants, first, end);
    std::string line = slice + " mutants " + std::to_string(end - first) + " accepted " +
                       std::to_string(tally.accepted) + " rejected " + std::to_string(tally.rejected) +
                       " theirs crashed " + std::to_string(tally.crashes_of_the_other);
    for (const auto& [reason, count] : tally.explained)
        line += " " + reason + ": " + std::to_string(count);
    line += " unexplained " + std::to_string(tally.unexplained.size());
    std::cout << line << std::endl;
    for (const std::string& each : tally.unexplained)
        std::cout << "  " << each << std::endl;
    if (!campaign.record.empty() && tally.unexplained.empty())
        std::ofstream{campaign.record, std::ios::app} << line << '\n';
    return tally.unexplained.empty();
}

int run(const Campaign& campaign)
{
    std::vector<std::string> texts;
    for (const std::string& file : campaign.files) {
        Reporter reporter;
        PreprocessorCall call;
        call.arguments = {"-P"};
        const std::optional<std::string> text = preprocess(file, call, reporter);
        if (!text)
            return 2;
        texts.push_back(*text);
    }
    if (texts.empty() || !OtherCompiler::is_installed()) {
        std::cerr << "mig_mutants: no files, or Debian's mig-x86-64-gnu is not installed\n";
        return 2;
    }
    const Mutants mutants{texts};
    bool well = true;
    for (unsigned slice = campaign.first; slice <= std::min(campaign.last, campaign.parts); ++slice)
        well = try_slice(campaign, mutants, slice) && well;
    return well ? 0 : 1;
}

}  // namespace

}  // namespace migc

int main(int argc, char** argv) { return migc::run(migc::read(argc, argv)); }
