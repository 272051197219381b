// kernel/kern/immortal.h
//
// A static object that is never destroyed.  The kernel does not end; a test program of the kernel core does, with threads
// that still wait and rights that are still held.
#ifndef PORTICO_KERN_IMMORTAL_H
#define PORTICO_KERN_IMMORTAL_H

#include <utility>

template <class T>
union Immortal {
    template <class... Args>
    constexpr Immortal(Args&&... args) : value{std::forward<Args>(args)...}
    {
    }
    constexpr ~Immortal() {}

    T& operator*() { return value; }
    T* operator->() { return &value; }

    T value;
};

#endif
