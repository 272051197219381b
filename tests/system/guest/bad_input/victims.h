// tests/system/guest/bad_input/victims.h
//
// One port of every kind that the kernel serves, none of which this program needs to live: a task and a thread that only stand
// there, the host, a clock, a semaphore and so on.
//
// Invariant   (V1) After repair() every name is a send right, to an object of its kind.
#pragma once

#include <array>
#include <span>

#include <mach/mach.h>

namespace guest {

class Victims {
public:
    Victims() { repair(); }
    ~Victims();
    Victims(const Victims&) = delete;
    Victims& operator=(const Victims&) = delete;

    std::span<const mach_port_t> names() const { return names_; }
    void repair();

private:
    enum Kind : size_t {
        Task,
        Thread,
        Host,
        HostPriv,
        Security,
        Clock,
        Semaphore,
        Control,
        Master,
        IoPorts,
        Interrupt,
        Entry,
        Plain,
        kinds
    };

    static void keep_references(mach_port_t name);
    bool make_those_that_are_gone();
    kern_return_t make(size_t kind, mach_port_t& name);

    std::array<mach_port_t, kinds> names_{};
    mach_port_t plain_ = MACH_PORT_NULL, pager_ = MACH_PORT_NULL;  // Their receive rights are ours.
};

}  // namespace guest
