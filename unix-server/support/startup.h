// unix-server/support/startup.h
//
// What every server of the personality does before it serves: its arguments, its rights, its place in the name service.
#pragma once

#include <cstdint>
#include <mach/result.h>
#include <portico/event_loop.h>
#include <portico/rights.h>
#include <span>
#include <string>
#include <vector>

namespace portico {

// The words of the boot menu that bootstrap passes on (docs/bootstrap.md).
struct ServerOptions {
    uint64_t suspension_seed = 0;    // suspend-seed=N
    std::string terminal = "vt100";  // term=NAME
    std::string rows;                // rows=N
    std::string columns;             // cols=N

    static ServerOptions parse(int argc, char** argv);
    // What process 1 finds in its environment.
    std::vector<std::string> init_environment() const;
};

// A right of this task's list; ends the program if the configuration does not grant it.
mach::SendRight require_right(const char* name);
// A service that this task uses; waits until it is there.
mach::SendRight require_service(const char* name);
// The same without holding up the loop.
mach::Async<mach::Result<mach::SendRight>> look_up_service(mach::EventLoop& loop, std::string name);
// Offers `object` to others.
void offer_service(const char* name, mach::Object& object);

// The bytes of a boot module, which stay mapped; nothing if there is no such module.
std::span<const char> map_module(const char* name);

// Says why, in the system's log, and ends the program: bootstrap decides what follows.
[[noreturn]] void give_up(const std::string& why, kern_return_t code);

}  // namespace portico
