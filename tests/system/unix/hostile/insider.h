// tests/system/unix/hostile/insider.h
//
// The ports that services, drivers and bootstrap have at each other, in the hands of a process that should have none of them: by
// the port of bootstrap's task, which first_task.cpp gives, it looks into the space of everything that bootstrap started.
//
// Owns        rights to those tasks, for as long as it lives.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <mach/mach.h>

namespace hostile {

inline constexpr uint32_t insider_slot = 2;  // Of the registered ports; the first two are a process's own.

class Insider {
public:
    // In a program that was not booted so, this ends the process.
    Insider();
    ~Insider();
    Insider(const Insider&) = delete;
    Insider& operator=(const Insider&) = delete;

    // A service by the name that bootstrap knows it by; null if nobody serves it in this wiring.  The right is the caller's.
    mach_port_t service(const char* name) const;

    // The port that a task has at bootstrap, one for each.  The rights are the caller's.
    std::vector<mach_port_t> clients_of_bootstrap() const;

    // Names of receive rights, by the task that has them.
    using Names = std::vector<std::vector<mach_port_name_t>>;
    Names receive_rights() const;

    // Among the ports that somebody has rights to and that are not `known`, the first that `serves` wants, of whichever task.  What
    // is new is known afterwards.  The right is the caller's; null if there is none.
    mach_port_t new_port(Names& known, const std::function<bool(mach_port_t)>& serves) const;

private:
    std::vector<mach_port_t> tasks_;
};

}  // namespace hostile
