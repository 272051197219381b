// kernel/lib/lock_check.cpp: see lib/lock_check.h.
#include <lib/lock_check.h>

#include <lib/assert.h>

#if PORTICO_DEBUG_CHECKS

void lock_check_acquire(LockRank rank, bool same_rank)
{
    LockState& state = machine::lock_state();
    const auto wanted = static_cast<size_t>(rank);
    for (size_t held = state.held.size(); state.total != 0 && held-- > wanted;) {
        if (state.held[held] != 0 && !(same_rank && held == wanted))
            panic("lock order: rank %u wanted while rank %u is held", static_cast<unsigned>(wanted),
                  static_cast<unsigned>(held));
    }
    ++state.held[wanted];
    ++state.total;
}

void lock_check_try_acquired(LockRank rank)
{
    LockState& state = machine::lock_state();
    ++state.held[static_cast<size_t>(rank)];
    ++state.total;
}

void lock_check_release(LockRank rank)
{
    LockState& state = machine::lock_state();
    if (state.held[static_cast<size_t>(rank)] == 0)
        panic("a lock of rank %u is released that is not held", static_cast<unsigned>(rank));
    --state.held[static_cast<size_t>(rank)];
    --state.total;
}

void lock_check_none_held(const char* where)
{
    const LockState& state = machine::lock_state();
    for (size_t rank = 0; state.total != 0 && rank < state.held.size(); ++rank) {
        if (state.held[rank] != 0)
            panic("%s: a lock of rank %u is held", where, static_cast<unsigned>(rank));
    }
}

#endif
