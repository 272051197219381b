// kernel/arch/host/include/lock_word.h
//
// The lock word of the simulated machine: each acquisition and each release is a point where the seeded scheduler may go
// on with another processor (design D8).
#ifndef PORTICO_LIB_LOCK_WORD_H
#define PORTICO_LIB_LOCK_WORD_H

#include <atomic>

namespace machine {

void while_spinning();

namespace host {
void interleave();  // arch/host/interleave.cpp
}

}  // namespace machine

class LockWord {
public:
    static constexpr bool for_many_processors = true;

    void acquire()
    {
        machine::host::interleave();
        while (held_.exchange(true, std::memory_order_acquire))
            machine::while_spinning();
    }
    bool try_acquire()
    {
        machine::host::interleave();
        return !held_.exchange(true, std::memory_order_acquire);
    }
    void release()
    {
        held_.store(false, std::memory_order_release);
        machine::host::interleave();
    }
    bool is_held() const { return held_.load(std::memory_order_relaxed); }

private:
    std::atomic<bool> held_ = false;
};

#endif
