// kernel/lib/lock/up/lock_word.h
//
// The lock word for one processor: interrupts are off in the kernel, so nobody else is there.
// Debug builds remember whether it is held, for assertions and for try_acquire(); others keep no state at all.
#ifndef PORTICO_LIB_LOCK_WORD_H
#define PORTICO_LIB_LOCK_WORD_H

#if PORTICO_DEBUG_CHECKS
class LockWord {
public:
    static constexpr bool for_many_processors = false;

    void acquire() { held_ = true; }
    bool try_acquire() { return !held_ && (held_ = true); }
    void release() { held_ = false; }
    bool is_held() const { return held_; }

private:
    bool held_ = false;
};
#else
class LockWord {
public:
    static constexpr bool for_many_processors = false;

    void acquire() {}
    bool try_acquire() { return true; }
    void release() {}
    bool is_held() const { return true; }
};
#endif

#endif
