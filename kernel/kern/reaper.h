// kernel/kern/reaper.h
//
// Destruction without recursion (design D10).  What users can chain (ports in messages in ports, shadow chains, spaces,
// tasks) is never destroyed from its last reference's release: it is put on this list, and the list is worked off
// iteratively, without locks, in steps: by the reaper thread, and by whoever passes a preemption point.
//
// Lock        LockRank::Reaper, innermost but for the console: anyone may put something here under any lock.
// Invariants  (R1) An object on the list has no references: nobody but the reaper looks at it any more.
#ifndef PORTICO_KERN_REAPER_H
#define PORTICO_KERN_REAPER_H

#include <cstddef>

#include <boost/intrusive/slist.hpp>

class Thread;

class Reapable
    : public boost::intrusive::slist_base_hook<boost::intrusive::link_mode<boost::intrusive::normal_link>> {
public:
    enum class Step : bool {
        Done,  // The object has gone.
        More,  // Put it at the list's end again: there is more to destroy.
    };
    // Does a bounded part of the object's destruction, with no lock held; may block without a continuation.
    virtual Step reap() = 0;

protected:
    Reapable() = default;
    ~Reapable() = default;
    Reapable(const Reapable&) = delete;
    Reapable& operator=(const Reapable&) = delete;
};

void reaper_enqueue(Reapable& object);

// Takes at most `steps` steps; true if the list is empty afterwards.  Called with no lock held.
bool reaper_drain(size_t steps);
// True if something waits to be reaped: a hint.
bool reaper_has_work();
// True if, besides, nobody is in the middle of a step.
bool reaper_idle();
// Wakes the reaper thread if there is work for it.  With no lock held: on the way to user mode, in the idle loop.
void reaper_kick();

void reaper_start();  // Start-up: makes the reaper thread.

#endif
