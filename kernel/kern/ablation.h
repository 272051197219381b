// kernel/kern/ablation.h
//
// What can be turned off, each by itself, to see what it is worth: words on the kernel's command line, before "--".  The
// system works without any of them; docs/ipc-fast-path.md has what it costs.
#ifndef PORTICO_KERN_ABLATION_H
#define PORTICO_KERN_ABLATION_H

#include <string_view>

struct Ablation {
    bool hand_off = true;  // "no-hand-off": who is given a message is made ready, and waits for its turn.
    // "no-continuations": who blocks keeps its kernel stack (design D6).  A thread without one takes part in the shortest
    // hand-over, so there is none of those.
    bool continuations = true;
    bool registers = true;  // "no-register-messages": they go the general way.
};

// Fixed before the first thread runs.
const Ablation& ablation();

void ablation_init(std::string_view command_line);

#endif
