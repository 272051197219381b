// tests/system/guest/bad_input/watchdog.h
//
// A second thread that ends every call that waits.  A program that knows no routine cannot know which of them wait; but a wait
// must end at thread_abort(), so that is what every call that lasts gets.  Every call that is tried is announced.
#pragma once

#include <atomic>
#include <cstdint>

#include <mach/mach.h>

namespace guest {

class Watchdog {
public:
    Watchdog();
    ~Watchdog();
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

    void call_begins() { calls_.fetch_add(1); }  // From now on the count is odd.
    // Afterwards no abort is on its way to a call that is none of ours.
    void call_ends();
    uint32_t aborted() const { return aborted_; }

private:
    [[noreturn]] static void run(Watchdog* self);
    void watch();

    std::atomic<uint64_t> calls_ = 0;
    std::atomic<uint32_t> aborted_ = 0;
    std::atomic<bool> aborting_ = false, over_ = false, gone_ = false;
    mach_port_t watched_, thread_ = MACH_PORT_NULL;
    vm_address_t stack_ = 0;
};

}  // namespace guest
