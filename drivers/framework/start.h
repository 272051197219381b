// drivers/framework/start.h: what a driver (or any server) gets from bootstrap.
#ifndef PORTICO_DRIVERS_START_H
#define PORTICO_DRIVERS_START_H

#include <cstdint>

#include <mach/result.h>
#include <portico/rights.h>

namespace driver {

struct NamedRight {
    mach::SendRight right;
    uint64_t value;
};

// A right of this task's list (bootstrap_get_right).
mach::Result<NamedRight> get_right(const char* name);

// The receive right of a service that this task serves (bootstrap_check_in).
mach::Result<mach::ReceiveRight> check_in(const char* name);

}  // namespace driver

#endif
