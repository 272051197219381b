// kernel/kern/ablation.cpp

#include <kern/ablation.h>

#include <algorithm>
#include <array>

#include <lib/print.h>
#include <machine/hand_off.h>

namespace {

struct Switch {
    std::string_view word;
    bool Ablation::* what;
};
constexpr std::array switches{Switch{"no-hand-off", &Ablation::hand_off},
                              Switch{"no-continuations", &Ablation::continuations},
                              Switch{"no-register-messages", &Ablation::registers}};

Ablation the_ablation;

void take_word(std::string_view word)
{
    for (const Switch& each : switches) {
        if (each.word != word)
            continue;
        the_ablation.*each.what = false;
        kprint("kernel: %s\n", each.word.data());
    }
}

}  // namespace

const Ablation& ablation() { return the_ablation; }

void ablation_init(std::string_view line)
{
    while (!line.empty()) {
        const size_t end = std::min(line.find(' '), line.size());
        const std::string_view word = line.substr(0, end);
        line.remove_prefix(std::min(end + 1, line.size()));
        if (word == "--")
            break;
        take_word(word);
    }
    const bool shortest = the_ablation.hand_off && the_ablation.continuations;
    machine::use_shortest_ways({.messages = shortest, .registers = shortest && the_ablation.registers});
}
