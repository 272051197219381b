// bootstrap/host.h: the privileged ports that the kernel hands to the first task, and what is made from them.
//
// Owns        the host's privileged port and the device master port. No other task gets them but by the
//             configuration; those that bootstrap starts do not inherit them.
#ifndef PORTICO_BOOTSTRAP_HOST_H
#define PORTICO_BOOTSTRAP_HOST_H

#include <cstdint>
#include <string>

#include <mach/result.h>
#include <portico/memory.h>
#include <portico/rights.h>

#include "configuration.h"

namespace boot {

struct GrantedRight {
    mach::SendRight right;
    uint64_t value;
};

class Host {
public:
    // Takes the ports out of the registered slots, so that no task inherits them.
    static mach::Result<Host> take();

    mach::Result<GrantedRight> make(const Grant& grant) const;
    mach::Result<std::string> command_line() const;

    // A boot module, mapped to be read, for as long as this task lives.
    mach::Result<std::span<const std::byte>> map_module(uint32_t index) const;

    // A ledger for tasks that are to be ended together, with all that they have made.
    mach::Result<mach::SendRight> make_ledger() const;
    // On success none of its tasks has a port any more, and there will be no other.
    mach::Result<void> end_tasks(const mach::SendRight& ledger) const;

    void log(std::string_view text) const;

private:
    mach::SendRight host_priv_;
    mach::SendRight device_master_;
    mach::SendRight root_ledger_;
};

}  // namespace boot

#endif
