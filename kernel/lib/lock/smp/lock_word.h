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
        const uint16_t ticket = next_.fetch_add(1, std::memory_order_relaxed);
        if (serving_.load(std::memory_order_acquire) != ticket) [[unlikely]]
            wait_for(ticket);
    }
    bool try_acquire()
    {
        uint16_t free = serving_.load(std::memory_order_acquire);
        return next_.compare_exchange_strong(free, static_cast<uint16_t>(free + 1), std::memory_order_acquire,
                                             std::memory_order_relaxed);
    }
    void release()
    {
        serving_.store(static_cast<uint16_t>(serving_.load(std::memory_order_relaxed) + 1),
                       std::memory_order_release);
    }
    bool is_held() const
    {
        return next_.load(std::memory_order_relaxed) != serving_.load(std::memory_order_relaxed);
    }

private:
    [[gnu::noinline]] void wait_for(uint16_t ticket)
    {
        while (serving_.load(std::memory_order_acquire) != ticket)
            machine::while_spinning();
    }

    std::atomic<uint16_t> next_ = 0;
    std::atomic<uint16_t> serving_ = 0;
};

#endif
