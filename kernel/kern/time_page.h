// kernel/kern/time_page.h
//
// The page from which every task reads the time without a call (mach_time_page_t in mach/clock_types.h).
//
// Owns        the page, and a send right to its memory entry: so both stay for ever.
// Lock        none: the page is written before anybody can map it.
#ifndef PORTICO_KERN_TIME_PAGE_H
#define PORTICO_KERN_TIME_PAGE_H

#include <ipc/ipc_right.h>
#include <mach/result.h>

class TimePage {
public:
    [[nodiscard]] mach::Result<void> start();
    // A right to map the page, to be read only.
    [[nodiscard]] SendRight right() const { return right_.copy(); }

private:
    SendRight right_;
};

TimePage& the_time_page();  // kern/host.cpp

#endif
