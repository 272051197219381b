// kernel/lib/lock_check.h
//
// The rank checker: which spin locks this processor holds, and whether one more may be taken now.
//
// Owns        a LockState for each processor (each thread, in arch/host): machine::lock_state() finds it.  Spin locks are
//             never held across a switch, so the record need not follow the thread.
// Mutexes check their ranks in kern/mutex.cpp: they are held across switches.
#ifndef PORTICO_LIB_LOCK_CHECK_H
#define PORTICO_LIB_LOCK_CHECK_H

#include <array>
#include <cstdint>

#include <lib/lock_rank.h>

struct LockState {
    std::array<uint8_t, static_cast<size_t>(LockRank::Count)> held{};  // How many of each rank.
    unsigned total = 0;
};

namespace machine {
LockState& lock_state();  // machine/processor.h
}

#if PORTICO_DEBUG_CHECKS
// Panics if a lock of a later rank, or of this one unless `same_rank`, is held.
void lock_check_acquire(LockRank rank, bool same_rank);
void lock_check_try_acquired(LockRank rank);
void lock_check_release(LockRank rank);
// Panics if a spin lock is held: wherever a thread may stop running.
void lock_check_none_held(const char* where);
#else
inline void lock_check_acquire(LockRank, bool) {}
inline void lock_check_try_acquired(LockRank) {}
inline void lock_check_release(LockRank) {}
inline void lock_check_none_held(const char*) {}
#endif

#endif
