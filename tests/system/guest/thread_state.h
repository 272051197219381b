// tests/system/guest/thread_state.h
//
// The registers with which a thread of ours begins.
#pragma once

#include <cstdint>

#include <mach/machine/thread_status.h>
#include <portico/start.h>

namespace guest {

// Of a thread that calls entry(argument), a function of one argument that does not return, on a stack that ends at
// `stack_end` (a multiple of 16) and with the storage that __portico_tls_make() has made for it.
template <class Entry, class Argument>
x86_thread_state64_t thread_state(Entry entry, Argument argument, std::uint64_t stack_end,
                                  const ThreadControlBlock* storage)
{
    static_assert(sizeof(Argument) <= sizeof(std::uint64_t));
    x86_thread_state64_t state{};
    state.rip = reinterpret_cast<std::uint64_t>(entry);
    if constexpr (requires { static_cast<std::uint64_t>(argument); })
        state.rdi = static_cast<std::uint64_t>(argument);
    else
        state.rdi = reinterpret_cast<std::uint64_t>(argument);
    state.rsp = stack_end - sizeof(std::uint64_t);  // As after a call.
    state.fs_base = reinterpret_cast<std::uint64_t>(storage);
    return state;
}

}  // namespace guest
