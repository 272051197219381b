// kernel/lib/lock/smp/lock_word.h
//
// The lock word for several processors: a ticket lock, so that nobody starves.
//
// While it spins, a processor answers requests of others (machine::while_spinning), who may be waiting for it with the
// very lock in hand that it wants.
#ifndef PORTICO_LIB_LOCK_WORD_H
#define PORTICO_LIB_LOCK_WORD_H

#include <atomic>
#include <cstdint>

namespace machine {
void while_spinning();  // machine/processor.h
}

class LockWord {
public:
    static constexpr bool for_many_processors = true;

    void acquire()
    {
        if (!try_acquire()) [[unlikely]]
            wait_in_line();
    }
    bool try_acquire()
    {
        uint32_t free = serving_.load(std::memory_order_acquire);
        return next_.compare_exchange_strong(free, free + 1, std::memory_order_acquire,
                                             std::memory_order_relaxed);
    }
    void release()
    {
        serving_.store(serving_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    }
    bool is_held() const
    {
        return next_.load(std::memory_order_relaxed) != serving_.load(std::memory_order_relaxed);
    }

private:
    [[gnu::noinline]] void wait_in_line()
    {
        const uint32_t ticket = next_.fetch_add(1, std::memory_order_relaxed);
        while (serving_.load(std::memory_order_acquire) != ticket)
            machine::while_spinning();
    }

    // Of 32 bits, because then taking a free lock is four instructions, and giving it back is one.
    std::atomic<uint32_t> next_ = 0;
    std::atomic<uint32_t> serving_ = 0;
};

#endif
