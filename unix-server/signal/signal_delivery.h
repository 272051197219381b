// unix-server/signal/signal_delivery.h
//
// Making a thread take a signal: the machine side of docs/signals.md.  Only registers are touched, never memory.
#pragma once

#include <mach/result.h>

#include "../process/process.h"

namespace portico {

// The thread of `process` will take its pending signals: by a redirection to libc's trampoline, or by the end of its wait
// in the message trap.  Nothing happens if it has been told already.
void announce_signal(Process& process);

// The same for a thread that waits for the reply to an exception.
void redirect_to_signal(Process& process);

}  // namespace portico
